/**
 * Keeps the issuer's keys: reads them when first needed, again shortly before they expire or when a
 * token names an unknown key, and keeps them through an outage for a bounded time. However many
 * tokens arrive, only one read is under way, and a failed or fruitless one is not repeated before
 * its cooldown.
 *
 * Fails closed: without keys that are young enough, no token is accepted.
 */
import { type Keys, toUsableKeys } from './usable-keys.ts';

export interface KeySetOptions {
  /** Reads the set's text; rejects on failure. */
  readonly read: () => Promise<string>;
  readonly algorithms: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Receives the reason why a read failed or a key was left out. */
  readonly report: (problem: string) => void;
  /** How often a set is read and how long it is kept; defaults to the pace of a URL. */
  readonly pace?: KeySetPace;
}

export interface KeySet {
  /** The keys, if no read has to be awaited; starts a read if they will soon expire. */
  fresh(): Keys | undefined;
  /** The keys that tokens are checked with now, whether fresh or kept through an outage. */
  latest(): Keys | undefined;
  /** The keys, after a read if they have expired; undefined if there are none to trust. */
  current(): Promise<Keys | undefined>;
  /** As `current`, after a token named an unknown key; reads at most once per cooldown. */
  renew(): Promise<Keys | undefined>;
}

/** Age at which keys are read again before any token is accepted. */
export const keysFreshMs = 600_000;
/** Age at which keys in use are read again, so that no caller waits for a slow issuer. */
export const keysAheadMs = 540_000;
/** How long after that age keys remain in use while the issuer cannot be read. */
export const keysStaleMs = 3_600_000;
/** Least time between reads after a failed one, while older keys are in use. */
export const keysCooldownMs = 30_000;
/** Least time between reads for unknown keys. */
const keysRenewMs = 5_000;
/** Least time between reads while there are no keys at all. */
export const keysRetryMs = 1000;

export interface KeySetPace {
  /** Age at which keys are read again while still in use. */
  readonly aheadMs: number;
  /** Age at which keys are read again before any token is accepted. */
  readonly freshMs: number;
  /** How long after that age keys remain in use while they cannot be read. */
  readonly staleMs: number;
  /** Least time between reads after a failed one, while older keys are in use. */
  readonly cooldownMs: number;
  /** Least time between reads for unknown keys. */
  readonly renewMs: number;
  /** Whether a read may hang, so that no caller should wait for one that is likely to fail. */
  readonly mayHang: boolean;
}

const urlPace: KeySetPace = {
  aheadMs: keysAheadMs,
  freshMs: keysFreshMs,
  staleMs: keysStaleMs,
  cooldownMs: keysCooldownMs,
  renewMs: keysRenewMs,
  mayHang: true,
};
/** A file is checked often; while it is invalid, the last good keys stay in use. */
export const keyFilePace: KeySetPace = {
  aheadMs: Infinity,
  freshMs: 5000,
  staleMs: Infinity,
  cooldownMs: 5000,
  renewMs: 1000,
  mayHang: false,
};

/** A key set into which nothing has been read yet. */
export function createKeySet(options: KeySetOptions): KeySet {
  const { now, pace = urlPace } = options;
  let held: { text: string; keys: Keys; readAtMs: number } | undefined;
  let lastFailure: string | undefined;
  let triedAtMs: number | undefined;
  let pending: Promise<void> | undefined;

  const ageMs = (): number => {
    if (held === undefined) return Infinity;
    const nowMs = now();
    // After the clock was set back their age is unknown: they are read again, and kept no longer
    // than in an outage that begins now.
    if (nowMs < held.readAtMs) held.readAtMs = nowMs - pace.freshMs;
    return nowMs - held.readAtMs;
  };
  const young = (limitMs: number): Keys | undefined =>
    held && held.keys.count > 0 && ageMs() < limitMs ? held.keys : undefined;
  const fresh = (): Keys | undefined => {
    const keys = young(pace.freshMs);
    if (keys !== undefined && young(pace.aheadMs) === undefined) void reload(pace.cooldownMs);
    return keys;
  };
  const latest = (): Keys | undefined => young(pace.freshMs + pace.staleMs);

  async function load(startedAtMs: number): Promise<void> {
    try {
      const text = await options.read();
      if (held?.text !== text) await take(text);
      if (held) held.readAtMs = startedAtMs;
      lastFailure = undefined;
    } catch (error) {
      // Once per failure, not once per read.
      const failure = describe(error);
      if (failure !== lastFailure) options.report(failure);
      lastFailure = failure;
    }
  }

  async function take(text: string): Promise<void> {
    const { keys, dropped } = await toUsableKeys(text, options.algorithms);
    for (const flaw of dropped) options.report(flaw);
    if (keys.count === 0) options.report('no usable key');
    // Equal keys stay the same object: tokens that they verified need not be verified again.
    held = { text, readAtMs: 0, keys: held?.keys.print === keys.print ? held.keys : keys };
  }

  function reload(pauseMs: number): Promise<void> {
    if (pending) return pending;
    const sinceMs = triedAtMs === undefined ? Infinity : now() - triedAtMs;
    // Setting the clock back must not lengthen the pause: a negative span counts as elapsed.
    if (sinceMs >= 0 && sinceMs < pauseMs) return Promise.resolve();
    triedAtMs = now();
    pending = load(triedAtMs).finally(() => {
      pending = undefined;
    });
    return pending;
  }

  /** Whether the last read failed, and the next may hang. */
  const isDoubtful = (): boolean => pace.mayHang && lastFailure !== undefined;

  /** With keys in use, no caller waits for an attempt in a known outage. */
  async function tryAgain(pauseMs: number): Promise<void> {
    const trial = reload(pauseMs);
    if (!isDoubtful()) await trial;
  }

  /** Without keys, the caller that starts such an attempt waits for it, and no other. */
  async function tryForFirst(pauseMs: number): Promise<void> {
    if (pending === undefined || !isDoubtful()) await reload(pauseMs);
  }

  return {
    fresh,
    latest,
    async current() {
      if (fresh()) return latest();
      if (latest()) await tryAgain(pace.cooldownMs);
      else await tryForFirst(keysRetryMs);
      return latest();
    },
    async renew() {
      await tryAgain(pace.renewMs);
      return latest();
    },
  };
}

/** If a connection to several addresses is refused, only the error's code has the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return error.message || code;
}

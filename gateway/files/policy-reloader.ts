/**
 * Keeps the policies in use and takes up new ones: when their files change, or at once when asked.
 * A set that does not load keeps the old one, and says so, once per complaint. What it did not load
 * for may lie outside of the policies (a list of networks, a schema): it is tried again, after a
 * while by itself and at once when asked.
 *
 * A request that has begun goes on with what it began with; nothing here touches it.
 */
export interface PolicyChange {
  readonly kind: 'reloaded' | 'failed';
  /** Digest that was in use before; that of `to` where a bad set was taken back. */
  readonly from: string;
  /** Digest of the files as they are now; undefined where they cannot be read. */
  readonly to: string | undefined;
  /** What was wrong, one line each. */
  readonly problems: readonly string[];
  /** What an operator should know of policies that were taken up, one line each. */
  readonly notes?: readonly string[] | undefined;
}

export interface PolicyReloaderOptions<T> {
  readonly initial: { readonly digest: string; readonly value: T };
  /** Identity of the files as they are now. */
  readonly digest: () => Promise<string>;
  /** Loads and compiles everything; rejects where it does not fit. */
  readonly load: () => Promise<{
    readonly digest: string;
    readonly value: T;
    readonly notes?: readonly string[];
  }>;
  /** What is replaced is handed back, to be closed when nothing uses it any more. */
  readonly retire: (old: T) => void;
  readonly report: (change: PolicyChange) => void;
  /** How often to look, in milliseconds. */
  readonly everyMs: number;
  /** After so many looks a set that did not load is tried again, as loading costs; 30 unless told. */
  readonly looksPerRetry?: number;
  /** Runs something again and again until it is stopped; default: a timer that holds nothing up. */
  readonly every?: (everyMs: number, run: () => void) => () => void;
}

export interface PolicyReloader<T> {
  current(): T;
  /** Whether the files, when they were last looked at, were not what is in force. */
  isStale(): boolean;
  /**
   * Looks now, and again if the files changed while it looked. What did not load is tried anew, and
   * complained of anew. Never rejects.
   */
  look(): Promise<void>;
  close(): void;
}

export function createPolicyReloader<T>(options: PolicyReloaderOptions<T>): PolicyReloader<T> {
  const { looksPerRetry = 30 } = options;
  let { digest, value } = options.initial;
  /** Digest of the files that did not load; undefined where they could not be read, or did. */
  let failed: string | undefined;
  /** What was complained of last. */
  let complaint: string | undefined;
  let looksLeft = 0;
  let looking: Promise<void> | undefined;
  let again = false;
  let isAsked = false;
  let closed = false;

  /** What was bad was taken back before it was mended. */
  function asTheyWere(wasBad: boolean): void {
    failed = complaint = undefined;
    if (wasBad) options.report({ kind: 'reloaded', from: digest, to: digest, problems: [] });
  }

  async function lookOnce(): Promise<void> {
    let found: string | undefined;
    const wasBad = complaint !== undefined;
    if (isAsked) failed = complaint = undefined;
    isAsked = false;
    try {
      found = await options.digest();
      if (closed) return;
      if (found === digest) {
        asTheyWere(wasBad);
        return;
      }
      looksLeft -= 1;
      if (found === failed && looksLeft > 0) return;
      const loaded = await options.load();
      if (closed) {
        options.retire(loaded.value);
        return;
      }
      const old = value;
      const from = digest;
      ({ digest, value } = loaded);
      failed = complaint = undefined;
      const { notes } = loaded;
      options.report({ kind: 'reloaded', from, to: digest, problems: [], ...(notes && { notes }) });
      options.retire(old);
    } catch (error) {
      const problems = (error instanceof Error ? error.message : String(error)).split('\n');
      failed = found;
      looksLeft = looksPerRetry;
      const about = [found, ...problems].join('\n');
      if (about === complaint) return;
      complaint = about;
      options.report({ kind: 'failed', from: digest, to: found, problems });
    }
  }

  async function run(): Promise<void> {
    do {
      again = false;
      await lookOnce();
    } while (again && !closed);
    looking = undefined;
  }

  const lookSometime = (): Promise<void> => {
    if (looking !== undefined) again = true;
    else looking = run();
    return looking ?? Promise.resolve();
  };
  const stop = (options.every ?? everyInBackground)(options.everyMs, () => void lookSometime());
  return {
    current: () => value,
    isStale: () => complaint !== undefined,
    look() {
      isAsked = true;
      return lookSometime();
    },
    close() {
      closed = true;
      stop();
    },
  };
}

function everyInBackground(everyMs: number, run: () => void): () => void {
  const timer = setInterval(run, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

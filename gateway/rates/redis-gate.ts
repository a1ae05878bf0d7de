/**
 * Stands before every call to Redis and bounds it: a deadline for each, so many under way, and a
 * server that only lets calls time out is asked by one call at a time until it answers again.
 * Whatever goes wrong becomes a value; no text of an error passes, it could hold an address.
 */

/** Why a call has no answer: `timeout`, `overload`, `connection`, or Redis's own error code. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** What the store tells its operator when it is lost and when it is back. */
export type StoreState = { readonly up: true } | { readonly up: false; readonly why: string };

export interface GateOptions {
  readonly timeoutMs: number;
  /** Calls under way; more are not sent. */
  readonly callsMax: number;
  readonly report: (state: StoreState) => void;
  /** Milliseconds from any start, monotonic. */
  readonly now?: () => number;
}

export interface Gate {
  /** Calls `send` unless too much is under way; settles within the deadline and never rejects. */
  run<T>(send: () => Promise<T>): Promise<Answer<T>>;
}

/** Timeouts in a row after which one call at a time is let through. */
const timeoutsUntilProbing = 20;
/** Failures in a row after which the store is reported lost; single ones are not worth a line. */
const failuresUntilReport = 3;
/**
 * Without a failure for so long it is back: one that cannot write still answers who is refused anyway,
 * and would be lost and found with every few calls.
 */
const calmMs = 1_000;

export function createGate(options: GateOptions): Gate {
  let underWay = 0;
  let timeouts = 0;
  let failures = 0;
  let firstWhy = '';
  /** What was told last, where it is that the store is lost. */
  let toldWhy: string | undefined;
  let failedMs = Number.NEGATIVE_INFINITY;
  const { report, now = () => performance.now() } = options;
  const tellLost = (why: string): void => {
    toldWhy = why;
    report({ up: false, why });
  };

  const settle = <T>(answer: Answer<T>): Answer<T> => {
    if (answer.ok) {
      timeouts = 0;
      failures = 0;
      if (toldWhy === undefined || now() - failedMs < calmMs) return answer;
      toldWhy = undefined;
      report({ up: true });
      return answer;
    }
    timeouts = answer.why === 'timeout' ? timeouts + 1 : 0;
    failures += 1;
    failedMs = now();
    // What came first is the cause; a connection given up for it is not.
    if (failures === 1) firstWhy = answer.why;
    if (toldWhy === undefined) {
      if (failures >= failuresUntilReport) tellLost(firstWhy);
    } else if (toldWhy === 'connection' && isCode(answer.why)) {
      // Why it does not come back, a password that was changed: told once, and after the loss.
      tellLost(answer.why);
    }
    return answer;
  };

  return {
    run: async (send) => {
      const most = timeouts >= timeoutsUntilProbing ? 1 : options.callsMax;
      if (underWay >= most) return { ok: false, why: 'overload' };
      underWay += 1;
      const answer = send().then(
        (value) => ({ ok: true as const, value }),
        (error: unknown) => ({ ok: false as const, why: codeOf(error) }),
      );
      const free = () => {
        underWay -= 1;
      };
      void answer.then(free);
      return settle(await within(options.timeoutMs, answer));
    },
  };
}

/** What has arrived by the deadline is heard first, also where the process stood still until then. */
function within<T>(timeoutMs: number, answer: Promise<Answer<T>>): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const late = () => resolve({ ok: false, why: 'timeout' });
    const timer = setTimeout(() => setImmediate(late), timeoutMs);
    void answer.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

/** Whether Redis said it. */
const isCode = (why: string): boolean => /^[A-Z]/.test(why);

/** Redis's error code, also where Redis 6 wraps it in the words of a failed script. */
export function codeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (message === 'Command timed out') return 'timeout';
  const [, code] = /^([A-Z]{2,20})(?: |$)/.exec(message) ?? [];
  const [, inner] = /: -([A-Z]{2,20}) /.exec(message) ?? [];
  return (code === 'ERR' ? inner : undefined) ?? code ?? 'connection';
}

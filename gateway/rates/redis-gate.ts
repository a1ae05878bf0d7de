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
}

export interface Gate {
  /** Calls `send` unless too much is under way; settles within the deadline and never rejects. */
  run<T>(send: () => Promise<T>): Promise<Answer<T>>;
}

/** Timeouts in a row after which one call at a time is let through. */
const timeoutsUntilProbing = 20;
/** Failures in a row after which the store is reported lost; single ones are not worth a line. */
const failuresUntilReport = 3;

export function createGate(options: GateOptions): Gate {
  let underWay = 0;
  let timeouts = 0;
  let failures = 0;
  let firstWhy = '';

  const settle = <T>(answer: Answer<T>): Answer<T> => {
    if (answer.ok) {
      if (failures >= failuresUntilReport) options.report({ up: true });
      timeouts = 0;
      failures = 0;
      return answer;
    }
    timeouts = answer.why === 'timeout' ? timeouts + 1 : 0;
    failures += 1;
    // What came first is the cause; a connection given up for it is not.
    if (failures === 1) firstWhy = answer.why;
    if (failures === failuresUntilReport) options.report({ up: false, why: firstWhy });
    // Why it does not come back, a password that was changed: told once, and after the loss.
    else if (failures > failuresUntilReport && firstWhy === 'connection' && isCode(answer.why)) {
      firstWhy = answer.why;
      options.report({ up: false, why: firstWhy });
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

/**
 * Guards every call to Redis: bounds its time and the number in flight, and sends one call at a
 * time to a server that keeps timing out, until it answers again. Failures become values without
 * their error texts, which could hold an address.
 */

/** Why a call has no answer: `timeout`, `overload`, `connection`, or Redis's own error code. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** What the store reports to its operator when it is lost and when it is back. */
export type StoreState = { readonly up: true } | { readonly up: false; readonly why: string };

export interface GateOptions {
  readonly timeoutMs: number;
  /** Most calls in flight; further ones are not sent. */
  readonly callsMax: number;
  readonly report: (state: StoreState) => void;
  /** Milliseconds from any start, monotonic. */
  readonly now?: () => number;
}

export interface Gate {
  /** Calls `send` unless too many are in flight; settles within the deadline and never rejects. */
  run<T>(send: () => Promise<T>): Promise<Answer<T>>;
}

/** Consecutive timeouts after which one call at a time is sent. */
const timeoutsUntilProbing = 20;
/**
 * Consecutive failures after which the store is reported lost; single ones are not worth a line.
 */
const failuresUntilReport = 3;
/**
 * Time without a failure after which the store counts as back: one that cannot write still answers
 * refusals, and would be reported lost and found every few calls.
 */
const calmMs = 1_000;

export function createGate(options: GateOptions): Gate {
  let underWay = 0;
  let timeouts = 0;
  let failures = 0;
  let firstWhy = '';
  /** The reason last reported, while the store is lost. */
  let reportedWhy: string | undefined;
  let failedMs = Number.NEGATIVE_INFINITY;
  const { report, now = () => performance.now() } = options;
  const tellLost = (why: string): void => {
    reportedWhy = why;
    report({ up: false, why });
  };

  const settle = <T>(answer: Answer<T>): Answer<T> => {
    if (answer.ok) {
      timeouts = 0;
      failures = 0;
      if (reportedWhy === undefined || now() - failedMs < calmMs) return answer;
      reportedWhy = undefined;
      report({ up: true });
      return answer;
    }
    timeouts = answer.why === 'timeout' ? timeouts + 1 : 0;
    failures += 1;
    failedMs = now();
    // The first failure is the cause; a connection closed because of it is not.
    if (failures === 1) firstWhy = answer.why;
    if (reportedWhy === undefined) {
      if (failures >= failuresUntilReport) tellLost(firstWhy);
    } else if (reportedWhy === 'connection' && isCode(answer.why)) {
      // Why it does not come back, such as a changed password: reported once, after the loss.
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

/**
 * An answer that has arrived by the deadline counts, even if the process was blocked until then.
 */
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

/** Whether it is an error code of Redis. */
const isCode = (why: string): boolean => /^[A-Z]/.test(why);

/** Redis's error code, also if Redis 6 wraps it in the message of a failed script. */
export function codeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (message === 'Command timed out') return 'timeout';
  const [, code] = /^([A-Z]{2,20})(?: |$)/.exec(message) ?? [];
  const [, inner] = /: -([A-Z]{2,20}) /.exec(message) ?? [];
  return (code === 'ERR' ? inner : undefined) ?? code ?? 'connection';
}

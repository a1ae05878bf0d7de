/**
 * Counts failures in a row and says how long to wait after each: exponential back-off with jitter,
 * or longer if the collector asks for it. Notices the first, second, fourth and so on, and
 * recovery.
 */
import type { ForwarderLimits, ForwarderOptions } from './forwarder-options.ts';

export class FailureRun {
  readonly #limits: ForwarderLimits;
  readonly #means: Pick<ForwarderOptions, 'notice' | 'random'>;
  /** Failures in a row; 0 if the last request succeeded. */
  #count = 0;

  constructor(limits: ForwarderLimits, means: Pick<ForwarderOptions, 'notice' | 'random'>) {
    this.#limits = limits;
    this.#means = means;
  }

  /** Counts a failure; returns the milliseconds to wait. */
  add(why: string, retryAfterMs = 0): number {
    const { backoffMinMs, backoffMaxMs, retryAfterMaxMs } = this.#limits;
    this.#count += 1;
    const isPowerOfTwo = (this.#count & (this.#count - 1)) === 0;
    if (isPowerOfTwo) this.#means.notice({ kind: 'failing', why, failures: this.#count });
    const most = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#count - 1, 20));
    const backoffMs = Math.max(backoffMinMs, most * (0.5 + this.#means.random() / 2));
    return Math.max(backoffMs, Math.min(retryAfterMs, retryAfterMaxMs));
  }

  /** Ends the run: a request succeeded. */
  end(): void {
    if (this.#count > 0) this.#means.notice({ kind: 'recovered', failures: this.#count });
    this.#count = 0;
  }
}

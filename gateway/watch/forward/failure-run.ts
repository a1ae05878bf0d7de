/**
 * Failures in a row, and how long to wait after each: doubling, spread, and as long as the collector
 * asked for. Told at the first, the second, the fourth and so on, and when they are over.
 */
import type { ForwarderLimits, ForwarderOptions } from './forwarder-options.ts';

export class FailureRun {
  readonly #limits: ForwarderLimits;
  readonly #means: Pick<ForwarderOptions, 'notice' | 'random'>;
  /** In a row; 0 where the last request went well. */
  #count = 0;

  constructor(limits: ForwarderLimits, means: Pick<ForwarderOptions, 'notice' | 'random'>) {
    this.#limits = limits;
    this.#means = means;
  }

  /** Milliseconds to wait. */
  add(why: string, retryAfterMs = 0): number {
    const { backoffMinMs, backoffMaxMs, retryAfterMaxMs } = this.#limits;
    this.#count += 1;
    const isPowerOfTwo = (this.#count & (this.#count - 1)) === 0;
    if (isPowerOfTwo) this.#means.notice({ kind: 'failing', why, failures: this.#count });
    const most = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#count - 1, 20));
    const backoffMs = Math.max(backoffMinMs, most * (0.5 + this.#means.random() / 2));
    return Math.max(backoffMs, Math.min(retryAfterMs, retryAfterMaxMs));
  }

  end(): void {
    if (this.#count > 0) this.#means.notice({ kind: 'recovered', failures: this.#count });
    this.#count = 0;
  }
}

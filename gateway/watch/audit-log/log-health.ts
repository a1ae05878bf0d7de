/**
 * Whether a log works, and what it says of that: why it takes nothing, how many were told no
 * meanwhile and since when, and how long it waits before it tries again.
 */
import type { AuditLogOptions } from './audit-log-options.ts';

/** Those who were told no. */
interface Gap {
  readonly count: number;
  readonly fromMs: number;
}

export class LogHealth {
  readonly #options: Pick<AuditLogOptions, 'clock' | 'report' | 'retryMaxMs'>;
  #gap: Gap = { count: 0, fromMs: 0 };
  #failures = 0;
  /** Whether it was said that there is no room, since all that was turned away was last told. */
  #isFullTold = false;
  /** Why it takes nothing now. */
  failing: string | undefined;

  constructor(options: Pick<AuditLogOptions, 'clock' | 'report' | 'retryMaxMs'>) {
    this.#options = options;
  }

  get refused(): number {
    return this.#gap.count;
  }

  get backoffMs(): number {
    return Math.min(this.#options.retryMaxMs, 50 * 2 ** Math.min(this.#failures, 10));
  }

  turnAway(isFull: boolean): void {
    const { count, fromMs } = this.#gap;
    this.#gap = { count: count + 1, fromMs: count === 0 ? this.#options.clock() : fromMs };
    if (!isFull || this.failing !== undefined || this.#isFullTold) return;
    this.#isFullTold = true;
    this.#options.report({ kind: 'full' });
  }

  fail(reason: string): void {
    this.#failures += 1;
    if (this.failing === undefined) this.#options.report({ kind: 'failing', reason });
    this.failing = reason;
  }

  works(): void {
    const { report } = this.#options;
    if (this.failing !== undefined) report({ kind: 'recovered', refused: this.#gap.count });
    this.failing = undefined;
    this.#failures = 0;
  }

  /** Once, for the log; undefined where nobody was told no. */
  takeGap(): Gap | undefined {
    const gap = this.#gap;
    this.#isFullTold = false;
    if (gap.count === 0) return undefined;
    this.#gap = { count: 0, fromMs: 0 };
    return gap;
  }
}

/** A code of the system where there is one: no paths and no contents. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

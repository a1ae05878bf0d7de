/**
 * Whether a log works, and its reports of that: why it accepts nothing, how many events it has
 * refused since when, and how long to wait before the next attempt.
 */
import type { AuditLogOptions } from './audit-log-options.ts';

/** The refused events. */
interface Gap {
  readonly count: number;
  readonly fromMs: number;
}

export class LogHealth {
  readonly #options: Pick<AuditLogOptions, 'clock' | 'report' | 'retryMaxMs'>;
  #gap: Gap = { count: 0, fromMs: 0 };
  #failures = 0;
  /** Whether a full buffer was reported since the refusals were last recorded. */
  #isFullTold = false;
  /** Why the log accepts nothing now; undefined if it works. */
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

  /** The refusals, to be recorded once; undefined if there are none. */
  takeGap(): Gap | undefined {
    const gap = this.#gap;
    this.#isFullTold = false;
    if (gap.count === 0) return undefined;
    this.#gap = { count: 0, fromMs: 0 };
    return gap;
  }
}

/** The system's error code if there is one: no paths and no contents. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

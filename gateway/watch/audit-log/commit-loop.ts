/**
 * Decides when the steps of a log are taken: at once while a caller waits for a record, otherwise
 * after records have gathered for a moment, and again after a pause while they fail. One step runs
 * at a time.
 */
import { setImmediate as soon } from 'node:timers/promises';
import type { AuditLogOptions } from './audit-log-options.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { LogHealth } from './log-health.ts';
import type { LogSteps } from './log-steps.ts';
import { Pause } from './pause.ts';

export interface CommitLoopMeans {
  readonly options: Pick<AuditLogOptions, 'commitIntervalMs' | 'gatherMs'>;
  readonly queue: CommitQueue;
  readonly steps: LogSteps;
  readonly health: LogHealth;
  /** Whether steps may be taken: the log is open, and its files are in place. */
  readonly isRunning: () => boolean;
  readonly takeStep: () => Promise<void>;
  readonly succeeded: () => void;
  readonly failed: (error: unknown) => void;
}

export class CommitLoop {
  readonly #means: CommitLoopMeans;
  readonly #pause = new Pause();
  #work: Promise<void> | undefined;
  /** Set while records gather that no caller waits for. */
  #gathering: NodeJS.Timeout | undefined;
  #lastStartMs = Number.NEGATIVE_INFINITY;

  constructor(means: CommitLoopMeans) {
    this.#means = means;
  }

  /** Takes steps from now on, as long as there is work. */
  readonly start = (): void => {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#work !== undefined || !this.#means.isRunning()) return;
    this.#work = this.#run();
  };

  /** Records that no caller waits for are written together with those of the next moment. */
  gather(): void {
    if (this.#work !== undefined) return;
    const { queue, options } = this.#means;
    if (queue.groups > 1) this.start();
    else this.#gathering ??= setTimeout(this.start, options.gatherMs);
  }

  /** Cuts the current pause short; resolves once the step that is under way has ended. */
  async end(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#pause.end();
    await this.#work;
  }

  async #run(): Promise<void> {
    const { health, takeStep, succeeded, failed } = this.#means;
    do {
      await this.#pace();
      try {
        await takeStep();
        succeeded();
      } catch (error) {
        failed(error);
        await this.#pause.wait(health.backoffMs);
      }
    } while (this.#hasWork());
    // In the same turn as `#hasWork`, so that an append from now on starts a new run.
    this.#work = undefined;
    if (this.#means.queue.groups > 0 && this.#means.isRunning()) this.gather();
  }

  #hasWork(): boolean {
    const { queue, steps, health, isRunning } = this.#means;
    if (!isRunning()) return false;
    // No event is accepted until a step succeeds, so it is tried again before the next tick.
    if (health.failing !== undefined) return true;
    if (steps.isChecking || queue.groups > 1) return true;
    const group = queue.first;
    // A sealed group was tried and is not written yet.
    return group !== undefined && (group.isAwaited || group.isSealed);
  }

  /** At once if the last write is long ago; else waits, so that events share a write. */
  async #pace(): Promise<void> {
    const { commitIntervalMs } = this.#means.options;
    const waitMs = this.#lastStartMs + commitIntervalMs - performance.now();
    if (waitMs > 0) await this.#pause.wait(waitMs);
    else await soon();
    this.#lastStartMs = performance.now();
  }
}

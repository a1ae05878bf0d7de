/**
 * One step of the log's work: a new segment if one is due, the oldest group of the queue, and a
 * checkpoint if one is due. A step that throws may be taken again.
 */
import type { AuditUnavailable, CommitGroup } from './commit-group.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { LogWriter } from './log-writer.ts';

export interface StepMeans {
  readonly writer: LogWriter;
  readonly queue: CommitQueue;
  readonly onRotated: () => void;
  /** Gets each checkpoint; returns the seq of the log's own record of it, 0 if it has none. */
  readonly onCheckpoint: (note: string) => number;
}

export class LogSteps {
  readonly #means: StepMeans;
  /** Whether the next step also signs what no checkpoint covers yet. */
  isChecking = false;
  /** How long the last group took to write. */
  commitMs = 0;
  /** For callers that wait for a step to end. */
  #ended: PromiseWithResolvers<void> | undefined;

  constructor(means: StepMeans) {
    this.#means = means;
  }

  async take(): Promise<void> {
    const { writer, queue, onRotated } = this.#means;
    if (writer.shouldRotate(queue.first)) {
      await writer.rotate();
      this.#announce();
      onRotated();
    }
    const group = queue.first;
    if (group !== undefined) await this.commit(group);
    const isDue = this.isChecking && writer.hasUnsigned;
    if (isDue || writer.shouldCheckpoint) await this.checkpoint();
    this.isChecking = false;
    this.#ended?.resolve();
    this.#ended = undefined;
  }

  /** Resolves with the next step that succeeds; rejects with the next failure. */
  ended(): Promise<void> {
    this.#ended ??= Promise.withResolvers();
    return this.#ended.promise;
  }

  fail(error: AuditUnavailable): void {
    this.#ended?.reject(error);
    this.#ended = undefined;
  }

  async commit(group: CommitGroup): Promise<void> {
    const startMs = performance.now();
    await this.#means.writer.write(group);
    this.#means.queue.shift();
    this.commitMs = performance.now() - startMs;
    group.settle();
  }

  async checkpoint(): Promise<void> {
    await this.#means.writer.checkpoint();
    this.#announce();
  }

  #announce(): void {
    const { writer, onCheckpoint } = this.#means;
    const note = writer.takeNote();
    if (note !== undefined) writer.ownSeq = onCheckpoint(note);
  }
}

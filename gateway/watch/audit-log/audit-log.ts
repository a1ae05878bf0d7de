/**
 * Step `seal`, the log itself: takes events and writes them in groups, as lines of a hash chain
 * under a Merkle tree whose root is signed at intervals.
 *
 * `append` does no I/O. An accepted event is never dropped and never written twice: after an error
 * the same bytes are tried again until they are written. Until then no event is accepted (fails
 * closed: the caller gets a refusal), and the number of refused events is recorded once the log
 * works again.
 */
import { join } from 'node:path';
import type { AuditLogOptions, LogStatus } from './audit-log-options.ts';
import { checkEvent } from './chain-line.ts';
import { AuditUnavailable } from './commit-group.ts';
import { CommitLoop } from './commit-loop.ts';
import { type Accepted, CommitQueue } from './commit-queue.ts';
import { type LockFile, takeLock } from './lock-file.ts';
import { type LogEventKind, toLogEvent } from './log-event.ts';
import { LogHealth, reasonOf } from './log-health.ts';
import { LogSteps } from './log-steps.ts';
import { LogWriter } from './log-writer.ts';
import { SegmentKeeper } from './segment-keeper.ts';
import { watchStall } from './watch-stall.ts';

export type Appended = Accepted | { readonly ok: false };

/** The log's own events are accepted even if the buffer is full, up to this many records. */
const ownEventsMax = 1_000;

const refused = Object.freeze({ ok: false } as const);

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #writer: LogWriter;
  readonly #keeper: SegmentKeeper;
  readonly #lock: LockFile;
  readonly #timer: NodeJS.Timeout;
  readonly #queue: CommitQueue;
  readonly #steps: LogSteps;
  readonly #health: LogHealth;
  readonly #loop: CommitLoop;
  /** Whether a check of the disk is running: if the disk hangs, each one would occupy a thread. */
  #isTicking = false;
  /** The directory or its files were taken away: nothing is ever written again. */
  #isLost = false;
  #state: 'open' | 'closing' | 'closed' = 'open';

  private constructor(options: AuditLogOptions, lock: LockFile, writer: LogWriter) {
    this.#options = options;
    this.#lock = lock;
    this.#writer = writer;
    this.#health = new LogHealth(options);
    this.#queue = new CommitQueue(writer.size + 1, () => this.#loop.start());
    this.#keeper = new SegmentKeeper({
      ...options,
      record: async (about) => await this.#record('audit_retired', about),
    });
    this.#steps = new LogSteps({
      writer,
      queue: this.#queue,
      onRotated: () => this.#keeper.look(writer.firstSeq),
      onCheckpoint: (note) => this.#noteCheckpoint(note),
    });
    this.#loop = new CommitLoop({
      options,
      queue: this.#queue,
      steps: this.#steps,
      health: this.#health,
      isRunning: () => this.#state === 'open' && !this.#isLost,
      takeStep: () => this.#watched(() => this.#steps.take()),
      succeeded: () => this.#recovered(),
      failed: (error) => void this.#fail(error),
    });
    this.#timer = setInterval(() => void this.#tick(), options.tickMs);
    this.#timer.unref();
  }

  /**
   * Locks the directory and continues its log; throws DirectoryLocked, AuditTampered or system
   * errors.
   */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const lock = await takeLock(options.directory);
    try {
      const { writer, torn, orphan } = await LogWriter.open(options);
      const log = new AuditLog(options, lock, writer);
      if (torn !== undefined) log.#note('audit_recovered', { torn });
      if (orphan !== undefined) {
        options.report({ kind: 'lines-missing', file: join(options.directory, orphan) });
        log.#note('audit_recovered', { orphan });
      }
      log.#keeper.look(writer.firstSeq);
      return log;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Takes one event; throws TypeError if it is malformed (`checkEvent` in chain-line.ts). */
  append(json: string): Appended {
    checkEvent(json);
    const bytes = Buffer.byteLength(json);
    const isFull = this.#queue.bytes + bytes > this.#options.bufferBytesMax;
    if (this.#state !== 'open' || this.#health.failing !== undefined || isFull) {
      this.#health.turnAway(isFull);
      return refused;
    }
    return this.#take(json, bytes);
  }

  /**
   * Resolves once all accepted events are on the disk; rejects with AuditUnavailable if that fails.
   */
  async flushed(): Promise<void> {
    const written = this.#queue.last?.written;
    this.#loop.start();
    await written;
    await this.#writer.sync();
  }

  status(): LogStatus {
    return {
      nextSeq: this.#queue.nextSeq,
      pendingBytes: this.#queue.bytes,
      pendingRecords: this.#queue.records,
      failing: this.#health.failing,
      refused: this.#health.refused,
      commitMs: this.#steps.commitMs,
    };
  }

  /**
   * Writes and signs all accepted events and releases the directory. Throws AuditUnavailable if
   * some could not be written, or if the log's files were taken away.
   */
  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    await this.#keeper.idle();
    this.#state = 'closing';
    clearInterval(this.#timer);
    try {
      await this.#loop.end();
      // The step that was running may have begun another file.
      await this.#keeper.idle();
      if (!this.#isLost) await this.#finish();
      const why = await this.#lostBy();
      if (why !== undefined) {
        throw new AuditUnavailable(`${why}: its last records may be elsewhere, unsigned or gone`);
      }
    } finally {
      this.#state = 'closed';
      await this.#letGo();
    }
  }

  /** The outcome is settled by now; a lock file that stays is stale once the process is gone. */
  async #letGo(): Promise<void> {
    const tell = (error: unknown): void =>
      this.#options.report({ kind: 'not-closed', reason: reasonOf(error) });
    await this.#writer.close().catch(tell);
    await this.#lock.release().catch(tell);
  }

  async #finish(): Promise<void> {
    try {
      await this.#drain();
      this.#noteGap();
      await this.#drain();
      if (this.#writer.hasUnsigned) await this.#steps.checkpoint();
      await this.#drain();
      // Covers the record of the checkpoint before as well.
      await this.#writer.checkpoint();
    } catch (error) {
      const why = this.#fail(error);
      throw new AuditUnavailable(`${this.#queue.records} records could not be written: ${why}`);
    }
  }

  async #drain(): Promise<void> {
    for (let group = this.#queue.first; group !== undefined; group = this.#queue.first) {
      const oldest = group;
      await this.#watched(() => this.#steps.commit(oldest));
    }
  }

  #take(json: string, bytes: number): Accepted {
    const taken = this.#queue.take(json, bytes);
    this.#loop.gather();
    return taken;
  }

  /** Writes one of the log's own events; they are few, and accepted when no others are. */
  #note(kind: LogEventKind, about: Readonly<Record<string, unknown>>): Accepted | undefined {
    if (this.#queue.records > ownEventsMax && this.#health.failing !== undefined) return undefined;
    const json = toLogEvent(kind, this.#options.clock(), about);
    return this.#take(json, Buffer.byteLength(json));
  }

  async #record(kind: LogEventKind, about: Readonly<Record<string, unknown>>): Promise<void> {
    const isTaking = this.#state === 'open' && !this.#isLost;
    const taken = isTaking ? this.#note(kind, about) : undefined;
    if (taken === undefined) throw new AuditUnavailable('the log takes nothing now');
    await taken.written;
    await this.#signed(taken.seq);
  }

  /**
   * Resolves once a checkpoint covers the record; rejects with AuditUnavailable if none can be
   * made.
   */
  async #signed(seq: number): Promise<void> {
    while (this.#writer.checkpointSize < seq) {
      this.#steps.isChecking = true;
      const ended = this.#steps.ended();
      this.#loop.start();
      await ended;
    }
  }

  /** Refuses callers while the work hangs on the disk. */
  #watched(work: () => Promise<void>): Promise<void> {
    const onStall = () => void this.#fail(new Error('the disk does not answer'));
    return watchStall(work, this.#options.stallMs, onStall);
  }

  /** Records the note in the log as well, so that every copy of the log holds anchors. */
  #noteCheckpoint(note: string): number {
    this.#options.onCheckpoint(note);
    const taken = this.#note('audit_checkpoint', { checkpoint: { note } });
    return taken?.seq ?? 0;
  }

  #fail(error: unknown): string {
    const reason = reasonOf(error);
    this.#queue.fail(() => new AuditUnavailable(reason));
    this.#steps.fail(new AuditUnavailable(reason));
    this.#health.fail(reason);
    return reason;
  }

  #recovered(): void {
    if (this.#isLost) return;
    this.#health.works();
    if (this.#queue.groups <= 1) this.#noteGap();
  }

  /** Records how many events were refused, if any were. */
  #noteGap(): void {
    const gap = this.#health.takeGap();
    if (gap === undefined) return;
    this.#note('audit_gap', { gap: { count: gap.count, from: gap.fromMs } });
  }

  /** Why nothing that is written from now on can be saved; undefined if it can. */
  async #whyLost(): Promise<string | undefined> {
    if (!(await this.#lock.touch())) return 'the directory was moved or taken over';
    if (!(await this.#writer.isInPlace())) return 'the open segment was removed or cut short';
    return undefined;
  }

  /**
   * The same at the end. If it cannot be checked, as on a read-only disk, the log is not lost by
   * that.
   */
  async #lostBy(): Promise<string | undefined> {
    if (this.#isLost) return this.#health.failing;
    return await this.#whyLost().catch(() => undefined);
  }

  /** Signs, rotates and syncs by age, and touches the lock. */
  async #tick(): Promise<void> {
    if (this.#state !== 'open' || this.#isTicking) return;
    if (this.#writer.isCheckpointLate) this.#steps.isChecking = true;
    if (this.#steps.isChecking || this.#writer.shouldRotate(this.#queue.first)) {
      this.#steps.isChecking = true;
      this.#loop.start();
    }
    this.#isTicking = true;
    try {
      await this.#watched(() => this.#look());
    } catch (error) {
      // `close` may have closed the files meanwhile.
      if (this.#state === 'open') this.#fail(error);
    } finally {
      this.#isTicking = false;
    }
    if (this.#health.failing === undefined) return;
    // Only a step that succeeds ends the failure.
    this.#steps.isChecking = true;
    this.#loop.start();
  }

  async #look(): Promise<void> {
    await this.#writer.sync();
    const why = await this.#whyLost();
    if (why === undefined || this.#state !== 'open') return;
    this.#isLost = true;
    this.#fail(new Error(why));
  }
}

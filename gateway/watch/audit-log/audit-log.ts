/**
 * Step `seal`, the log itself: takes one event after the other, and writes them in groups as lines
 * of a hash chain, under a Merkle tree whose root is signed every so often.
 *
 * `append` does no I/O. What was taken is never dropped and never written twice: after an error the
 * same bytes are tried again until they are down. Meanwhile nothing more is taken (fails closed:
 * who asked is told no), and how much was turned away is written once the log works again.
 */
import { join } from 'node:path';
import { setImmediate as soon } from 'node:timers/promises';
import type { AuditLogOptions, LogStatus } from './audit-log-options.ts';
import { checkEvent } from './chain-line.ts';
import { AuditUnavailable, type CommitGroup } from './commit-group.ts';
import { type Accepted, CommitQueue } from './commit-queue.ts';
import { type LockFile, takeLock } from './lock-file.ts';
import { type LogEventKind, toLogEvent } from './log-event.ts';
import { LogHealth, reasonOf } from './log-health.ts';
import { LogWriter } from './log-writer.ts';
import { Pause } from './pause.ts';
import { SegmentKeeper } from './segment-keeper.ts';

export type Appended = Accepted | { readonly ok: false };

/** What the log says about itself is taken although the buffer is full, up to this. */
const ownEventsMax = 1_000;

/** Looks at work that has not ended, after which the disk does not answer. */
const stallLooks = 5;

const refused = Object.freeze({ ok: false } as const);

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #writer: LogWriter;
  readonly #keeper: SegmentKeeper;
  readonly #lock: LockFile;
  readonly #pause = new Pause();
  readonly #timer: NodeJS.Timeout;
  readonly #queue: CommitQueue;
  readonly #health: LogHealth;
  #work: Promise<void> | undefined;
  /** Runs while records gather that nobody waits for. */
  #gathering: NodeJS.Timeout | undefined;
  readonly #startNow = (): void => this.#start();
  #isChecking = false;
  /** While one look at age, lock and files is under way: on a disk that hangs each would keep a thread. */
  #isTicking = false;
  /** For those who wait for a step to end. */
  #stepped: PromiseWithResolvers<void> | undefined;
  /** Somebody else has the directory or its files: nothing is written ever again. */
  #isLost = false;
  #lastStartMs = Number.NEGATIVE_INFINITY;
  #commitMs = 0;
  #state: 'open' | 'closing' | 'closed' = 'open';

  private constructor(options: AuditLogOptions, lock: LockFile, writer: LogWriter) {
    this.#options = options;
    this.#lock = lock;
    this.#writer = writer;
    this.#health = new LogHealth(options);
    this.#queue = new CommitQueue(writer.size + 1, this.#startNow);
    this.#keeper = new SegmentKeeper({
      ...options,
      record: async (about) => await this.#record('audit_retired', about),
    });
    this.#timer = setInterval(() => void this.#tick(), options.tickMs);
    this.#timer.unref();
  }

  /** Takes the directory's lock and goes on where the log ends; throws DirectoryLocked, AuditTampered or what the system throws. */
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

  /** Takes one event, see checkEvent in chain-line.ts for its form; throws TypeError for another. */
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

  /** Resolves when everything taken so far is on the disk; rejects with AuditUnavailable where it cannot be now. */
  async flushed(): Promise<void> {
    const written = this.#queue.last?.written;
    this.#start();
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
      commitMs: this.#commitMs,
    };
  }

  /** Writes what was taken, signs it and lets the directory go; throws AuditUnavailable with what could not be written, or where its files were taken away. */
  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    await this.#keeper.idle();
    this.#state = 'closing';
    clearInterval(this.#timer);
    clearTimeout(this.#gathering);
    this.#pause.end();
    try {
      await this.#work;
      // The step that was under way may have begun another file.
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

  /** All is written by now, or that it is not is told: a lock that stays is nobody's once the process is gone. */
  async #letGo(): Promise<void> {
    const tell = (error: unknown): void =>
      this.#options.report({ kind: 'not-closed', reason: reasonOf(error) });
    await this.#writer.close().catch(tell);
    await this.#lock.release().catch(tell);
  }

  async #finish(): Promise<void> {
    try {
      await this.#drain();
      if (this.#writer.hasUnsigned) await this.#checkpoint();
      await this.#drain();
      // Covers the record of the one before as well.
      await this.#writer.checkpoint();
    } catch (error) {
      const why = this.#fail(error);
      throw new AuditUnavailable(`${this.#queue.records} records could not be written: ${why}`);
    }
  }

  async #drain(): Promise<void> {
    for (let group = this.#queue.first; group !== undefined; group = this.#queue.first) {
      const oldest = group;
      await this.#watched(() => this.#commit(oldest));
    }
  }

  #take(json: string, bytes: number): Accepted {
    const taken = this.#queue.take(json, bytes);
    this.#gather();
    return taken;
  }

  /** What nobody waits for is written together with what comes in the next moment. */
  #gather(): void {
    if (this.#work !== undefined) return;
    if (this.#queue.groups > 1) this.#start();
    else this.#gathering ??= setTimeout(this.#startNow, this.#options.gatherMs);
  }

  /** The log's own events are few, and are taken when nothing else is. */
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

  /** Resolves when a checkpoint covers the record; rejects with AuditUnavailable where none can be made now. */
  async #signed(seq: number): Promise<void> {
    while (this.#writer.checkpointSize < seq) {
      this.#isChecking = true;
      this.#stepped ??= Promise.withResolvers();
      this.#start();
      await this.#stepped.promise;
    }
  }

  #start(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#work !== undefined || this.#state !== 'open' || this.#isLost) return;
    this.#work = this.#run();
  }

  async #run(): Promise<void> {
    do {
      await this.#pace();
      try {
        await this.#watched(() => this.#step());
        this.#recovered();
      } catch (error) {
        this.#fail(error);
        await this.#pause.wait(this.#health.backoffMs);
      }
    } while (this.#hasWork());
    // In the same turn as the last look: what is appended from now on starts anew.
    this.#work = undefined;
    if (this.#queue.groups > 0 && this.#state === 'open' && !this.#isLost) this.#gather();
  }

  #hasWork(): boolean {
    if (this.#state !== 'open' || this.#isLost) return false;
    // Nothing is taken until a step has gone well: whoever is told no must not wait for the next tick.
    if (this.#health.failing !== undefined) return true;
    if (this.#isChecking || this.#queue.groups > 1) return true;
    const group = this.#queue.first;
    // A sealed one was tried and is not down yet.
    return group !== undefined && (group.isAwaited || group.isSealed);
  }

  /** At once when nothing was written lately; else what comes meanwhile shares one write. */
  async #pace(): Promise<void> {
    const waitMs = this.#lastStartMs + this.#options.commitIntervalMs - performance.now();
    if (waitMs > 0) await this.#pause.wait(waitMs);
    else await soon();
    this.#lastStartMs = performance.now();
  }

  async #step(): Promise<void> {
    if (this.#writer.shouldRotate(this.#queue.first?.bytes ?? 0)) {
      await this.#writer.rotate();
      this.#announce();
      this.#keeper.look(this.#writer.firstSeq);
    }
    const group = this.#queue.first;
    if (group !== undefined) await this.#commit(group);
    const isDue = this.#isChecking && this.#writer.hasUnsigned;
    if (isDue || this.#writer.shouldCheckpoint) await this.#checkpoint();
    this.#isChecking = false;
    this.#stepped?.resolve();
    this.#stepped = undefined;
  }

  /**
   * Whoever waits for work that the disk does not end is told no; it goes on meanwhile. Looks are
   * counted and not time: while the process itself stands still, it sees no disk answer.
   */
  async #watched(work: () => Promise<void>): Promise<void> {
    let looks = 0;
    const watch = setInterval(() => {
      looks += 1;
      if (looks === stallLooks) this.#fail(new Error('the disk does not answer'));
    }, this.#options.stallMs / stallLooks);
    try {
      await work();
    } finally {
      clearInterval(watch);
    }
  }

  async #commit(group: CommitGroup): Promise<void> {
    const startMs = performance.now();
    await this.#writer.write(group);
    this.#queue.shift();
    this.#commitMs = performance.now() - startMs;
    group.settle();
  }

  async #checkpoint(): Promise<void> {
    await this.#writer.checkpoint();
    this.#announce();
  }

  /** In the log as well: whoever keeps a copy of the log outside keeps an anchor. */
  #announce(): void {
    const note = this.#writer.takeNote();
    if (note === undefined) return;
    this.#options.onCheckpoint(note);
    const taken = this.#note('audit_checkpoint', { checkpoint: { note } });
    this.#writer.ownSeq = taken?.seq ?? 0;
  }

  #fail(error: unknown): string {
    const reason = reasonOf(error);
    this.#queue.fail(() => new AuditUnavailable(reason));
    this.#stepped?.reject(new AuditUnavailable(reason));
    this.#stepped = undefined;
    this.#health.fail(reason);
    return reason;
  }

  #recovered(): void {
    if (this.#isLost) return;
    this.#health.works();
    const gap = this.#queue.groups > 1 ? undefined : this.#health.takeGap();
    if (gap === undefined) return;
    this.#note('audit_gap', { gap: { count: gap.count, from: gap.fromMs } });
  }

  /** What nothing that is written later can make good. */
  async #whyLost(): Promise<string | undefined> {
    if (!(await this.#lock.touch())) return 'the directory was moved or taken over';
    if (!(await this.#writer.isInPlace())) return 'the open segment was removed or cut short';
    return undefined;
  }

  /** At the end. What cannot be looked at any more, as on a disk that became read-only, is not lost by that. */
  async #lostBy(): Promise<string | undefined> {
    if (this.#isLost) return this.#health.failing;
    return await this.#whyLost().catch(() => undefined);
  }

  /** Once in a while: signs, rotates and syncs by age, and shows that the lock is held. */
  async #tick(): Promise<void> {
    if (this.#state !== 'open' || this.#isTicking) return;
    if (this.#writer.isCheckpointLate) this.#isChecking = true;
    if (this.#isChecking || this.#writer.shouldRotate(0)) {
      this.#isChecking = true;
      this.#start();
    }
    this.#isTicking = true;
    try {
      await this.#watched(() => this.#look());
    } catch (error) {
      // Its files may have been closed under it.
      if (this.#state === 'open') this.#fail(error);
    } finally {
      this.#isTicking = false;
    }
    if (this.#health.failing === undefined) return;
    // Only a step that goes well says that it works.
    this.#isChecking = true;
    this.#start();
  }

  async #look(): Promise<void> {
    await this.#writer.sync();
    const why = await this.#whyLost();
    if (why === undefined || this.#state !== 'open') return;
    this.#isLost = true;
    this.#fail(new Error(why));
  }
}

/**
 * Ships the audit log to a collector: at least once, in order, one request at a time, from a
 * durable cursor. The log is the queue, so memory is bounded by one batch and nothing is lost while
 * the collector is down. Lines that the collector will never take are parked beside the log.
 *
 * Outside the walk: no request waits for it, and none of its failures reaches one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWindow } from './batch-window.ts';
import { type Cursor, readCursor, writeCursor } from './cursor-file.ts';
import { type DeadLetters, openDeadLetters } from './dead-letters.ts';
import { judgeAnswer, laterFor, type Verdict } from './export-answer.ts';
import { createExportEncoder } from './export-request.ts';
import { FailureRun } from './failure-run.ts';
import { type ForwarderOptions, forwarderLimits } from './forwarder-options.ts';
import { type AuditLine, createLineReader, type LineReader } from './line-reader.ts';
import { createOtlpPost, type OtlpPost } from './post-otlp.ts';

export interface Forwarder {
  /** Resolves once the cursor is read and shipping has begun; rejects on an I/O error. */
  start(): Promise<void>;
  /** How far retention may delete. */
  shipped(): Cursor;
  /** Ships what is left, for a bounded time; the rest waits in the log. */
  close(): Promise<void>;
}

/** Lines refused in a row: past this the collector is at fault, and shipping waits. */
const parkedInARowMax = 16;
/** A line is parked after the collector has failed on it this often. */
const breaksMax = 8;

/** Throws TypeError if the endpoint or a header is invalid. Does nothing before `start`. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  return new Shipping(options);
}

class Shipping implements Forwarder {
  readonly #options: ForwarderOptions;
  readonly #limits;
  readonly #window: BatchWindow;
  readonly #post: OtlpPost;
  readonly #encode;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  readonly #failures: FailureRun;
  #reader: LineReader | undefined;
  #dead: DeadLetters | undefined;
  #running: Promise<void> | undefined;
  #cursor: Cursor = { seq: 0, segment: 0, offset: 0 };
  #pending: AuditLine[] = [];
  #parkedInARow = 0;
  #breaks = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#limits = { ...forwarderLimits, ...options.limits };
    this.#window = new BatchWindow(this.#limits);
    this.#failures = new FailureRun(this.#limits, options);
    const { endpoint, headers = {}, resource = { 'service.name': 'fieldgate' } } = options;
    this.#encode = createExportEncoder(resource, options.recent);
    this.#post =
      options.post ??
      createOtlpPost({ endpoint, headers, timeoutMs: this.#limits.requestTimeoutMs });
  }

  async start(): Promise<void> {
    const { directory, notice } = this.#options;
    this.#dead = await openDeadLetters(directory, this.#limits.deadLetterBytesMax);
    const cursor = await this.#readCursor();
    this.#cursor = cursor ?? this.#cursor;
    this.#reader = createLineReader(directory, cursor, notice);
    this.#running = this.#run();
  }

  shipped(): Cursor {
    return this.#cursor;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    const limit = new AbortController();
    const late = sleep(this.#limits.closeTimeoutMs, undefined, { signal: limit.signal }).then(
      () => this.#cut.abort(),
      // The flush was faster.
      () => undefined,
    );
    await this.#running;
    limit.abort();
    await late;
    await this.#reader?.close();
    await this.#post.close();
  }

  /** Never rejects: any error counts as a failure, after which it waits and tries again. */
  async #run(): Promise<void> {
    while (!this.#cut.signal.aborted) {
      // The last pass must have begun after `close` was called.
      const isLast = this.#stop.signal.aborted;
      const pauseMs = await this.#step().catch((error: unknown) =>
        this.#failures.add(nameOf(error)),
      );
      if (pauseMs === 0) continue;
      if (isLast) return;
      await this.#pause(pauseMs);
    }
  }

  async #pause(ms: number): Promise<void> {
    const { wait = (time, signal) => sleep(time, undefined, { signal, ref: false }) } =
      this.#options;
    if (this.#stop.signal.aborted) return;
    try {
      await wait(ms, this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  /** Sends one request if anything waits; returns how long to pause before the next. */
  async #step(): Promise<number> {
    let full = true;
    if (this.#pending.length === 0) {
      const { batchBytes, batchRecords, pollMs } = this.#limits;
      if (this.#hasReadAll()) return pollMs;
      this.#pending = (await this.#reader?.read(batchBytes)) ?? [];
      if (this.#pending.length === 0) return pollMs;
      const bytes = this.#pending.reduce((sum, line) => sum + line.bytes.length, 0);
      full = bytes >= batchBytes / 2 || this.#pending.length >= batchRecords;
    }
    const lines = this.#window.take(this.#pending);
    const pauseMs = await this.#settle(lines, await this.#send(lines));
    // Little was waiting, so it pauses to gather more lines per request.
    return pauseMs > 0 || full || this.#pending.length > 0 ? pauseMs : this.#limits.pollMs;
  }

  /** Spares an idle gateway four looks at the disk per second. */
  #hasReadAll(): boolean {
    const newest = this.#options.newestSeq?.();
    return newest !== undefined && newest === this.#reader?.seq();
  }

  async #send(lines: readonly AuditLine[]): Promise<Verdict> {
    const { now } = this.#options;
    const request = await this.#encode(lines, now());
    try {
      return judgeAnswer(await this.#post.send(request, this.#cut.signal), now());
    } catch (error) {
      const why = nameOf(error);
      return laterFor(why, /(?<!CONNECT_)timeout/i.test(why));
    }
  }

  async #settle(lines: readonly AuditLine[], verdict: Verdict): Promise<number> {
    switch (verdict.kind) {
      case 'accepted':
        this.#parkedInARow = 0;
        this.#window.widen();
        return this.#advance(lines);
      case 'partial':
        return this.#settlePartial(lines, verdict);
      case 'refused':
        return this.#settleRefused(lines, verdict.why);
      case 'later':
        if (verdict.narrow) this.#window.narrow(lines.length);
        if (verdict.suspect && lines.length === 1) {
          this.#breaks += 1;
          if (this.#breaks >= breaksMax) return this.#settleRefused(lines, verdict.why);
        }
        return this.#failures.add(verdict.why, verdict.retryAfterMs);
    }
  }

  async #settleRefused(lines: readonly AuditLine[], why: string): Promise<number> {
    if (lines.length > 1) {
      this.#window.narrow(lines.length);
      return 0;
    }
    // A collector that refuses everything is at fault itself, so lines are not parked.
    if (this.#parkedInARow >= parkedInARowMax) return this.#failures.add(why);
    return this.#park(lines, 'refused', why, 1);
  }

  /**
   * Parks all of them: it is unknown which ones the collector took, and sending again is forbidden.
   * A single line is known to be the refused one.
   */
  async #settlePartial(
    lines: readonly AuditLine[],
    { rejected, message }: { rejected: number; message: string },
  ): Promise<number> {
    this.#window.beCautious(lines.length);
    const inARow = this.#parkedInARow;
    // As in #settleRefused.
    if (lines.length === 1 && inARow >= parkedInARowMax)
      return this.#failures.add('partial success');
    const pauseMs = await this.#park(lines, 'partial', message, Math.min(rejected, lines.length));
    return inARow >= parkedInARowMax ? Math.max(pauseMs, this.#limits.backoffMaxMs) : pauseMs;
  }

  async #park(
    lines: readonly AuditLine[],
    reason: 'refused' | 'partial',
    detail: string,
    rejected: number,
  ): Promise<number> {
    const common = { timeMs: this.#options.now(), reason, detail, rejected, of: lines.length };
    const letters = lines.map(({ bytes, after: { seq } }) => ({ ...common, seq, line: bytes }));
    if ((await this.#dead?.park(letters)) !== true)
      return this.#failures.add('dead-letter file full');
    this.#options.notice({ kind: 'parked', reason, detail, lines: lines.length, rejected });
    this.#parkedInARow += 1;
    return this.#advance(lines);
  }

  async #advance(lines: readonly AuditLine[]): Promise<number> {
    const last = lines.at(-1);
    if (last === undefined) return 0;
    this.#pending = this.#pending.slice(lines.length);
    this.#breaks = 0;
    this.#failures.end();
    try {
      await writeCursor(this.#options.directory, last.after);
    } finally {
      // Shipping goes on without the file: a crash now would only mean that lines are sent twice.
      this.#cursor = last.after;
    }
    return 0;
  }

  async #readCursor(): Promise<Cursor | undefined> {
    try {
      return await readCursor(this.#options.directory);
    } catch {
      this.#options.notice({ kind: 'cursor-unreadable' });
      return undefined;
    }
  }
}

/** Only codes and names, since messages may contain addresses. */
function nameOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name ?? 'Error');
}

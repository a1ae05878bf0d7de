/**
 * Records that are written together, and the promise that their waiting callers share. The promise
 * is made only on request, so that events without a waiting caller cost none. Pure.
 */
import { type ChainLink, lineHash, writeLine } from './chain-line.ts';
import { leafHashInPlace } from './merkle.ts';

/** The log cannot accept or write records: nothing that depends on them may go on. */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
}

export interface Encoded {
  /** Lines with their newlines. */
  readonly bytes: Buffer;
  /** As leafHashInPlace returns them. */
  readonly leaves: readonly string[];
  /** Hash of the last line. */
  readonly prev: string;
}

/** An upper bound of what a link adds to an event. */
const linkBytes = 256;

export class CommitGroup {
  readonly #events: string[] = [];
  #eventBytes = 0;
  #encoded: Encoded | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;
  #outcome: 'open' | 'written' | AuditUnavailable = 'open';
  /** Whether the lines are in the file, though perhaps not on the disk. */
  isDown = false;

  /** Whether its lines are encoded, so that no record can be added. */
  get isSealed(): boolean {
    return this.#encoded !== undefined;
  }

  /** Whether a caller waits for it. */
  get isAwaited(): boolean {
    return this.#waiting !== undefined;
  }

  get eventBytes(): number {
    return this.#eventBytes;
  }

  get count(): number {
    return this.#events.length;
  }

  /** Upper bound of the lines' length. */
  get bytes(): number {
    return this.#eventBytes + this.count * linkBytes;
  }

  add(json: string, bytes: number): void {
    this.#events.push(json);
    this.#eventBytes += bytes;
  }

  /** The lines, chained to `before`; the same bytes each time. */
  encode(before: ChainLink): Encoded {
    this.#encoded ??= encodeLines(this.#events, this.bytes, before);
    return this.#encoded;
  }

  /** Resolves once written as the log's durability requires; rejects with AuditUnavailable. */
  get written(): Promise<void> {
    if (this.#outcome === 'written') return Promise.resolve();
    if (this.#outcome !== 'open') return Promise.reject(this.#outcome);
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  settle(): void {
    this.#outcome = 'written';
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  /** Rejects for waiting callers; the records are kept and written later. */
  fail(error: AuditUnavailable): void {
    this.#outcome = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** Leaves one byte free before the first line, so that each leaf can be hashed in place. */
function encodeLines(events: readonly string[], bytesMax: number, before: ChainLink): Encoded {
  const buffer = Buffer.allocUnsafe(bytesMax + 1);
  const leaves: string[] = [];
  let { seq, prev } = before;
  let end = 1;
  for (const json of events) {
    const start = end;
    end = writeLine(buffer, start, json, { id: before.id, seq, prev });
    prev = lineHash(buffer.subarray(start, end));
    leaves.push(leafHashInPlace(buffer, start, end));
    buffer[end] = 10;
    end += 1;
    seq += 1;
  }
  return { bytes: buffer.subarray(1, end), leaves, prev };
}

/**
 * Records that are written together, and the one promise that all who wait for them share. It is
 * made only when somebody asks, so that a log nobody waits for makes none. Pure.
 */
import { type ChainLink, lineHash, writeLine } from './chain-line.ts';
import { leafHashInPlace } from './merkle.ts';

/** The log cannot take records, or did not get them to the disk: nothing that depends on one may go on. */
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

/** More than a link adds to an event. */
const linkBytes = 256;

export class CommitGroup {
  readonly #events: string[] = [];
  #eventBytes = 0;
  #encoded: Encoded | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;
  #outcome: 'open' | 'written' | AuditUnavailable = 'open';
  /** Whether the lines are in the file, though perhaps not on the disk. */
  isDown = false;

  /** Whether its lines are made: nothing can be added. */
  get isSealed(): boolean {
    return this.#encoded !== undefined;
  }

  /** Whether anybody waits for it. */
  get isAwaited(): boolean {
    return this.#waiting !== undefined;
  }

  get eventBytes(): number {
    return this.#eventBytes;
  }

  get count(): number {
    return this.#events.length;
  }

  /** At most what the lines will take. */
  get bytes(): number {
    return this.#eventBytes + this.count * linkBytes;
  }

  add(json: string, bytes: number): void {
    this.#events.push(json);
    this.#eventBytes += bytes;
  }

  /** The lines, chained on to `before`; the same bytes each time. */
  encode(before: ChainLink): Encoded {
    this.#encoded ??= encodeLines(this.#events, this.bytes, before);
    return this.#encoded;
  }

  /** Resolves once written as the log's durability asks; rejects with AuditUnavailable. */
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

  /** Whoever waits is told no; the records stay and are written later. */
  fail(error: AuditUnavailable): void {
    this.#outcome = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** One byte stands before the first line, so that each leaf can be hashed where it is. */
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

/**
 * Follows the lines of a log: each must have the next number and the hash of the line before. At
 * the beginning of a segment, the signed start counts more than the line that was read before it.
 */
import { type ChainLink, lineHash, readLink } from './chain-line.ts';
import type { LogProblemCode, LogProblems } from './log-problems.ts';
import type { SegmentStart } from './segment-start.ts';

export class ChainCheck {
  readonly #problems: LogProblems;
  #prev: string | undefined;
  /** Id of the chain; undefined until a start or a line has named it. */
  id: string | undefined;
  /** Seq of the last line read. */
  seq = 0;
  /** Number of that line in its segment, from 1. */
  line = 0;
  /** Lines read in all. */
  records = 0;

  constructor(problems: LogProblems) {
    this.#problems = problems;
  }

  /** Begins a segment, with its signed start if that can be read. */
  begin(firstSeq: number, start: SegmentStart | undefined, isFirst: boolean): void {
    const follows = firstSeq === this.seq + 1;
    if (!isFirst && !follows) {
      const message = `records ${this.seq + 1} to ${firstSeq - 1} are missing`;
      this.#problems.add({ code: 'records-missing', message, seq: this.seq + 1 });
    }
    // The signed start prevails over the line read before.
    const before = this.#prev;
    if (start !== undefined && before !== undefined && start.prev !== before && follows) {
      const message = 'the line before this segment is not the one it follows';
      this.#problems.add({ code: 'chain-broken', message, seq: this.seq });
    }
    this.#prev = start?.prev ?? before;
    this.seq = firstSeq - 1;
    this.line = 0;
  }

  /** Whether the line is in its place; if not, reports it and goes on from there. */
  take(line: Buffer): boolean {
    this.line += 1;
    this.records += 1;
    const link = readLink(line);
    const belongs = link !== undefined && this.#follows(link);
    if (link === undefined) {
      const message = 'this line has no place in the chain';
      this.#problems.add({ code: 'no-link', message, seq: this.seq + 1, line: this.line });
    }
    this.#prev = lineHash(line);
    this.seq = link?.seq ?? this.seq + 1;
    return belongs;
  }

  /** Reports a problem of the last line read, or of a file beside the lines. */
  complain(code: LogProblemCode, message: string, seq = this.seq, file?: string): void {
    const { line } = this;
    this.#problems.add({ code, message, seq, line, ...(file !== undefined && { file }) });
  }

  #follows({ id, seq, prev }: ChainLink): boolean {
    const expected = this.seq + 1;
    const { line } = this;
    this.id ??= id;
    if (seq > expected) {
      const message = `records ${expected} to ${seq - 1} are missing`;
      this.#problems.add({ code: 'records-missing', message, seq: expected, line });
    } else if (seq < expected) {
      const message = `record ${seq} stands where ${expected} belongs`;
      this.#problems.add({ code: 'out-of-order', message, seq, line });
    } else if (id !== this.id || (this.#prev !== undefined && prev !== this.#prev)) {
      // The line before is not the one after which this line was written.
      const message = 'this record was changed: the next one says so';
      this.#problems.add({ code: 'chain-broken', message, seq: seq - 1, line: line - 1 });
    } else return true;
    return false;
  }
}

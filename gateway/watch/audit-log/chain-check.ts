/**
 * Follows the lines of a log, one by one: each is to have the next number and the hash of the one
 * before it. Where a segment begins, what was signed about its beginning counts more than the line
 * that was read before it.
 */
import { type ChainLink, lineHash, readLink } from './chain-line.ts';
import type { LogProblemCode, LogProblems } from './log-problems.ts';
import type { SegmentStart } from './segment-start.ts';

export class ChainCheck {
  readonly #problems: LogProblems;
  #prev: string | undefined;
  /** Of the chain; undefined before anything said it. */
  id: string | undefined;
  /** Of the line that was read last. */
  seq = 0;
  /** That line, from 1 in its segment. */
  line = 0;
  /** Lines in all. */
  records = 0;

  constructor(problems: LogProblems) {
    this.#problems = problems;
  }

  /** Goes on in a segment, with what was signed about its beginning, where that is to be had. */
  begin(firstSeq: number, start: SegmentStart | undefined, isFirst: boolean): void {
    const follows = firstSeq === this.seq + 1;
    if (!isFirst && !follows) {
      const message = `records ${this.seq + 1} to ${firstSeq - 1} are missing`;
      this.#problems.add({ code: 'records-missing', message, seq: this.seq + 1 });
    }
    // A start that was signed is worth more than what came before it.
    const before = this.#prev;
    if (start !== undefined && before !== undefined && start.prev !== before && follows) {
      const message = 'the line before this segment is not the one it follows';
      this.#problems.add({ code: 'chain-broken', message, seq: this.seq });
    }
    this.#prev = start?.prev ?? before;
    this.seq = firstSeq - 1;
    this.line = 0;
  }

  /** Whether the line stands where it belongs; says so where it does not, and goes on from there. */
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

  /** Of the line that was read last, or of a file beside the lines. */
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
      // The line before is not the one that this line was written after.
      const message = 'this record was changed: the next one says so';
      this.#problems.add({ code: 'chain-broken', message, seq: seq - 1, line: line - 1 });
    } else return true;
    return false;
  }
}

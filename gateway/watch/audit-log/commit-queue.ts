/**
 * Records that are accepted but not written yet, in groups that are written together. A record has
 * its number once it is accepted, and callers wait for its group. Pure.
 */
import { type AuditUnavailable, CommitGroup } from './commit-group.ts';

/** An event that the log has accepted. */
export interface Accepted {
  readonly ok: true;
  readonly seq: number;
  /**
   * Resolves once write(2) took the line (`batch`) or the line is on the disk (`strict`). Rejects
   * with AuditUnavailable if that failed: the line is still written later, but nothing that depends
   * on it may go on.
   */
  readonly written: Promise<void>;
}

/** Bytes of one write at most; a longer queue is written in several. */
const groupBytesMax = 1_048_576;

class Taken implements Accepted {
  readonly ok = true;
  readonly seq: number;
  readonly #group: CommitGroup;
  readonly #hurry: () => void;

  constructor(seq: number, group: CommitGroup, hurry: () => void) {
    this.seq = seq;
    this.#group = group;
    this.#hurry = hurry;
  }

  /** Asking for it means waiting, so the group stops gathering. */
  get written(): Promise<void> {
    const { written } = this.#group;
    this.#hurry();
    return written;
  }
}

export class CommitQueue {
  /** Oldest first; only the last one may still take records. */
  readonly #groups: CommitGroup[] = [];
  readonly #hurry: () => void;
  /** Number of the next record. */
  nextSeq: number;
  bytes = 0;
  records = 0;

  /** @param hurry called when a caller begins to wait for a record */
  constructor(nextSeq: number, hurry: () => void) {
    this.nextSeq = nextSeq;
    this.#hurry = hurry;
  }

  get first(): CommitGroup | undefined {
    return this.#groups[0];
  }

  get last(): CommitGroup | undefined {
    return this.#groups.at(-1);
  }

  get groups(): number {
    return this.#groups.length;
  }

  take(json: string, bytes: number): Accepted {
    let group = this.#groups.at(-1);
    if (group === undefined || group.isSealed || group.bytes + bytes > groupBytesMax) {
      group = new CommitGroup();
      this.#groups.push(group);
    }
    group.add(json, bytes);
    this.bytes += bytes;
    this.records += 1;
    const seq = this.nextSeq;
    this.nextSeq += 1;
    return new Taken(seq, group, this.#hurry);
  }

  /** Removes the first group, which is written, before its callers are told. */
  shift(): void {
    const group = this.#groups.shift();
    if (group === undefined) return;
    this.bytes -= group.eventBytes;
    this.records -= group.count;
  }

  /** Rejects for all waiting callers; the records stay. */
  fail(toError: () => AuditUnavailable): void {
    for (const group of this.#groups) group.fail(toError());
  }
}

/**
 * What the log has taken and not written yet, in groups that are written together: each record has
 * its number from the moment it is taken, and whoever waits for one waits for its group. Pure.
 */
import { type AuditUnavailable, CommitGroup } from './commit-group.ts';

/** An event the log has taken. */
export interface Accepted {
  readonly ok: true;
  readonly seq: number;
  /**
   * With `batch` resolves once write(2) took the line, with `strict` once it is on the disk.
   * Rejects with AuditUnavailable where that failed: the line is still written later, but what
   * depends on it must not go on.
   */
  readonly written: Promise<void>;
}

/** Most bytes of one write: a longer queue is written in several. */
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

  /** Whoever asks waits: the group is not left to gather any longer. */
  get written(): Promise<void> {
    const { written } = this.#group;
    this.#hurry();
    return written;
  }
}

export class CommitQueue {
  /** Oldest first; the last one is open. */
  readonly #groups: CommitGroup[] = [];
  readonly #hurry: () => void;
  /** Of the record that is taken next. */
  nextSeq: number;
  bytes = 0;
  records = 0;

  /** @param hurry called when somebody begins to wait for a record */
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

  /** The first group is down: it leaves, before whoever waits for it is told. */
  shift(): void {
    const group = this.#groups.shift();
    if (group === undefined) return;
    this.bytes -= group.eventBytes;
    this.records -= group.count;
  }

  /** Whoever waits is told no; the records stay. */
  fail(toError: () => AuditUnavailable): void {
    for (const group of this.#groups) group.fail(toError());
  }
}

/**
 * Compares signed checkpoints with the lines of a log: those beside the log and those kept outside,
 * each with the Merkle root of the lines up to its size.
 */
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { ChainCheck } from './chain-check.ts';
import { type CompactRange, leafHash } from './merkle.ts';
import { checkpointsName, type SegmentFiles } from './segment-names.ts';
import type { SegmentStart } from './segment-start.ts';
import { isSigned, type Note, readNotes, toOrigin } from './signed-note.ts';
import { readIfThere } from './signing-key.ts';

export interface SignedRootsOptions {
  readonly directory: string;
  readonly keys: readonly KeyObject[];
  /** Checkpoints kept outside the log. */
  readonly anchors: readonly Note[];
  /** The lines being read; problems are reported for the last one. */
  readonly lines: ChainCheck;
}

export class SignedRoots {
  /** The last record that a genuine checkpoint covers. */
  seq = 0;
  /** Number of checkpoints read beside the log, genuine or not. */
  checkpoints = 0;
  readonly #options: SignedRootsOptions;
  readonly #lines: ChainCheck;
  readonly #anchorsDone = new Set<Note>();
  /** Undefined from a problem to the next segment, since the root can no longer match. */
  #range: CompactRange | undefined;
  #lastMatch = 0;

  constructor(options: SignedRootsOptions) {
    this.#options = options;
    this.#lines = options.lines;
  }

  /** How many anchors were compared, and how many could not be. */
  get anchors(): { readonly checked: number; readonly unchecked: number } {
    const checked = this.#anchorsDone.size;
    return { checked, unchecked: this.#options.anchors.length - checked };
  }

  /** Begins a segment, with its signed start if that can be read. */
  begin(firstSeq: number, start: SegmentStart | undefined): void {
    this.#range = start?.range.copy();
    this.#lastMatch = firstSeq - 1;
  }

  /** The genuine checkpoints of a segment; reports the others. */
  async readNotes({ firstSeq }: SegmentFiles): Promise<Note[]> {
    const file = checkpointsName(firstSeq);
    const path = join(this.#options.directory, file);
    const { notes, brokenAt } = readNotes((await readIfThere(path)) ?? '');
    this.checkpoints += notes.length;
    if (brokenAt !== undefined) {
      const message = `not a signed note at byte ${brokenAt}`;
      this.#lines.complain('bad-checkpoints', message, firstSeq, file);
    }
    const genuine = notes.filter((note) => this.#isGenuine(note));
    for (const note of notes) {
      if (genuine.includes(note)) continue;
      const message = 'a checkpoint with no valid signature';
      this.#lines.complain('bad-signature', message, note.size, file);
    }
    return genuine;
  }

  /** The notes and this log's anchors, by the number of records they cover. */
  bySize(notes: readonly Note[]): ReadonlyMap<number, readonly Note[]> {
    return Map.groupBy([...notes, ...this.#anchors()], ({ size }) => size);
  }

  /** Takes the next line, and whether it is in its place. */
  take(line: Buffer, belongs: boolean, notes: ReadonlyMap<number, readonly Note[]>): void {
    if (!belongs) this.#range = undefined;
    if (this.#range === undefined) return;
    this.#range.append(leafHash(line));
    for (const note of notes.get(this.#lines.seq) ?? []) this.#compare(note);
  }

  /** Reports anchors of records that should be here and are missing. */
  checkAnchors(firstSeq: number): void {
    for (const note of this.#anchors()) {
      if (this.#anchorsDone.has(note) || note.size < firstSeq || note.size <= this.#lines.seq)
        continue;
      this.#anchorsDone.add(note);
      if (!isSigned(note, this.#options.keys)) {
        this.#lines.complain('bad-signature', unsignedAnchor);
        continue;
      }
      const missing = `a checkpoint from outside covers ${note.size} records, the log ends at ${this.#lines.seq}`;
      this.#lines.complain('truncated', missing, this.#lines.seq + 1);
    }
  }

  #anchors(): readonly Note[] {
    const mine = this.#lines.id === undefined ? '' : toOrigin(this.#lines.id);
    return this.#options.anchors.filter(({ origin }) => origin === mine);
  }

  #isGenuine(note: Note): boolean {
    const isOurs = this.#lines.id === undefined || note.origin === toOrigin(this.#lines.id);
    return isOurs && isSigned(note, this.#options.keys);
  }

  #compare(note: Note): void {
    const isAnchor = this.#options.anchors.includes(note);
    if (isAnchor) this.#anchorsDone.add(note);
    if (isAnchor && !isSigned(note, this.#options.keys)) {
      this.#lines.complain('bad-signature', unsignedAnchor);
      return;
    }
    this.seq = Math.max(this.seq, note.size);
    if (this.#range !== undefined && !note.root.equals(this.#range.root())) {
      const where = `something in records ${this.#lastMatch + 1} to ${note.size}`;
      const message = `${where} is not what was signed`;
      this.#lines.complain('root-mismatch', message, this.#lastMatch + 1);
      this.#range = undefined;
      return;
    }
    this.#lastMatch = note.size;
  }
}

const unsignedAnchor = 'the checkpoint from outside has no valid signature';

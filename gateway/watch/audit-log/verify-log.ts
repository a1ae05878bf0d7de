/**
 * Whether a log is what was written: chain, Merkle roots against signed checkpoints, segments that
 * follow each other, and anchors that were kept outside. Reads everything once and says of each
 * problem where it is. What nothing signed covers yet is counted, not vouched for.
 */
import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainLink, lineHash, readLink } from './chain-line.ts';
import { type CompactRange, leafHash } from './merkle.ts';
import { eachLine, listSegments, readBlocks, segmentsSince } from './read-segment.ts';
import { checkpointsName, type SegmentFiles, startName } from './segment-names.ts';
import { isGenuine, readStart, type SegmentStart } from './segment-start.ts';
import { readShipped } from './shipped-cursor.ts';
import { isSigned, type Note, readNotes, toOrigin } from './signed-note.ts';
import { readIfThere } from './signing-key.ts';

export type LogProblemCode =
  | 'no-link'
  | 'chain-broken'
  | 'records-missing'
  | 'out-of-order'
  | 'torn-tail'
  | 'root-mismatch'
  | 'bad-signature'
  | 'bad-checkpoints'
  | 'checkpoint-missing'
  | 'start-missing'
  | 'beginning-missing'
  | 'truncated'
  | 'empty';

export interface LogProblem {
  readonly code: LogProblemCode;
  readonly file: string;
  /** From 1; 1 where the problem is of the whole file. */
  readonly line: number;
  readonly seq: number;
  readonly message: string;
}

export interface Verdict {
  readonly ok: boolean;
  readonly directory: string;
  readonly chain: string | undefined;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly records: number;
  readonly checkpoints: number;
  /** Records that no checkpoint covers yet. */
  readonly unsigned: number;
  /** Anchors from outside that were compared, and that could not be. */
  readonly anchors: { readonly checked: number; readonly unchecked: number };
  /** The first hundred. */
  readonly problems: readonly LogProblem[];
}

export interface VerifyOptions {
  readonly keys: readonly KeyObject[];
  /** Checkpoints kept outside. */
  readonly anchors: readonly Note[];
  /** Segments that ended before are left out. */
  readonly sinceMs: number | undefined;
}

const problemsMax = 100;
/** A log signs far more often than this: more without a checkpoint is a problem. */
const unsignedMax = 100_000;
const retiredMark = Buffer.from('"retired":{"through":');

export async function verifyLog(directory: string, options: VerifyOptions): Promise<Verdict> {
  const check = new LogCheck(directory, options);
  return await check.run();
}

class LogCheck {
  readonly #directory: string;
  readonly #options: VerifyOptions;
  readonly #problems: LogProblem[] = [];
  readonly #anchorsDone = new Set<Note>();
  #chain: string | undefined;
  #segment: SegmentFiles = { firstSeq: 1, lines: '', form: 'plain' };
  #line = 0;
  #seq = 0;
  #prev: string | undefined;
  /** Undefined from a problem to the next segment: its root can no longer be right. */
  #range: CompactRange | undefined;
  #signedSeq = 0;
  #lastMatch = 0;
  #records = 0;
  #checkpoints = 0;
  #retiredThrough = 0;

  constructor(directory: string, options: VerifyOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  async run(): Promise<Verdict> {
    const all = await listSegments(this.#directory);
    const segments = await segmentsSince(this.#directory, this.#options.sinceMs);
    const firstSeq = segments[0]?.firstSeq ?? 0;
    for (const [at, segment] of segments.entries()) {
      await this.#segmentStart(segment, at === 0);
      await this.#checkSegment(segment, at === segments.length - 1);
    }
    if (segments.length > 0 && all[0]?.firstSeq === firstSeq) this.#checkBeginning(firstSeq);
    this.#checkAnchors(firstSeq);
    await this.#checkShipped();
    const unsigned = Math.max(0, this.#seq - Math.max(this.#signedSeq, firstSeq - 1));
    if (unsigned > unsignedMax) {
      this.#complain('checkpoint-missing', `no checkpoint covers the last ${unsigned} records`);
    }
    return {
      ok: this.#problems.length === 0,
      directory: this.#directory,
      chain: this.#chain,
      firstSeq,
      lastSeq: this.#seq,
      records: this.#records,
      checkpoints: this.#checkpoints,
      unsigned,
      anchors: {
        checked: this.#anchorsDone.size,
        unchecked: this.#options.anchors.length - this.#anchorsDone.size,
      },
      problems: this.#problems,
    };
  }

  async #segmentStart(segment: SegmentFiles, isFirst: boolean): Promise<void> {
    this.#segment = segment;
    this.#line = 1;
    const start = await this.#readStart(segment.firstSeq);
    if (!isFirst && segment.firstSeq !== this.#seq + 1) {
      const missing = `records ${this.#seq + 1} to ${segment.firstSeq - 1} are missing`;
      this.#complain('records-missing', missing, this.#seq + 1);
    }
    // A start that was signed is worth more than what came before it.
    const before = this.#prev;
    if (start !== undefined && before !== undefined && start.prev !== before) {
      if (segment.firstSeq === this.#seq + 1) {
        this.#complain('chain-broken', 'the line before this segment is not the one it follows');
      }
    }
    this.#prev = start?.prev ?? before;
    this.#range = start?.range.copy();
    this.#lastMatch = segment.firstSeq - 1;
    this.#seq = segment.firstSeq - 1;
    this.#line = 0;
  }

  async #readStart(firstSeq: number): Promise<SegmentStart | undefined> {
    const file = startName(firstSeq);
    try {
      const start = await readStart(this.#directory, firstSeq);
      this.#chain ??= start.chain;
      if (start.chain === this.#chain && isGenuine(start, this.#options.keys)) return start;
      this.#complain('bad-signature', 'what the segment stands on was not signed', firstSeq, file);
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? String(error.code) : 'not readable';
      this.#complain('start-missing', `what the segment stands on: ${why}`, firstSeq, file);
    }
    return undefined;
  }

  async #checkSegment(segment: SegmentFiles, isLast: boolean): Promise<void> {
    const notes = await this.#readNotes(segment);
    const bySize = Map.groupBy([...notes, ...this.#anchors()], ({ size }) => size);
    let tornBytes = 0;
    let endedAt = 0;
    try {
      for await (const block of readBlocks(this.#directory, segment)) {
        this.#findRetired(block.bytes);
        eachLine(block, (line) => {
          this.#checkLine(line, bySize);
          return true;
        });
        endedAt = block.offset + block.bytes.length;
        if (block.bytes.at(-1) !== 10) {
          tornBytes = block.bytes.length - block.bytes.lastIndexOf(10) - 1;
        }
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#complain('truncated', `the segment cannot be read to its end: ${why}`);
    }
    if (tornBytes > 0 && !(isLast && (await this.#hasGrown(segment, endedAt)))) {
      this.#line += 1;
      this.#complain('torn-tail', `${tornBytes} bytes without an end`, this.#seq + 1);
    }
    this.#checkEnd(notes, isLast);
  }

  /** A log that is being written ends in the middle of a line now and then. */
  async #hasGrown({ lines }: SegmentFiles, bytes: number): Promise<boolean> {
    return (await stat(join(this.#directory, lines))).size !== bytes;
  }

  #anchors(): readonly Note[] {
    const mine = this.#chain === undefined ? '' : toOrigin(this.#chain);
    return this.#options.anchors.filter(({ origin }) => origin === mine);
  }

  async #readNotes({ firstSeq }: SegmentFiles): Promise<Note[]> {
    const file = checkpointsName(firstSeq);
    const { notes, brokenAt } = readNotes((await readIfThere(join(this.#directory, file))) ?? '');
    this.#checkpoints += notes.length;
    if (brokenAt !== undefined) {
      this.#complain('bad-checkpoints', `not a signed note at byte ${brokenAt}`, firstSeq, file);
    }
    const genuine = notes.filter((note) => this.#isGenuine(note));
    for (const note of notes) {
      if (genuine.includes(note)) continue;
      this.#complain('bad-signature', 'a checkpoint with no valid signature', note.size, file);
    }
    return genuine;
  }

  #isGenuine(note: Note): boolean {
    const isOurs = this.#chain === undefined || note.origin === toOrigin(this.#chain);
    return isOurs && isSigned(note, this.#options.keys);
  }

  #checkLine(line: Buffer, notes: ReadonlyMap<number, readonly Note[]>): void {
    this.#line += 1;
    this.#records += 1;
    const link = readLink(line);
    if (link === undefined) {
      this.#complain('no-link', 'this line has no place in the chain', this.#seq + 1);
      this.#range = undefined;
      this.#prev = lineHash(line);
      this.#seq += 1;
      return;
    }
    this.#checkLink(link);
    this.#prev = lineHash(line);
    this.#seq = link.seq;
    if (this.#range === undefined) return;
    this.#range.append(leafHash(line));
    for (const note of notes.get(link.seq) ?? []) this.#compare(note);
  }

  #checkLink({ id, seq, prev }: ChainLink): void {
    const expected = this.#seq + 1;
    this.#chain ??= id;
    if (seq > expected) {
      this.#complain('records-missing', `records ${expected} to ${seq - 1} are missing`, expected);
    } else if (seq < expected) {
      this.#complain('out-of-order', `record ${seq} stands where ${expected} belongs`, seq);
    } else if (id !== this.#chain || (this.#prev !== undefined && prev !== this.#prev)) {
      // The line before is not the one that this line was written after.
      this.#complain('chain-broken', 'this record was changed: the next one says so', seq - 1, {
        line: this.#line - 1,
      });
    } else return;
    this.#range = undefined;
  }

  #compare(note: Note): void {
    const isAnchor = this.#options.anchors.includes(note);
    if (isAnchor) this.#anchorsDone.add(note);
    if (isAnchor && !isSigned(note, this.#options.keys)) {
      this.#complain('bad-signature', 'the checkpoint from outside has no valid signature');
      return;
    }
    this.#signedSeq = Math.max(this.#signedSeq, note.size);
    if (this.#range !== undefined && !note.root.equals(this.#range.root())) {
      const where = `something in records ${this.#lastMatch + 1} to ${note.size}`;
      this.#complain('root-mismatch', `${where} is not what was signed`, this.#lastMatch + 1);
      this.#range = undefined;
      return;
    }
    this.#lastMatch = note.size;
  }

  #checkEnd(notes: readonly Note[], isLast: boolean): void {
    const covered = notes.reduce((most, { size }) => Math.max(most, size), 0);
    if (covered > this.#seq) {
      const missing = `a checkpoint covers ${covered} records, the segment ends at ${this.#seq}`;
      this.#complain('truncated', missing, this.#seq + 1);
    }
    if (!isLast && covered < this.#seq) {
      this.#complain('checkpoint-missing', 'a closed segment without its last checkpoint');
    }
  }

  #findRetired(bytes: Buffer): void {
    for (let at = bytes.indexOf(retiredMark); at >= 0; at = bytes.indexOf(retiredMark, at + 1)) {
      const digits = bytes.toString(
        'latin1',
        at + retiredMark.length,
        at + retiredMark.length + 16,
      );
      this.#retiredThrough = Math.max(this.#retiredThrough, Number.parseInt(digits, 10) || 0);
    }
  }

  /** Retention records what it deletes; whoever deletes more cannot. */
  #checkBeginning(firstSeq: number): void {
    if (firstSeq === 1 || this.#retiredThrough >= firstSeq - 1) return;
    const missing = `records 1 to ${firstSeq - 1} are missing and no retention recorded it`;
    this.#complain('beginning-missing', missing, 1, { line: 1, firstSeq });
  }

  #checkAnchors(firstSeq: number): void {
    for (const note of this.#anchors()) {
      if (this.#anchorsDone.has(note) || note.size < firstSeq || note.size <= this.#seq) continue;
      this.#anchorsDone.add(note);
      if (!isSigned(note, this.#options.keys)) {
        this.#complain('bad-signature', 'the checkpoint from outside has no valid signature');
        continue;
      }
      const missing = `a checkpoint from outside covers ${note.size} records, the log ends at ${this.#seq}`;
      this.#complain('truncated', missing, this.#seq + 1);
    }
  }

  async #checkShipped(): Promise<void> {
    const shipped = await readShipped(this.#directory);
    if (shipped <= this.#seq) return;
    if (this.#seq === 0)
      this.#complain('empty', `${shipped} records were sent on, none is here`, 1);
    else {
      const missing = `record ${shipped} was sent on, the log ends at ${this.#seq}`;
      this.#complain('truncated', missing, this.#seq + 1);
    }
  }

  #complain(
    code: LogProblemCode,
    message: string,
    seq = this.#seq,
    at: string | { line: number; firstSeq?: number } = { line: this.#line },
  ): void {
    if (this.#problems.length >= problemsMax) return;
    const isFile = typeof at === 'string';
    const file = join(this.#directory, isFile ? at : this.#segment.lines);
    const line = Math.max(1, isFile ? 1 : at.line);
    this.#problems.push({ code, file, line, seq, message });
  }
}

/** Checkpoints in a text: signed notes, or lines of the log that hold them. Throws Error where there is none. */
export function readAnchors(text: string): Note[] {
  const notes = text.trimStart().startsWith('{')
    ? text.split('\n').flatMap((line) => readNotes(noteIn(line)).notes)
    : readNotes(text).notes;
  if (notes.length === 0) throw new Error('there is no checkpoint in it');
  return notes;
}

const noteForm = /"checkpoint":\{"note":("(?:[^"\\]|\\.)*")\}/;

function noteIn(line: string): string {
  const text = noteForm.exec(line)?.[1];
  return text === undefined ? '' : String(JSON.parse(text));
}

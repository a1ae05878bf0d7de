/**
 * Proves that one record is in the log, without the rest of the log: the line, the hashes beside
 * its path to the root, and the first checkpoint that covers it, in the text form of
 * c2sp.org/tlog-proof. Reads one segment; hashes of earlier records are in the segment's start.
 */
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { readLink } from './chain-line.ts';
import { CompactRange, leafHash, pathSpans, rootOfPath, subtreeSizes } from './merkle.ts';
import { eachLine, listSegments, readBlocks } from './read-segment.ts';
import { checkpointsName, type SegmentFiles } from './segment-names.ts';
import { readStart } from './segment-start.ts';
import { isSigned, type Note, readNotes } from './signed-note.ts';
import { readIfThere } from './signing-key.ts';

export interface Proof {
  /** The record's exact bytes, without the newline. */
  readonly line: string;
  readonly text: string;
}

const header = 'c2sp.org/tlog-proof@v1';

/**
 * `absent`: the record does not exist or no checkpoint covers it yet. `altered`: the log is not
 * what the checkpoint signed, so a proof would be refused.
 */
export type NoProof = 'absent' | 'altered';

/** Throws Error, with the file, if the log cannot be read. */
export async function proveRecord(directory: string, seq: number): Promise<Proof | NoProof> {
  const segment = (await listSegments(directory)).findLast(({ firstSeq }) => firstSeq <= seq);
  if (segment === undefined) return 'absent';
  const file = join(directory, checkpointsName(segment.firstSeq));
  const { notes } = readNotes((await readIfThere(file)) ?? '');
  const note = notes.find(({ size }) => size >= seq);
  if (note === undefined) return 'absent';
  const { range } = await readStart(directory, segment.firstSeq);
  const { line, path } = await readPath(directory, segment, {
    seq,
    size: note.size,
    before: range,
  });
  if (line === undefined) return 'absent';
  const place = { index: seq - 1, size: note.size };
  const root = rootOfPath(place, leafHash(Buffer.from(line)), path);
  if (root?.equals(note.root) !== true) return 'altered';
  const hashes = path.map((one) => `${one.toString('base64')}\n`).join('');
  return { line, text: `${header}\nindex ${seq - 1}\n${hashes}\n${note.text}` };
}

async function readPath(
  directory: string,
  segment: SegmentFiles,
  { seq, size, before }: { seq: number; size: number; before: CompactRange },
): Promise<{ line: string | undefined; path: Buffer[] }> {
  const spans = pathSpans(seq - 1, size).map((span) => ({
    ...span,
    range: beginSpan(span.from, before),
  }));
  let found: string | undefined;
  const visit = (line: Buffer): boolean => {
    const index = (readLink(line)?.seq ?? 0) - 1;
    if (index >= size) return false;
    if (index === seq - 1) found = line.toString('utf8');
    for (const { from, to, range } of spans) {
      if (index >= from && index < to) range.append(leafHash(line));
    }
    return true;
  };
  for await (const block of readBlocks(directory, segment)) {
    if (!eachLine(block, visit)) break;
  }
  return { line: found, path: spans.map(({ range }) => range.root()) };
}

/** The part of a subtree before the segment: whole subtrees of the segment's start. */
function beginSpan(from: number, before: CompactRange): CompactRange {
  let at = 0;
  const mine: Buffer[] = [];
  let size = 0;
  for (const [index, part] of subtreeSizes(before.size).entries()) {
    const one = before.hashes[index];
    if (at >= from && one !== undefined) {
      mine.push(one);
      size += part;
    }
    at += part;
  }
  return new CompactRange(size, mine);
}

const proofForm =
  /^c2sp\.org\/tlog-proof@v1\n(?:extra [^\n]*\n)?index (\d{1,16})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n/;

/** Whether the proof shows that the line is in a log whose checkpoint one of the keys signed. */
export function checkProof(
  { line, text }: Proof,
  keys: readonly KeyObject[],
): { ok: true; note: Note; index: number } | { ok: false; why: string } {
  const match = proofForm.exec(text);
  if (match === null) return { ok: false, why: 'this is no proof of c2sp.org/tlog-proof' };
  const [note] = readNotes(text.slice(match[0].length)).notes;
  if (note === undefined) return { ok: false, why: 'the proof has no checkpoint' };
  if (!isSigned(note, keys)) return { ok: false, why: 'the checkpoint has no valid signature' };
  const index = Number(match[1]);
  const path = (match[2] ?? '')
    .split('\n')
    .slice(0, -1)
    .map((one) => Buffer.from(one, 'base64'));
  const root = rootOfPath({ index, size: note.size }, leafHash(Buffer.from(line)), path);
  if (root?.equals(note.root) !== true) return { ok: false, why: 'the record is not in that log' };
  return { ok: true, note, index };
}

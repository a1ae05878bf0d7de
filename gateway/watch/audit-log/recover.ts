/**
 * Finds where a log continues at start, however the last run ended. Reads only the last segment and
 * its start. Bytes after the last whole line that continues the chain are moved to a file of their
 * own. Fails closed: a log that contradicts its own signed checkpoints was changed by someone and
 * is not continued, since that would sign lines that the log did not write.
 */
import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import { lineHash, readLink } from './chain-line.ts';
import { CompactRange, leafHash } from './merkle.ts';
import { listOrphans } from './orphan-notes.ts';
import {
  EndlessLine,
  eachLine,
  listSegments,
  readBlocks,
  SegmentUnreadable,
} from './read-segment.ts';
import { checkpointsName, type SegmentFiles } from './segment-names.ts';
import { isGenuine, readStart, type SegmentStart } from './segment-start.ts';
import { readShipped } from './shipped-cursor.ts';
import { type Note, readNotes } from './signed-note.ts';
import { readIfThere } from './signing-key.ts';

/** The log contradicts its own checkpoints. */
export class AuditTampered extends Error {
  override readonly name = 'AuditTampered';
}

export interface Recovered {
  readonly chain: string;
  /** The range over all records. */
  readonly range: CompactRange;
  readonly prev: string;
  /** The segment to continue; undefined if a new one must begin. */
  readonly segment: { readonly firstSeq: number; readonly bytes: number } | undefined;
  readonly checkpointsBytes: number;
  readonly lastNote: Note | undefined;
  readonly torn: Torn | undefined;
  /** A file of the segment that would come next, whose lines are missing. */
  readonly orphan: string | undefined;
}

export interface Torn {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Throws AuditTampered, or system errors. `keys`: whose checkpoints count. */
export async function recover(
  directory: string,
  { keys, nowMs }: { keys: readonly KeyObject[]; nowMs: number },
): Promise<Recovered> {
  await makeFolder(directory, 0o700);
  const last = (await listSegments(directory)).at(-1);
  if (last !== undefined) return await continueFrom(directory, last, { keys, nowMs });
  const orphan = await checkOrphans(directory, 0);
  const shipped = await readShipped(directory);
  if (shipped > 0) {
    throw new AuditTampered(`${directory}: ${shipped} records were sent on and none is there`);
  }
  return {
    chain: randomBytes(12).toString('base64url'),
    range: new CompactRange(),
    prev: '',
    segment: undefined,
    checkpointsBytes: 0,
    lastNote: undefined,
    torn: undefined,
    orphan,
  };
}

async function continueFrom(
  directory: string,
  last: SegmentFiles,
  { keys, nowMs }: { keys: readonly KeyObject[]; nowMs: number },
): Promise<Recovered> {
  const start = await readGenuineStart(directory, last.firstSeq, keys);
  const file = join(directory, checkpointsName(last.firstSeq));
  const text = (await readIfThere(file)) ?? '';
  const { notes, brokenAt } = readNotes(text);
  const replayed = await replay(directory, last, { start, notes });
  const lastNote = notes.at(-1) ?? start.note;
  if (lastNote !== undefined && lastNote.size > replayed.range.size) {
    throw new AuditTampered(
      `${join(directory, last.lines)}: ends at seq ${replayed.range.size}, although a checkpoint covers ${lastNote.size}`,
    );
  }
  const orphan = await checkOrphans(directory, replayed.range.size);
  const isPlain = last.form === 'plain';
  return {
    chain: start.chain,
    range: replayed.range,
    prev: replayed.prev,
    segment: isPlain ? { firstSeq: last.firstSeq, bytes: replayed.bytes } : undefined,
    checkpointsBytes: Buffer.byteLength(text.slice(0, brokenAt)),
    lastNote,
    torn: isPlain ? await keepTorn(join(directory, last.lines), replayed.bytes, nowMs) : undefined,
    orphan,
  };
}

/**
 * Throws AuditTampered if files show that lines were removed, since a new segment would overwrite
 * that evidence. Returns a file without such evidence; it may remain because lines were removed
 * before they were signed, which looks the same as a process that ended while it began the segment.
 */
async function checkOrphans(directory: string, size: number): Promise<string | undefined> {
  const orphans = await listOrphans(directory);
  const found = orphans.find((orphan) => orphan.size > size);
  if (found === undefined) return orphans.find(({ firstSeq }) => firstSeq === size + 1)?.file;
  throw new AuditTampered(
    `${join(directory, found.file)}: ${found.size} records were there once, the log ends at seq ${size}`,
  );
}

async function readGenuineStart(
  directory: string,
  firstSeq: number,
  keys: readonly KeyObject[],
): Promise<SegmentStart> {
  try {
    const start = await readStart(directory, firstSeq);
    if (isGenuine(start, keys)) return start;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AuditTampered(`${directory}: what segment ${firstSeq} stands on: ${why}`);
  }
  throw new AuditTampered(`${directory}: segment ${firstSeq} stands on what was not signed`);
}

interface Replayed {
  readonly range: CompactRange;
  readonly prev: string;
  /** Length of the lines that continue the chain. */
  readonly bytes: number;
}

async function replay(
  directory: string,
  segment: SegmentFiles,
  { start, notes }: { start: SegmentStart; notes: readonly Note[] },
): Promise<Replayed> {
  const range = start.range.copy();
  const signed = new Map(notes.map((note) => [note.size, note]));
  let { prev } = start;
  let bytes = 0;
  const visit = (line: Buffer, offset: number): boolean => {
    const link = readLink(line);
    const isNext = link?.id === start.chain && link.seq === range.size + 1 && link.prev === prev;
    if (!isNext) return false;
    prev = lineHash(line);
    range.append(leafHash(line));
    bytes = offset + line.length + 1;
    const note = signed.get(range.size);
    if (note === undefined || note.root.equals(range.root())) return true;
    throw new AuditTampered(
      `${join(directory, segment.lines)}: something up to seq ${range.size} is not what was signed`,
    );
  };
  try {
    for await (const block of readBlocks(directory, segment)) {
      if (!eachLine(block, visit)) break;
    }
  } catch (error) {
    // A power cut may leave zeros without end. A compressed segment was whole once.
    if (segment.form !== 'plain' || !isEndless(error)) throw error;
  }
  return { range, prev, bytes };
}

const isEndless = (error: unknown): boolean =>
  error instanceof SegmentUnreadable && error.cause instanceof EndlessLine;

/** Copies the bytes after the last good line to a file beside it, before they are cut off. */
async function keepTorn(file: string, from: number, nowMs: number): Promise<Torn | undefined> {
  await using segment = await open(file);
  if ((await segment.stat()).size <= from) return undefined;
  const torn = `${file}.torn-${nowMs}`;
  await using handle = await open(torn, 'w', 0o600);
  const sha256 = createHash('sha256');
  let bytes = 0;
  for await (const chunk of segment.createReadStream({ start: from, autoClose: false })) {
    await handle.writeFile(chunk);
    sha256.update(chunk);
    bytes += chunk.length;
  }
  await handle.sync();
  return { file: torn, bytes, sha256: sha256.digest('hex') };
}

/**
 * The encoded attributes of recent events, so that a forwarder that keeps up need not parse their
 * lines. The log stays authoritative: the body is always its line, and an event that is no longer
 * here is read from its line.
 *
 * Bytes in one ring, not objects: thousands of objects would outlive the young generation and cost
 * the garbage collector more than parsing does.
 */
import type { LooseEvent } from './line-attributes.ts';
import { ProtoWriter } from './proto-writer.ts';
import { writeRecent } from './write-facts.ts';

export interface RecentEvents {
  put(seq: number, event: LooseEvent): void;
  /**
   * Appends the event's attributes; false, and nothing is appended, if the line is not that event.
   */
  write(writer: ProtoWriter, seq: number, line: Buffer): boolean;
}

const keptMax = 8_192;
const ringBytes = 4 * 1024 * 1024;
const factsBytesMax = 16 * 1024;
/** A line's id is within its first bytes, since it begins with its metadata. */
const uidWithinBytes = 512;
const before = '"uid":"';
const after = '","event_code":';

export function createRecentEvents(): RecentEvents {
  const ring = Buffer.allocUnsafeSlow(ringBytes);
  const scratch = new ProtoWriter(factsBytesMax);
  // By seq modulo `keptMax`: the seq, where its bytes start (counted from the first byte ever put),
  // their length, and where the event's id is within them.
  const seqs = new Float64Array(keptMax);
  const starts = new Float64Array(keptMax);
  const lengths = new Uint32Array(keptMax);
  const uidStarts = new Uint32Array(keptMax);
  const uidEnds = new Uint32Array(keptMax);
  let put = 0;
  // The id's position, which is the same in most lines of a gateway.
  let uidAt = 0;

  /** Whether the line has the id at this position. */
  function standsAt(line: Buffer, at: number, uidStart: number, uidEnd: number): boolean {
    const start = at + before.length;
    if (!isText(line, at, before)) return false;
    for (let from = uidStart; from < uidEnd; from += 1) {
      if (line[start + from - uidStart] !== ring[from]) return false;
    }
    return isText(line, start + uidEnd - uidStart, after);
  }

  return {
    put(seq, event) {
      const uid = event.metadata?.uid;
      if (typeof uid !== 'string' || !isPlain(uid)) return;
      scratch.clear();
      const uidEnd = tryToWrite(scratch, event);
      const { length } = scratch;
      if (uidEnd === undefined || length > factsBytesMax) return;
      const room = ringBytes - (put % ringBytes);
      if (room < length) put += room;
      const slot = seq % keptMax;
      seqs[slot] = seq;
      starts[slot] = put;
      lengths[slot] = length;
      uidEnds[slot] = uidEnd;
      uidStarts[slot] = uidEnd - uid.length;
      scratch.copyTo(ring, put % ringBytes);
      put += length;
    },
    write(writer, seq, line) {
      const slot = seq % keptMax;
      const start = starts[slot] ?? 0;
      if (seqs[slot] !== seq || start + ringBytes < put) return false;
      const at = start % ringBytes;
      const uidStart = at + (uidStarts[slot] ?? 0);
      const uidEnd = at + (uidEnds[slot] ?? 0);
      if (!standsAt(line, uidAt, uidStart, uidEnd)) {
        const found = line
          .subarray(0, uidWithinBytes)
          .indexOf(`${before}${ring.toString('latin1', uidStart, uidEnd)}${after}`);
        if (found < 0) return false;
        uidAt = found;
      }
      writer.part(ring, at, at + (lengths[slot] ?? 0));
      return true;
    },
  };
}

/** An answer waits for this, so a fault here must not fail it: the line is parsed instead. */
function tryToWrite(writer: ProtoWriter, event: LooseEvent): number | undefined {
  try {
    return writeRecent(writer, event);
  } catch {
    return undefined;
  }
}

function isText(line: Buffer, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (line[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}

/** Only characters that neither JSON nor UTF-8 encodes in another way. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false;
  }
  return text !== '';
}

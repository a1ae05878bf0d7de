/**
 * What the records of late events say beside their lines, as bytes of the wire, for a forwarder
 * that keeps up: what it copies from here it need not parse. The log stays the truth: what is
 * shipped as body is its line, and of an event that is not here any more the line alone counts.
 *
 * Bytes in one ring and not objects: thousands of those would outlive the young generation, and
 * cost the garbage collector more than parsing costs.
 */
import type { LooseEvent } from './line-attributes.ts';
import { ProtoWriter } from './proto-writer.ts';
import { writeRecent } from './write-facts.ts';

export interface RecentEvents {
  put(seq: number, event: LooseEvent): void;
  /** Appends them; false, and nothing is appended, where the line is not that event's. */
  write(writer: ProtoWriter, seq: number, line: Buffer): boolean;
}

const keptMax = 8_192;
const ringBytes = 4 * 1024 * 1024;
const factsBytesMax = 16 * 1024;
/** A line begins with its metadata. */
const uidWithinBytes = 512;
const before = '"uid":"';
const after = '","event_code":';

export function createRecentEvents(): RecentEvents {
  const ring = Buffer.allocUnsafeSlow(ringBytes);
  const scratch = new ProtoWriter(factsBytesMax);
  // By place in the chain, modulo: whose facts those are, where they begin counted from the first
  // byte ever put here, their length, and where the event's id stands in them.
  const seqs = new Float64Array(keptMax);
  const starts = new Float64Array(keptMax);
  const lengths = new Uint32Array(keptMax);
  const uidStarts = new Uint32Array(keptMax);
  const uidEnds = new Uint32Array(keptMax);
  let put = 0;
  // What stands before the id is the same in most lines of a gateway.
  let uidAt = 0;

  /** Whether the line has that id at this place. */
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

/** An answer waits for this: a fault in it must not become one of the answer. The line is parsed then. */
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

/** Letters, digits and what else stands for itself in JSON and in UTF-8. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false;
  }
  return text !== '';
}

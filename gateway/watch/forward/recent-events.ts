/**
 * Events of late by their place in the chain, for a forwarder that keeps up: what it takes from
 * here it need not parse. Bounded; where an event is not here any more, or the line is of another,
 * the line alone counts. The log stays the truth: what is shipped as body is its line.
 */
import type { LooseEvent } from './line-attributes.ts';

export interface RecentEvents {
  put(seq: number, event: LooseEvent): void;
  /** Once; undefined where the line is not that event's. */
  take(seq: number, line: Buffer): LooseEvent | undefined;
}

const keptMax = 2_048;
/** A line begins with its metadata. */
const uidWithinBytes = 512;

export function createRecentEvents(): RecentEvents {
  const kept: ({ seq: number; event: LooseEvent } | undefined)[] = new Array(keptMax).fill(
    undefined,
  );
  // What stands before the id is the same in all lines of a gateway.
  let uidAt = 0;
  return {
    put(seq, event) {
      kept[seq % keptMax] = { seq, event };
    },
    take(seq, line) {
      const found = kept[seq % keptMax];
      if (found === undefined || found.seq !== seq) return undefined;
      kept[seq % keptMax] = undefined;
      const uid = found.event.metadata?.uid;
      if (typeof uid !== 'string') return undefined;
      if (standsAt(line, uidAt, uid)) return found.event;
      const at = line
        .subarray(0, uidWithinBytes)
        .indexOf(`"uid":${JSON.stringify(uid)},"event_code":`);
      if (at < 0) return undefined;
      uidAt = at;
      return found.event;
    },
  };
}

const before = '"uid":"';
const after = '","event_code":';

/** Whether the id is there, as text that needs no escape. */
function standsAt(line: Buffer, start: number, uid: string): boolean {
  const at = start + before.length;
  return (
    isText(line, start, before) && isPlain(line, at, uid) && isText(line, at + uid.length, after)
  );
}

function isText(line: Buffer, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (line[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}

/** Letters, digits and what else stands for itself in JSON and in UTF-8. */
function isPlain(line: Buffer, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (line[start + at] !== code || code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) {
      return false;
    }
  }
  return true;
}

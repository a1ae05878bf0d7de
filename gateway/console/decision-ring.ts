/**
 * The last decisions of one process, for the console. Of each request it keeps a reference to its
 * log line, and what the record says of rules and classes besides. Nothing is computed until the
 * console asks.
 *
 * Bounded in entries and in bytes: long lines evict older ones sooner. No caller, address,
 * variable, literal or token: the line has none, and only the members named here are kept of the
 * record.
 */
import type { Denial } from '../decision.ts';
import type { Delivered } from '../plan/tally.ts';
import type { RequestRecord } from '../request.ts';

/** The kept members of a closed record. */
export type DecidedRecord = Pick<RequestRecord, 'denials' | 'delivered' | 'policy' | 'operation'>;

export interface RingBounds {
  readonly entriesMax: number;
  /** Counts two per character of a line, and `listedBytes` per rule listed with it. */
  readonly bytesMax: number;
}

export const ringBounds: RingBounds = { entriesMax: 500, bytesMax: 4 * 1024 * 1024 };

/** Bounds of one read. */
export interface ReadBounds {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

export interface ReadDecisions {
  /** A JSON list, oldest first. */
  readonly text: string;
  /** Number of the newest decision; 0 if there was none. */
  readonly last: number;
  /** Decisions after the requested number that are not in the list. */
  readonly skipped: number;
}

export interface DecisionRing {
  /** @param line the log's line, a JSON object */
  take(record: DecidedRecord, line: string): void;
  /** The newest decisions whose number is greater than `after`. */
  read(after: number, bounds: ReadBounds): ReadDecisions;
  /** Of the decisions kept now. */
  sizes(): { readonly entries: number; readonly bytes: number };
}

/** Rules listed with a line; the line has their number. */
const listedMax = 50;
const listedBytes = 256;
/** Characters of a trusted document's name, which the operator chose. */
const nameMax = 100;

interface Slot {
  line: string;
  bytes: number;
  denials: readonly Denial[];
  delivered: readonly Delivered[];
  policy: RequestRecord['policy'];
  name: string | undefined;
}

const nothing: readonly never[] = Object.freeze([]);

export function createDecisionRing({
  entriesMax,
  bytesMax,
}: RingBounds = ringBounds): DecisionRing {
  // Allocated once and reused, so that a request allocates nothing here.
  const slots = Array.from({ length: entriesMax }, emptySlot);
  let first = 1;
  let next = 1;
  let bytes = 0;
  const slotOf = (seq: number): Slot => slots[seq % entriesMax] as Slot;

  function forgetFirst(): void {
    const slot = slotOf(first);
    bytes -= slot.bytes;
    slot.line = '';
    slot.denials = slot.delivered = nothing;
    slot.policy = slot.name = undefined;
    first += 1;
  }

  return {
    take({ denials, delivered, policy, operation }, line) {
      const listed = Math.min(denials.length, listedMax) + Math.min(delivered.length, listedMax);
      const size = 2 * line.length + listedBytes * listed;
      if (size > bytesMax) return;
      while (next - first >= entriesMax || bytes + size > bytesMax) forgetFirst();
      const slot = slotOf(next);
      slot.line = line;
      slot.bytes = size;
      slot.denials = head(denials);
      slot.delivered = head(delivered);
      slot.policy = policy;
      slot.name = operation?.name;
      bytes += size;
      next += 1;
    },
    read(after, bounds) {
      const from = Math.max(first, after + 1);
      let start = next;
      let size = 0;
      while (start > from && next - start < bounds.entriesMax) {
        size += slotOf(start - 1).bytes;
        if (size > bounds.bytesMax) break;
        start -= 1;
      }
      const texts: string[] = [];
      for (let seq = start; seq < next; seq += 1) texts.push(toText(seq, slotOf(seq)));
      // A reader that asks for a number still to come has read another ring.
      const skipped = Math.max(0, start - Math.max(after + 1, 1));
      return { text: `[${texts.join(',')}]`, last: next - 1, skipped };
    },
    sizes: () => ({ entries: next - first, bytes }),
  };
}

/** Names each member that is written: the record's objects may come to have more. */
function toText(seq: number, slot: Slot): string {
  const beside = JSON.stringify({
    seq,
    name: slot.name?.slice(0, nameMax),
    policy: slot.policy && { afterMs: slot.policy.afterMs, durationMs: slot.policy.durationMs },
    denials: slot.denials.map(({ coordinate, classes, rule, scopes, asks, stepUp }) => ({
      coordinate,
      classes,
      rule,
      scopes,
      asks,
      stepUp,
    })),
    delivered: slot.delivered.map(({ coordinate, classes, rule, count, masked }) => ({
      coordinate,
      classes,
      rule,
      count,
      masked,
    })),
  });
  return `${beside.slice(0, -1)},"line":${slot.line}}`;
}

const head = <Value>(list: readonly Value[]): readonly Value[] => {
  if (list.length === 0) return nothing;
  return list.length > listedMax ? list.slice(0, listedMax) : list;
};

function emptySlot(): Slot {
  return {
    line: '',
    bytes: 0,
    denials: nothing,
    delivered: nothing,
    policy: undefined,
    name: undefined,
  };
}

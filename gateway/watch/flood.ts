/**
 * Keeps strangers from filling the disk: refusals of requests that nobody stands behind are
 * written one by one up to a number per second and reason, then counted, and a second's count
 * becomes one event. Refusals of identified callers are always written: their rates bound them.
 */
import type { RequestRecord } from '../request.ts';

export interface FloodCount {
  readonly reason: string;
  /** Refusals that have no event of their own. */
  readonly count: number;
  /** Networks they came from, most first, at most `addressesListed`. */
  readonly addresses: readonly { readonly address: string; readonly count: number }[];
  /** Of addresses past `addressesMax`. */
  readonly otherAddresses: number;
  /** The second, milliseconds since the epoch. */
  readonly fromMs: number;
}

/** Events of their own per second and reason. */
const eventsPerSecondMax = 20;
const addressesMax = 1_000;
const addressesListed = 20;

interface Window {
  seen: number;
  readonly byAddress: Map<string, number>;
  other: number;
}

export class FloodCounter {
  private secondMs = 0;
  private windows = new Map<string, Window>();

  /** Whether this record gets an event of its own; counted where not. */
  admit(record: RequestRecord, nowMs: number): { own: boolean; ended: readonly FloodCount[] } {
    const ended = this.turn(nowMs);
    if (record.refusal === undefined || isKnown(record)) return { own: true, ended };
    const { reason } = record.refusal;
    const window = this.windows.get(reason) ?? { seen: 0, byAddress: new Map(), other: 0 };
    this.windows.set(reason, window);
    window.seen += 1;
    if (window.seen <= eventsPerSecondMax) return { own: true, ended };
    const address = record.clientAddress ?? record.peer;
    const count = window.byAddress.get(address);
    if (count === undefined && window.byAddress.size >= addressesMax) window.other += 1;
    else window.byAddress.set(address, (count ?? 0) + 1);
    return { own: false, ended };
  }

  /** Counts of a second that is over; none while it runs. Ask once a second where nothing comes. */
  turn(nowMs: number): readonly FloodCount[] {
    const secondMs = nowMs - (nowMs % 1_000);
    if (secondMs === this.secondMs) return [];
    const ended = [...this.windows]
      .filter(([, { seen }]) => seen > eventsPerSecondMax)
      .map(([reason, window]) => toCount(reason, window, this.secondMs));
    this.secondMs = secondMs;
    this.windows = new Map();
    return ended;
  }
}

const isKnown = ({ caller }: RequestRecord): boolean =>
  caller !== undefined && caller.kind !== 'anonymous';

function toCount(reason: string, window: Window, fromMs: number): FloodCount {
  const all = [...window.byAddress].sort(([, one], [, other]) => other - one);
  const listed = all.slice(0, addressesListed);
  const rest = all.slice(addressesListed).reduce((sum, [, count]) => sum + count, 0);
  return {
    reason,
    count: window.seen - eventsPerSecondMax,
    addresses: listed.map(([address, count]) => ({ address, count })),
    otherAddresses: window.other + rest,
    fromMs,
  };
}

/**
 * Keeps strangers from filling the disk: refusals of requests that nobody stands behind are
 * written one by one up to a number per second and reason, then counted, and a second's count
 * becomes one event. Refusals of identified callers are always written: their rates bound them. So
 * are those of requests that had reached an upstream: what was begun there is no mere refusal.
 */
import type { RequestRecord } from '../request.ts';
import { recordsPerSecondMax, type TurnedAway } from '../turned-away.ts';

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

const addressesMax = 1_000;
const addressesListed = 20;

interface Window {
  /** Refusals that had an event of their own. */
  own: number;
  /** Those that had none. */
  counted: number;
  readonly byAddress: Map<string, number>;
  other: number;
}

export class FloodCounter {
  private secondMs = 0;
  private windows = new Map<string, Window>();

  /** Whether this record gets an event of its own; counted where not. */
  admit(record: RequestRecord, nowMs: number): { own: boolean; ended: readonly FloodCount[] } {
    const ended = this.turn(nowMs);
    const { refusal, upstreamCallCount } = record;
    if (refusal === undefined || upstreamCallCount > 0 || isKnown(record)) {
      return { own: true, ended };
    }
    const window = this.windowOf(refusal.reason);
    if (window.own < recordsPerSecondMax) {
      window.own += 1;
      return { own: true, ended };
    }
    add(window, record.clientAddress ?? record.peer);
    return { own: false, ended };
  }

  /** Counts one that has no record; counts of a second that is over, as `turn` gives them. */
  count({ reason, address }: TurnedAway, nowMs: number): readonly FloodCount[] {
    const ended = this.turn(nowMs);
    add(this.windowOf(reason), address);
    return ended;
  }

  /** Counts of a second that is over; none while it runs. Ask once a second where nothing comes. */
  turn(nowMs: number): readonly FloodCount[] {
    const secondMs = nowMs - (nowMs % 1_000);
    if (secondMs === this.secondMs) return [];
    const ended = [...this.windows]
      .filter(([, { counted }]) => counted > 0)
      .map(([reason, window]) => toCount(reason, window, this.secondMs));
    this.secondMs = secondMs;
    this.windows = new Map();
    return ended;
  }

  private windowOf(reason: string): Window {
    let window = this.windows.get(reason);
    if (window === undefined) {
      window = { own: 0, counted: 0, byAddress: new Map(), other: 0 };
      this.windows.set(reason, window);
    }
    return window;
  }
}

function add(window: Window, address: string): void {
  window.counted += 1;
  const count = window.byAddress.get(address);
  if (count === undefined && window.byAddress.size >= addressesMax) window.other += 1;
  else window.byAddress.set(address, (count ?? 0) + 1);
}

const isKnown = ({ caller }: RequestRecord): boolean =>
  caller !== undefined && caller.kind !== 'anonymous';

function toCount(reason: string, window: Window, fromMs: number): FloodCount {
  const all = [...window.byAddress].sort(([, one], [, other]) => other - one);
  const listed = all.slice(0, addressesListed);
  const rest = all.slice(addressesListed).reduce((sum, [, count]) => sum + count, 0);
  return {
    reason,
    count: window.counted,
    addresses: listed.map(([address, count]) => ({ address, count })),
    otherAddresses: window.other + rest,
    fromMs,
  };
}

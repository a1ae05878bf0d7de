/**
 * Keeps anonymous callers from filling the disk: their refusals are written one by one up to a
 * limit per second and reason, then only counted, and a second's count becomes one event. Refusals
 * of identified callers are always written, since their rates bound them. So are refusals of
 * requests that had already reached an upstream: something was begun there.
 */
import type { RequestRecord } from '../request.ts';
import { recordsPerSecondMax, type TurnedAway } from '../turned-away.ts';

export interface FloodCount {
  readonly reason: string;
  /** Refusals without an event of their own. */
  readonly count: number;
  /** The addresses they came from, most frequent first, at most `addressesListed`. */
  readonly addresses: readonly { readonly address: string; readonly count: number }[];
  /** Refusals from addresses that are not listed. */
  readonly otherAddresses: number;
  /** Start of the second, in milliseconds since the epoch. */
  readonly fromMs: number;
}

const addressesMax = 1_000;
const addressesListed = 20;

interface Window {
  /** Refusals written as events of their own. */
  own: number;
  /** Refusals only counted. */
  counted: number;
  readonly byAddress: Map<string, number>;
  other: number;
}

export class FloodCounter {
  #secondMs = 0;
  #windows = new Map<string, Window>();

  /** Whether this record gets an event of its own; if not, it is counted. */
  admit(record: RequestRecord, nowMs: number): { own: boolean; ended: readonly FloodCount[] } {
    const ended = this.takeEnded(nowMs);
    const { refusal, upstreamCallCount } = record;
    if (refusal === undefined || upstreamCallCount > 0 || isKnown(record)) {
      return { own: true, ended };
    }
    const window = this.#windowOf(refusal.reason);
    if (window.own < recordsPerSecondMax) {
      window.own += 1;
      return { own: true, ended };
    }
    add(window, record.clientAddress ?? record.peer);
    return { own: false, ended };
  }

  /**
   * Counts a refused request without a record; returns the counts of a past second, like
   * `takeEnded`.
   */
  count({ reason, address }: TurnedAway, nowMs: number): readonly FloodCount[] {
    const ended = this.takeEnded(nowMs);
    add(this.#windowOf(reason), address);
    return ended;
  }

  /**
   * Removes and returns the counts of a second that has passed, if any. Call once a second while no
   * request comes.
   */
  takeEnded(nowMs: number): readonly FloodCount[] {
    const secondMs = nowMs - (nowMs % 1_000);
    if (secondMs === this.#secondMs) return [];
    const ended = [...this.#windows]
      .filter(([, { counted }]) => counted > 0)
      .map(([reason, window]) => toCount(reason, window, this.#secondMs));
    this.#secondMs = secondMs;
    this.#windows = new Map();
    return ended;
  }

  #windowOf(reason: string): Window {
    let window = this.#windows.get(reason);
    if (window === undefined) {
      window = { own: 0, counted: 0, byAddress: new Map(), other: 0 };
      this.#windows.set(reason, window);
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

/**
 * How many classified values were sent, by class and rule, and how often rates were near or past
 * their limit: in the last hour, the last day and in all. The metrics have totals only, and do not
 * count values by rule.
 *
 * Names come from the policies; past `rowsMax` of a kind they are counted as `_OTHER`.
 */

import type { Delivered } from '../plan/tally.ts';
import type { RequestRecord } from '../request.ts';
import { type Counts, WindowedCount } from './windowed-count.ts';

export interface ExposureRow {
  readonly class: string;
  readonly rule: string;
  /** Values sent unmasked. */
  readonly clear: Counts;
  readonly masked: Counts;
}

export interface RateRow {
  readonly rate: string;
  /** Requests that left less than a tenth of the rate. */
  readonly near: Counts;
  readonly refused: Counts;
}

export interface Exposure {
  count(record: Pick<RequestRecord, 'delivered' | 'charges'>): void;
  classes(): ExposureRow[];
  rates(): RateRow[];
}

export const rowsMax = 200;
export const otherName = '_OTHER';

interface Pair {
  readonly names: readonly string[];
  readonly one: WindowedCount;
  readonly other: WindowedCount;
}

export function createExposure(now: () => number): Exposure {
  const byClass = new Pairs();
  const byRate = new Pairs();
  const countDelivered = ({ classes, rule, count, masked }: Delivered): void => {
    for (const name of classes) {
      const pair = byClass.of(name, rule);
      if (count > masked) pair.one.add(count - masked, now());
      if (masked > 0) pair.other.add(masked, now());
    }
  };
  return {
    count({ delivered, charges }) {
      for (const one of delivered) countDelivered(one);
      for (const { rate, near, exhausted } of charges) {
        if (exhausted) byRate.of(rate, '').other.add(1, now());
        else if (near) byRate.of(rate, '').one.add(1, now());
      }
    },
    classes: () =>
      byClass.all().map(({ names: [name = '', rule = ''], one, other }) => ({
        class: name,
        rule,
        clear: one.read(now()),
        masked: other.read(now()),
      })),
    rates: () =>
      byRate.all().map(({ names: [rate = ''], one, other }) => ({
        rate,
        near: one.read(now()),
        refused: other.read(now()),
      })),
  };
}

/** Two counts for each pair of names. */
class Pairs {
  readonly #byName = new Map<string, Map<string, Pair>>();
  #size = 0;

  of(first: string, second: string): Pair {
    const pair = this.#byName.get(first)?.get(second);
    if (pair !== undefined) return pair;
    return this.#size < rowsMax ? this.#add(first, second) : this.#overflow();
  }

  all(): Pair[] {
    return [...this.#byName.values()].flatMap((pairs) => [...pairs.values()]);
  }

  #overflow(): Pair {
    return this.#byName.get(otherName)?.get(otherName) ?? this.#add(otherName, otherName);
  }

  #add(first: string, second: string): Pair {
    const pair = { names: [first, second], one: new WindowedCount(), other: new WindowedCount() };
    const pairs = this.#byName.get(first) ?? new Map<string, Pair>();
    this.#byName.set(first, pairs.set(second, pair));
    this.#size += 1;
    return pair;
  }
}

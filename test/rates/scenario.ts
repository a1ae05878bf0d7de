/** Random histories of a store: charges, returns and a clock that also jumps; and what they gave. */
import fc from 'fast-check';
import type { Charge, Outcome, Receipt } from '../../gateway/rates/store.ts';
import { of } from './charges.ts';

/** One thing that happens; whoever charges, it happens in this order. */
type Step =
  | { readonly kind: 'wait'; readonly part: number }
  | { readonly kind: 'step back'; readonly part: number }
  | {
      readonly kind: 'charge';
      readonly keys: readonly number[];
      readonly amount: number;
      readonly partial: boolean;
    }
  | { readonly kind: 'give back'; readonly which: number; readonly amount: number };

const part = fc.oneof(
  fc.constantFrom(0, 0.02, 0.5, 0.98, 1, 1.02),
  fc.double({ min: 0, max: 1.2, noNaN: true }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      part: fc.oneof(fc.constant(0.01), part),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('step back' as const), part }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('charge' as const),
      keys: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
      amount: fc.oneof(fc.constant(1), fc.nat(40)),
      partial: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('give back' as const),
      which: fc.nat(1_000),
      amount: fc.nat(30),
    }),
  },
);

export const scenario = fc.record({
  limit: fc.oneof(
    fc.integer({ min: 1, max: 8 }),
    fc.constantFrom(50, 51, 52, 53),
    fc.integer({ min: 40, max: 300 }),
  ),
  windowMs: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(1_000, 60_000, 3_600_001)),
  keysMax: fc.constantFrom(1, 3, 100),
  steps: fc.array(step, { minLength: 30, maxLength: 120 }),
});

export interface Scenario {
  readonly limit: number;
  readonly windowMs: number;
  readonly steps: readonly Step[];
}

/** What was granted to one key, by the clock of the store. */
export interface Grant {
  readonly key: number;
  readonly atMs: number;
  readonly units: number;
  /** What of it was not given back. */
  left: number;
}

/** The most that any window of this length holds for one key. */
export function mostInWindow(grants: readonly Grant[], windowMs: number): number {
  let most = 0;
  for (const last of grants) {
    const inside = grants.filter(
      ({ key, atMs }) => key === last.key && atMs <= last.atMs && last.atMs - atMs <= windowMs,
    );
    most = Math.max(
      most,
      inside.reduce((sum, { left }) => sum + left, 0),
    );
  }
  return most;
}

export interface Played {
  readonly grants: readonly Grant[];
  readonly outcomes: readonly Outcome[];
}

/**
 * The time at which a store takes a charge to happen. A clock may run backwards, a store does not:
 * memory goes by the latest reading of all its charges, Redis by the latest of what a bucket holds.
 */
type TimeOf = (clockMs: number, key: number, grants: readonly Grant[]) => number;

export function storeTime(): TimeOf {
  let latestMs = Number.NEGATIVE_INFINITY;
  return (clockMs) => {
    latestMs = Math.max(latestMs, clockMs);
    return latestMs;
  };
}

export const bucketTime: TimeOf = (clockMs, key, grants) =>
  Math.max(
    clockMs,
    ...grants.filter((grant) => grant.key === key && grant.units > 0).map(({ atMs }) => atMs),
  );

export interface Player {
  readonly clock: { nowMs: number };
  readonly charge: (charges: readonly Charge[]) => Outcome | Promise<Outcome>;
  readonly giveBack: (receipt: Receipt, amounts: readonly number[]) => unknown;
  readonly timeOf: TimeOf;
}

export async function play(given: Scenario, player: Player): Promise<Played> {
  const { limit, windowMs } = given;
  const { clock, timeOf } = player;
  const grants: Grant[] = [];
  const outcomes: Outcome[] = [];
  const receipts: { receipt: Receipt; lines: Grant[] }[] = [];

  const charge = async ({ keys, amount, partial }: Extract<Step, { kind: 'charge' }>) => {
    const charges = keys.map((key) => of({ key: `key ${key}`, limit, windowMs, amount, partial }));
    const times = keys.map((key) => timeOf(clock.nowMs, key, grants));
    const outcome = await player.charge(charges);
    outcomes.push(outcome);
    if (outcome.ok !== true) return;
    const lines = keys.map((key, at) => ({
      key,
      atMs: times[at] ?? 0,
      units: outcome.granted[at] ?? 0,
      left: outcome.granted[at] ?? 0,
    }));
    grants.push(...lines);
    receipts.push({ receipt: outcome.receipt, lines });
  };
  const giveBack = async ({ which, amount }: Extract<Step, { kind: 'give back' }>) => {
    const returned = receipts[which % receipts.length];
    if (returned === undefined) return;
    await player.giveBack(
      returned.receipt,
      returned.lines.map(() => amount),
    );
    for (const line of returned.lines) line.left -= Math.min(line.left, amount);
  };

  for (const one of given.steps) {
    if (one.kind === 'wait') clock.nowMs += Math.floor(one.part * windowMs);
    if (one.kind === 'step back') clock.nowMs -= Math.floor(one.part * windowMs);
    if (one.kind === 'charge') await charge(one);
    if (one.kind === 'give back') await giveBack(one);
  }
  return { grants, outcomes };
}

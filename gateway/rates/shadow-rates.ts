/**
 * Rates in shadow mode: charged in the same call to the store, in buckets of their own, and
 * reported separately. Callers are told, charged and refused only by the rates in force.
 */
import type { AuthorizedOperation } from '../plan/plan.ts';
import type { ChargeResult, Line, ShadowedRate } from './charge-result.ts';
import type { CompiledRate } from './rate.ts';
import type { Charge, Outcome, RateStore } from './store.ts';

/** No rate in force can have such a name. */
export const toShadowedCharge = (charge: Omit<Charge, 'inShadow' | 'partial'>): Charge => ({
  ...charge,
  rate: `shadow of ${charge.rate}`,
  inShadow: true,
});

type ToResult = (
  lines: readonly Line[],
  outcome: Outcome,
  store: RateStore,
  operation: AuthorizedOperation | undefined,
) => ChargeResult;

/** Passes on the rates in force, in their order, and adds the results of the others. */
export function withShadows(toResult: ToResult): ToResult {
  return (lines, outcome, store, operation) => {
    const inForce = lines.flatMap(({ rate }, index) => (rate.inShadow ? [] : [index]));
    if (inForce.length === lines.length) return toResult(lines, outcome, store, operation);
    const pick = <T>(list: readonly T[]): T[] => inForce.flatMap((index) => list[index] ?? []);
    const others = toStore(store, inForce, lines.length);
    if (outcome.ok === 'unavailable') {
      // Without a rate in force, an unavailable store must not refuse.
      const answer: Outcome = inForce.length > 0 ? outcome : noneLeft;
      return toResult(pick(lines), answer, others, operation);
    }
    const same = { remaining: pick(outcome.remaining), resetMs: pick(outcome.resetMs) };
    const seen: Outcome = outcome.ok
      ? { ...outcome, ...same, granted: pick(outcome.granted) }
      : { ...outcome, ...same, refused: inForce.indexOf(outcome.refused) };
    const shadowed = lines.flatMap(({ rate, charge }, index): ShadowedRate[] => {
      if (!rate.inShadow) return [];
      const { amount } = charge;
      const remaining = outcome.remaining[index] ?? 0;
      const had = outcome.ok ? (outcome.granted[index] ?? 0) : remaining;
      const { name, limit } = rate;
      const coordinates = coordinatesOf(rate, operation);
      return [{ rate: name, amount, remaining, limit, exhausted: had < amount, coordinates }];
    });
    return { ...toResult(pick(lines), seen, others, operation), shadowed };
  };
}

const noneLeft: Outcome = {
  ok: true,
  granted: [],
  remaining: [],
  resetMs: [],
  receipt: { kind: 'memory', lines: [] },
};

/** A receipt has lines for all charges, so returned amounts are put at their indexes. */
const toStore = (store: RateStore, inForce: readonly number[], count: number): RateStore => ({
  ...store,
  giveBack(receipt, amounts) {
    const all = Array.from({ length: count }, () => 0);
    for (const [at, index] of inForce.entries()) all[index] = amounts[at] ?? 0;
    return store.giveBack(receipt, all);
  },
});

function coordinatesOf(
  { coordinates }: CompiledRate,
  operation: AuthorizedOperation | undefined,
): readonly string[] {
  if (coordinates === undefined || operation === undefined) return [];
  const { allowed, masked, rowDenials } = operation;
  const used = new Set([...allowed, ...masked, ...rowDenials.keys()]);
  return [...used].filter((one) => coordinates.has(one));
}

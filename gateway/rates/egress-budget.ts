/** Counts down the reservations of a request's record rates as values leave. */
import type { Egress } from '../plan/egress.ts';
import type { CompiledRate } from './rate.ts';

export interface Reservation {
  readonly rate: CompiledRate;
  readonly granted: number;
}

export interface EgressBudget extends Egress {
  /** The unused part of each reservation, in their order. */
  unused(): number[];
}

export function createEgressBudget(reservations: readonly Reservation[]): EgressBudget {
  const left = reservations.map((one) => one.granted);
  return {
    take(coordinate) {
      const touched: number[] = [];
      for (const [index, { rate }] of reservations.entries()) {
        if (rate.coordinates?.has(coordinate) !== true) continue;
        if ((left[index] ?? 0) <= 0) return false;
        touched.push(index);
      }
      // All or none: a value that one budget withholds is not counted by the others.
      for (const index of touched) left[index] = (left[index] ?? 0) - 1;
      return true;
    },
    unused: () => [...left],
  };
}

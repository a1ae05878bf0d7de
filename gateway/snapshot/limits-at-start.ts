/**
 * Limits that a running process cannot change, because their counters were set up at its start. New
 * policies are applied without them, and the operator is told: a limit that is wrongly believed to
 * hold is worse than none.
 */
import type { Limits } from '../limits/limits.ts';

const names = ['inFlight', 'inFlightPerCaller'] as const;

/** One line for each limit that differs from the start. */
export function limitsAtStart(atStart: Limits, now: Limits): string[] {
  return names
    .filter((name) => atStart[name] !== now[name])
    .map((name) => `limits.${name}: ${now[name]} from the next start, ${atStart[name]} until then`);
}

/**
 * Limits that a running process cannot change, because what it counts by them was set up at its
 * start. New policies are taken up without them, and whoever wrote them is told: a limit that is
 * believed to hold and does not is worse than none.
 */
import type { Limits } from '../limits/limits.ts';

const names = ['inFlight', 'inFlightPerCaller'] as const;

/** One line for each of them that is no longer what it was at the start. */
export function limitsAtStart(atStart: Limits, now: Limits): string[] {
  return names
    .filter((name) => atStart[name] !== now[name])
    .map((name) => `limits.${name}: ${now[name]} from the next start, ${atStart[name]} until then`);
}

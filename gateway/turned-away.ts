/**
 * Requests refused at the door during a flood: the first of each second and reason have full
 * records, the rest are only counted, so that our own bookkeeping does not amplify the flood.
 * Observers receive each of the rest in this form, and so count exactly.
 */
import type { Reason } from './decision.ts';

export interface TurnedAway {
  readonly reason: Reason;
  readonly status: number;
  readonly method: string;
  /** The client's address if known, else the socket's. */
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly durationMs: number;
}

/** Refusals per second and reason that get a record. */
export const recordsPerSecondMax = 20;

/**
 * Creates a test for refusals at the door: true if one gets no record, as the maximum is reached.
 */
export function createFloodBound(): (reason: Reason, nowMs: number) => boolean {
  let second = 0;
  let written = new Map<Reason, number>();
  return (reason, nowMs) => {
    const now = Math.floor(nowMs / 1_000);
    if (now !== second) {
      second = now;
      written = new Map();
    }
    const count = written.get(reason) ?? 0;
    if (count >= recordsPerSecondMax) return true;
    written.set(reason, count + 1);
    return false;
  };
}

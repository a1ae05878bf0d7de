/**
 * Requests that are refused at the door, in a flood: the first of each second and reason have a
 * record of their own, as every request; the others are counted and no more, or a flood would be
 * made of our own bookkeeping. Whoever watches gets each of them as this, and counts it exactly.
 */
import type { Reason } from './decision.ts';

export interface TurnedAway {
  readonly reason: Reason;
  readonly status: number;
  readonly method: string;
  /** The client's where it is known, else the socket's. */
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly durationMs: number;
}

/** Refusals per second and reason that are written one by one. */
export const recordsPerSecondMax = 20;

/** Says of each refusal at the door whether it gets no record: as many as there may be are written. */
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

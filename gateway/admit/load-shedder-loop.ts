/**
 * How much of its time the event loop worked, and did not wait, and how long its turns were. The
 * share is the sign of overload that nothing hides: while it is below one, every queue that there is
 * waits for somebody else. A turn takes all that has come since the one before: its length is how
 * far the loop is behind.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

export interface LoopWork {
  /** Of the time, 0 to 1. */
  readonly share: number;
  /** The mean, without the time that the loop waited. */
  readonly turnMs: number;
}

interface LoopTotals extends Pick<EventLoopUtilization, 'idle' | 'active'> {
  readonly turns: number;
}

function readTotals(): LoopTotals {
  const { idle, active } = performance.eventLoopUtilization();
  return { idle, active, turns: performance.nodeTiming.uvMetricsInfo.loopCount };
}

/** @returns what the loop did since it was last asked */
export function createLoopWatch(read: () => LoopTotals = readTotals): () => LoopWork {
  let last = read();
  return () => {
    const current = read();
    const active = current.active - last.active;
    const whole = active + current.idle - last.idle;
    // A turn that is longer than the time between two questions has not ended in it.
    const turns = Math.max(1, current.turns - last.turns);
    last = current;
    return { share: whole > 0 ? active / whole : 0, turnMs: active / turns };
  };
}

/**
 * Measures how busy the event loop was and how long its iterations took. The busy share is a
 * reliable sign of overload: below 1, every queue waits for something outside the process. An
 * iteration handles all events since the previous one, so its length is the loop's lag.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

export interface LoopWork {
  /** Busy share of the time, 0 to 1. */
  readonly share: number;
  /** Mean length of an iteration, without idle time. */
  readonly turnMs: number;
}

interface LoopTotals extends Pick<EventLoopUtilization, 'idle' | 'active'> {
  readonly turns: number;
}

function readTotals(): LoopTotals {
  const { idle, active } = performance.eventLoopUtilization();
  return { idle, active, turns: performance.nodeTiming.uvMetricsInfo.loopCount };
}

/** Creates a function that returns the loop's work since its last call. */
export function createLoopWatch(read: () => LoopTotals = readTotals): () => LoopWork {
  let last = read();
  return () => {
    const current = read();
    const active = current.active - last.active;
    const whole = active + current.idle - last.idle;
    // An iteration longer than the interval did not end in it.
    const turns = Math.max(1, current.turns - last.turns);
    last = current;
    return { share: whole > 0 ? active / whole : 0, turnMs: active / turns };
  };
}

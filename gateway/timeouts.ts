/**
 * Many timeouts behind one timer of the system: nearly all are taken back before they are due, and
 * pay for no more than a place in a map. What is due is told on time.
 */
import { PassingMap } from './passing-map.ts';

export interface Timeouts<T extends object> {
  /** Runs `expire` with it after `waitMs`, unless it is taken out before. */
  add(one: T, waitMs: number): void;
  delete(one: T): void;
  /** What has neither been taken out nor is due. */
  all(): Iterable<T>;
}

const timerMaxMs = 2 ** 31 - 1;

/** The timer holds no process up. */
export function createTimeouts<T extends object>(expire: (one: T) => void): Timeouts<T> {
  const dueMs = new PassingMap<T, number>();
  let timer: NodeJS.Timeout | undefined;
  /** When the timer rings; it may find nothing due. */
  let ringsMs = Number.POSITIVE_INFINITY;

  function arm(atMs: number, nowMs: number): void {
    clearTimeout(timer);
    ringsMs = atMs;
    timer = setTimeout(ring, Math.min(Math.max(1, Math.ceil(atMs - nowMs)), timerMaxMs));
    timer.unref();
  }

  function ring(): void {
    const nowMs = performance.now();
    const due: T[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [one, at] of dueMs) {
      if (at <= nowMs) due.push(one);
      else if (at < nextMs) nextMs = at;
    }
    ringsMs = Number.POSITIVE_INFINITY;
    if (nextMs < ringsMs) arm(nextMs, nowMs);
    for (const one of due) dueMs.delete(one);
    for (const one of due) expire(one);
  }

  return {
    add(one, waitMs) {
      const nowMs = performance.now();
      const at = nowMs + waitMs;
      dueMs.set(one, at);
      if (at < ringsMs) arm(at, nowMs);
    },
    delete(one) {
      dueMs.delete(one);
    },
    all: () => dueMs.keys(),
  };
}

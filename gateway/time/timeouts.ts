/**
 * Many timeouts behind one timer of the system: nearly all are taken back before they are due, and
 * pay for no more than a place in a list. What is due is told on time, and after what has arrived
 * by then: where the process stood still, its timers come before its sockets, and an answer that
 * lies there is not late.
 */
import { Roster } from './roster.ts';

export interface Timeouts<T extends object> {
  /** Runs `expire` with it after `waitMs`, unless it is taken out before, from the place returned. */
  add(one: T, waitMs: number): number;
  delete(one: T, place: number): void;
}

const timerMaxMs = 2 ** 31 - 1;

/** The timer holds no process up. */
export function createTimeouts<T extends object>(expire: (one: T) => void): Timeouts<T> {
  const waiting = new Roster<T>();
  /** By place. */
  const dueMs: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** When the timer rings; it may find nothing due. */
  let ringsMs = Number.POSITIVE_INFINITY;

  function arm(atMs: number, nowMs: number): void {
    clearTimeout(timer);
    ringsMs = atMs;
    const waitMs = Math.min(Math.max(1, Math.ceil(atMs - nowMs)), timerMaxMs);
    timer = setTimeout(() => setImmediate(ring), waitMs);
    timer.unref();
  }

  function ring(): void {
    const nowMs = performance.now();
    const due: [T, number][] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    waiting.each((one, place) => {
      const at = dueMs[place] ?? nowMs;
      if (at <= nowMs) due.push([one, place]);
      else if (at < nextMs) nextMs = at;
    });
    ringsMs = Number.POSITIVE_INFINITY;
    if (nextMs < ringsMs) arm(nextMs, nowMs);
    for (const [one, place] of due) waiting.delete(one, place);
    for (const [one] of due) expire(one);
  }

  return {
    add(one, waitMs) {
      const nowMs = performance.now();
      const at = nowMs + waitMs;
      const place = waiting.add(one);
      dueMs[place] = at;
      if (at < ringsMs) arm(at, nowMs);
      return place;
    },
    delete(one, place) {
      waiting.delete(one, place);
    },
  };
}

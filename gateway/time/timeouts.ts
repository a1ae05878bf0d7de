/**
 * Many timeouts of different lengths behind a single system timer: nearly all are cancelled before
 * they are due, so each costs only a slot in a list. Due items expire on time, but after pending
 * I/O has been read: if the process was blocked, timers run before sockets, and an answer that has
 * already arrived is not late.
 */
import { Roster } from './roster.ts';

export interface Timeouts<T extends object> {
  /** Runs `expire` with the item after `waitMs`, unless it is deleted by its slot before. */
  add(item: T, waitMs: number): number;
  delete(item: T, slot: number): void;
}

const timerMaxMs = 2 ** 31 - 1;

/** Creates timeouts that do not keep the process alive. */
export function createTimeouts<T extends object>(expire: (item: T) => void): Timeouts<T> {
  const waiting = new Roster<T>();
  /** By slot. */
  const dueMs: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** When the timer fires; it may find nothing due. */
  let firesMs = Number.POSITIVE_INFINITY;

  function arm(atMs: number, nowMs: number): void {
    clearTimeout(timer);
    firesMs = atMs;
    const waitMs = Math.min(Math.max(1, Math.ceil(atMs - nowMs)), timerMaxMs);
    timer = setTimeout(() => setImmediate(fire), waitMs);
    timer.unref();
  }

  function fire(): void {
    const nowMs = performance.now();
    const due: [T, number][] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    waiting.each((item, slot) => {
      const at = dueMs[slot] ?? nowMs;
      if (at <= nowMs) due.push([item, slot]);
      else if (at < nextMs) nextMs = at;
    });
    firesMs = Number.POSITIVE_INFINITY;
    if (nextMs < firesMs) arm(nextMs, nowMs);
    for (const [item, slot] of due) waiting.delete(item, slot);
    for (const [item] of due) expire(item);
  }

  return {
    add(item, waitMs) {
      const nowMs = performance.now();
      const at = nowMs + waitMs;
      const slot = waiting.add(item);
      dueMs[slot] = at;
      if (at < firesMs) arm(at, nowMs);
      return slot;
    },
    delete(item, slot) {
      waiting.delete(item, slot);
    },
  };
}

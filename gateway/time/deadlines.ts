/**
 * Many deadlines of equal length behind a single timer: most entries are removed long before they
 * expire, so each costs only a slot in a list. The timer sweeps four times per span.
 */
import { Roster } from './roster.ts';

export interface Deadlines<T extends object> {
  /**
   * Runs `expire` with the item, up to a quarter of the span late, unless deleted by slot before.
   */
  add(item: T): number;
  delete(item: T, slot: number): void;
}

/** @param expire returns true to give the item another span in the same slot */
export function createDeadlines<T extends object>(
  spanMs: number,
  expire: (item: T) => boolean,
  now: () => number = () => performance.now(),
): Deadlines<T> {
  const waiting = new Roster<T>();
  /** By slot. */
  const dueMs: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  function sweep(): void {
    const nowMs = now();
    waiting.each((item, slot) => {
      if ((dueMs[slot] ?? nowMs) > nowMs) return;
      if (expire(item)) dueMs[slot] = nowMs + spanMs;
      else waiting.delete(item, slot);
    });
    if (waiting.size > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  }
  return {
    add(item) {
      const slot = waiting.add(item);
      dueMs[slot] = now() + spanMs;
      if (timer === undefined) {
        timer = setInterval(sweep, Math.max(10, spanMs / 4));
        timer.unref();
      }
      return slot;
    },
    delete(item, slot) {
      waiting.delete(item, slot);
    },
  };
}

/**
 * Many deadlines behind one timer: most of what is given one ends long before, so nothing is paid
 * for it but a place in a map. Checked a few times in the span of a deadline.
 */
import { PassingMap } from './passing-map.ts';

export interface Deadlines<T extends object> {
  /** Runs `expire` with it, up to a quarter of the span late, unless it is taken out before. */
  add(one: T): void;
  delete(one: T): void;
}

/** @param spanMs how long each has; `expire` may add it again */
export function createDeadlines<T extends object>(
  spanMs: number,
  expire: (one: T) => void,
  now: () => number = () => performance.now(),
): Deadlines<T> {
  const dueMs = new PassingMap<T, number>();
  let timer: NodeJS.Timeout | undefined;
  function sweep(): void {
    const nowMs = now();
    for (const [one, due] of [...dueMs]) {
      if (due > nowMs) continue;
      dueMs.delete(one);
      expire(one);
    }
    if (dueMs.size > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  }
  return {
    add(one) {
      dueMs.set(one, now() + spanMs);
      if (timer !== undefined) return;
      timer = setInterval(sweep, Math.max(10, spanMs / 4));
      timer.unref();
    },
    delete(one) {
      dueMs.delete(one);
    },
  };
}

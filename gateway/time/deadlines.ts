/**
 * Many deadlines behind one timer: most of what is given one ends long before, so nothing is paid
 * for it but a place in a list. Checked a few times in the span of a deadline.
 */
import { Roster } from './roster.ts';

export interface Deadlines<T extends object> {
  /** Runs `expire` with it, up to a quarter of the span late, unless it is taken out before, from the place returned. */
  add(one: T): number;
  delete(one: T, place: number): void;
}

/** @param expire says whether it has another span, in the same place */
export function createDeadlines<T extends object>(
  spanMs: number,
  expire: (one: T) => boolean,
  now: () => number = () => performance.now(),
): Deadlines<T> {
  const waiting = new Roster<T>();
  /** By place. */
  const dueMs: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  function sweep(): void {
    const nowMs = now();
    waiting.each((one, place) => {
      if ((dueMs[place] ?? nowMs) > nowMs) return;
      if (expire(one)) dueMs[place] = nowMs + spanMs;
      else waiting.delete(one, place);
    });
    if (waiting.size > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  }
  return {
    add(one) {
      const place = waiting.add(one);
      dueMs[place] = now() + spanMs;
      if (timer === undefined) {
        timer = setInterval(sweep, Math.max(10, spanMs / 4));
        timer.unref();
      }
      return place;
    },
    delete(one, place) {
      waiting.delete(one, place);
    },
  };
}

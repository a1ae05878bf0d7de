/**
 * What is sent leaves together, when the event loop has handled all that had arrived: writes that
 * follow each other wake the process at the other end once, and waking it costs more than a write.
 * It costs no request a turn of the loop.
 */

export interface Departing {
  depart(): void;
}

/** As long as what others send may keep it waiting. */
const waitMaxMs = 5;

let waiting: Departing[] = [];
let sinceMs = 0;

/** Lets it depart when this turn ends, after those that came before. */
export function departAtTurnEnd(one: Departing): void {
  if (waiting.length === 0) {
    setImmediate(departNow);
    sinceMs = performance.now();
  }
  waiting.push(one);
  departLate();
}

/**
 * Lets all depart where they have waited long. A turn ends when all that had arrived is handled, but
 * a flood on more than a thousand connections is taken up to 48 times before that (libuv).
 */
export function departLate(): void {
  if (waiting.length > 0 && performance.now() - sinceMs > waitMaxMs) departNow();
}

/** Lets all depart that wait: for what would else come too late for one of them. */
export function departNow(): void {
  const all = waiting;
  waiting = [];
  for (const one of all) {
    try {
      one.depart();
    } catch (error) {
      // A fault of ours is told, and costs neither those behind it nor the process.
      void Promise.reject(error);
    }
  }
}

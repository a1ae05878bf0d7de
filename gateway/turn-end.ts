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
/**
 * Turns longer than that are no turns of a gateway at work: libuv takes events up to 48 times before
 * one ends, where a flood has them ready on more than a thousand connections.
 */
const turnMaxMs = 100;
/** So many short turns in a row say that such a flood is over. */
const cautiousTurns = 100;

let waiting: Departing[] = [];
let sinceMs = 0;
let isTurnWatched = false;
let turnSinceMs = 0;
/** While above 0, nothing waits. */
let cautious = 0;

/** Lets it depart when this turn ends, after those that came before. */
export function departAtTurnEnd(one: Departing): void {
  const nowMs = performance.now();
  if (!isTurnWatched) {
    isTurnWatched = true;
    turnSinceMs = nowMs;
    setImmediate(endTurn);
  }
  if (waiting.length === 0) sinceMs = nowMs;
  waiting.push(one);
  if (cautious > 0 || nowMs - sinceMs > waitMaxMs) departNow();
}

function endTurn(): void {
  isTurnWatched = false;
  const isLong = performance.now() - turnSinceMs > turnMaxMs;
  cautious = isLong ? cautiousTurns : Math.max(0, cautious - 1);
  departNow();
}

/** Lets all depart where they have waited long: asked when something else begins. */
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

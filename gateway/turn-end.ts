/**
 * What is sent leaves together, when the event loop has handled all that had arrived: writes that
 * follow each other wake the process at the other end once, and waking it costs more than a write.
 * What came of something that arrived waits for no other turn.
 */

export interface Departing {
  depart(): void;
}

let waiting: Departing[] = [];

/** Lets it depart when this turn ends, after those that came before. */
export function departAtTurnEnd(one: Departing): void {
  if (waiting.length === 0) setImmediate(departAll);
  waiting.push(one);
}

function departAll(): void {
  const all = waiting;
  waiting = [];
  let at = 0;
  try {
    while (at < all.length) all[at++]?.depart();
  } finally {
    // A fault in one is no fault of those behind it.
    for (const one of all.slice(at)) departAtTurnEnd(one);
  }
}

/**
 * What is sent leaves together, when the event loop has handled all that had arrived: writes that
 * follow each other wake the process at the other end once, and waking it costs more than a write.
 * It costs no request a turn of the loop, and under load none waits for more than a few others.
 */

export interface Departing {
  depart(): void;
}

/** So many do not wait any longer: more of them would save nothing more. */
const togetherMost = 64;

let waiting: Departing[] = [];

/** Lets it depart when this turn ends, or earlier with many others; after those that came before. */
export function departAtTurnEnd(one: Departing): void {
  if (waiting.length === 0) setImmediate(departAll);
  waiting.push(one);
  // Not at once: a fault in another would be one of whoever has come last.
  if (waiting.length === togetherMost) queueMicrotask(departAll);
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

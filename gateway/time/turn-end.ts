/**
 * What is sent leaves together, when the event loop has handled all that had arrived: writes that
 * follow each other wake the process at the other end once, and waking it costs more than a write.
 * It costs no request a turn of the loop.
 */

export interface Deferred {
  flush(): void;
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

export class TurnEndQueue {
  readonly #now: () => number;
  #waiting: Deferred[] = [];
  #sinceMs = 0;
  #isTurnWatched = false;
  #turnSinceMs = 0;
  /** While above 0, nothing waits. */
  #cautious = 0;
  readonly #endTurn = (): void => {
    this.#isTurnWatched = false;
    const isLong = this.#now() - this.#turnSinceMs > turnMaxMs;
    this.#cautious = isLong ? cautiousTurns : Math.max(0, this.#cautious - 1);
    this.release();
  };

  /** @param now milliseconds, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Lets it depart when this turn ends, after those that came before. */
  atTurnEnd(one: Deferred): void {
    const nowMs = this.#now();
    if (!this.#isTurnWatched) {
      this.#isTurnWatched = true;
      this.#turnSinceMs = nowMs;
      setImmediate(this.#endTurn);
    }
    if (this.#waiting.length === 0) this.#sinceMs = nowMs;
    this.#waiting.push(one);
    if (this.#cautious > 0 || nowMs - this.#sinceMs > waitMaxMs) this.release();
  }

  /** Lets all depart where they have waited long: asked when something else begins. */
  releaseLate(): void {
    if (this.#waiting.length > 0 && this.#now() - this.#sinceMs > waitMaxMs) this.release();
  }

  /** Lets all depart that wait: for what would else come too late for one of them. */
  release(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const one of all) {
      try {
        one.flush();
      } catch (error) {
        // A fault of ours is told, and costs neither those behind it nor the process.
        void Promise.reject(error);
      }
    }
  }
}

/** Of this process, which has one event loop. */
export const turnEndQueue = new TurnEndQueue();

/**
 * Batches writes to the end of an event-loop turn, after all that had arrived is handled:
 * consecutive writes wake the peer process once, and a wake-up costs more than a write. No request
 * waits an extra turn.
 */

export interface Deferred {
  flush(): void;
}

/** Longest time that writes wait while further events of the turn are handled. */
const waitMaxMs = 5;
/**
 * Turns longer than this mean a flood: libuv polls up to 48 times within one turn if more than a
 * thousand connections stay readable.
 */
const turnMaxMs = 100;
/** The number of short turns in a row after which a flood is taken to be over. */
const cautiousTurns = 100;

export class TurnEndQueue {
  readonly #now: () => number;
  #waiting: Deferred[] = [];
  #sinceMs = 0;
  #isTurnWatched = false;
  #turnSinceMs = 0;
  /** While above 0, writes are not held back. */
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

  /** Flushes `deferred` at the end of this turn, in order of calls. */
  atTurnEnd(deferred: Deferred): void {
    const nowMs = this.#now();
    if (!this.#isTurnWatched) {
      this.#isTurnWatched = true;
      this.#turnSinceMs = nowMs;
      setImmediate(this.#endTurn);
    }
    if (this.#waiting.length === 0) this.#sinceMs = nowMs;
    this.#waiting.push(deferred);
    if (this.#cautious > 0 || nowMs - this.#sinceMs > waitMaxMs) this.release();
  }

  /** Flushes all if they have waited too long; called when other work begins. */
  releaseLate(): void {
    if (this.#waiting.length > 0 && this.#now() - this.#sinceMs > waitMaxMs) this.release();
  }

  /** Flushes all now, for callers that must not wait until the turn ends. */
  release(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const deferred of all) {
      try {
        deferred.flush();
      } catch (error) {
        // Reported as an unhandled rejection, so that it stops neither the other writes nor the
        // process.
        void Promise.reject(error);
      }
    }
  }
}

/** The queue of this process, which has one event loop. */
export const turnEndQueue = new TurnEndQueue();

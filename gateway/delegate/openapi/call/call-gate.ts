/**
 * Limits the concurrent REST calls of one operation. A document with many root fields would
 * otherwise open as many connections; waiting calls are bounded too, and leave when the operation
 * is aborted.
 */

import type { StopSignal } from '../../../time/stop-signal.ts';

export type GateRefusal = 'too many calls' | 'aborted before it was sent';

export interface CallGateOptions {
  readonly runningMax: number;
  readonly waitingMax: number;
  readonly refuse: (why: GateRefusal, signal: StopSignal) => Error;
}

export class CallGate {
  readonly options: CallGateOptions;
  #running = 0;
  /** Created when a call has to wait, which is rare. */
  #waiting: Set<() => void> | undefined;

  constructor(options: CallGateOptions) {
    this.options = options;
  }

  /**
   * Undefined if a call may run now, else resolves when it may; rejects with `refuse`'s error if
   * the queue is full or the operation aborted. An admitted call must call `leave` once.
   */
  enter(signal: StopSignal): Promise<void> | undefined {
    const { runningMax, waitingMax, refuse } = this.options;
    if (signal.aborted) return Promise.reject(refuse('aborted before it was sent', signal));
    if (this.#running < runningMax) {
      this.#running += 1;
      return undefined;
    }
    this.#waiting ??= new Set();
    if (this.#waiting.size >= waitingMax) return Promise.reject(refuse('too many calls', signal));
    return this.#waitForTurn(this.#waiting, signal);
  }

  #waitForTurn(waiting: Set<() => void>, signal: StopSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const go = (): void => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      waiting.delete(go);
      reject(this.options.refuse('aborted before it was sent', signal));
    };
    waiting.add(go);
    signal.addEventListener('abort', leave, { once: true });
    return promise;
  }

  /** Hands the slot to the next waiting call, or frees it. */
  leave(): void {
    const next = this.#waiting?.values().next().value;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting?.delete(next);
    next();
  }
}

/**
 * Yields the event loop during long work for one request, so that others are served. Only one such
 * task continues in each turn of the loop, however many there are.
 */
import { setImmediate } from 'node:timers/promises';
import type { StopSignal } from './stop-signal.ts';

/** Called between parts of the work; resolves when it may continue, rejects after an abort. */
export type Pause = () => Promise<void>;

/** How long work runs without a pause. */
const sliceMs = 5;

/** The tail of the queue of tasks that wait for a turn. */
let lastTurn: Promise<unknown> = Promise.resolve();

/** Creates the pause of one task, which starts now. */
export function createPause(signal: StopSignal): Pause {
  let startedMs = performance.now();
  return async () => {
    if (performance.now() - startedMs < sliceMs) return;
    const turn = lastTurn.then(() => setImmediate());
    lastTurn = turn;
    await turn;
    signal.throwIfAborted();
    startedMs = performance.now();
  };
}

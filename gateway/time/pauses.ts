/**
 * Lets others be served while long work of one request is done in this process. However many such
 * works there are, one of them goes on in each turn of the event loop.
 */
import { setImmediate } from 'node:timers/promises';
import type { StopSignal } from './stop-signal.ts';

/** To be called between parts of the work; resolves when it may go on, rejects where it is to end. */
export type Pause = () => Promise<void>;

/** How long work goes on without a pause. */
const sliceMs = 5;

/** Those who wait for a turn to go on in, one behind the other. */
let lastTurn: Promise<unknown> = Promise.resolve();

/** Of one work, which begins now. */
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

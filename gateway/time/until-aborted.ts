/** Waits for work or for a signal, whichever comes first. */
import type { StopSignal } from './stop-signal.ts';

/** What an engine cannot stop at once must not hold the answer back. */
export function untilAborted<T>(work: Promise<T>, signal: StopSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    // The loser of the race may still fail; its failure has no reader any more.
    work.then(
      (value) => {
        signal.removeEventListener('abort', stop);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', stop);
        reject(error);
      },
    );
  });
}

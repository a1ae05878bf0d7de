/** Waits for work or for an abort, whichever comes first. */
import type { StopSignal } from './stop-signal.ts';

/** Rejects at an abort: work that cannot stop at once must not delay the answer. */
export function untilAborted<T>(work: Promise<T>, signal: StopSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    // The work may still fail after an abort; the handler keeps that from being an unhandled
    // rejection.
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

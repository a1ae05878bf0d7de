/** Waits for work or for a signal, whichever comes first. */

/** What an engine cannot stop at once must not hold the answer back. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    // The loser of the race may still fail; its failure has no reader any more.
    work.catch(() => undefined);
  }
}

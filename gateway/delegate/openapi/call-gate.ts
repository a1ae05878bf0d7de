/**
 * Lets a bounded number of one caller's REST calls run at once. A document with many root fields
 * would otherwise open as many connections; those that wait are bounded as well, and leave when
 * the operation is aborted.
 */

export interface CallGate {
  /** Runs `call` when there is room; throws what `refuse` gives when there is none, ever. */
  run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export type GateRefusal = 'too many calls' | 'aborted before it was sent';

export function createCallGate(about: {
  runningMax: number;
  waitingMax: number;
  refuse: (why: GateRefusal, signal: AbortSignal) => Error;
}): CallGate {
  const waiting = new Set<() => void>();
  let running = 0;

  async function enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw about.refuse('aborted before it was sent', signal);
    if (running < about.runningMax) {
      running += 1;
      return;
    }
    if (waiting.size >= about.waitingMax) throw about.refuse('too many calls', signal);
    await waitForTurn(signal);
  }

  function waitForTurn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const go = (): void => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      waiting.delete(go);
      reject(about.refuse('aborted before it was sent', signal));
    };
    waiting.add(go);
    signal.addEventListener('abort', leave, { once: true });
    return promise;
  }

  /** Hands the place on; the number that runs stays the same. */
  function exit(): void {
    const [next] = waiting;
    if (next === undefined) {
      running -= 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    async run(call, signal) {
      await enter(signal);
      try {
        return await call();
      } finally {
        exit();
      }
    },
  };
}

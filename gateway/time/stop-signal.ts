/**
 * Ends the work of one request: the same contract as AbortController at a fraction of its cost,
 * because one is made per request and hardly ever used. APIs that need a platform signal use
 * `toAbortSignal`.
 */

/** Tells work that it must end; an AbortSignal qualifies. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export class Stopper implements StopSignal {
  aborted = false;
  reason: unknown;
  /** In order of registration; few at a time. */
  #listeners: (() => void)[] = [];

  /** Calls every listener, once. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    let listener = this.#listeners.shift();
    try {
      for (; listener !== undefined; listener = this.#listeners.shift()) listener();
    } finally {
      // A listener that throws must not keep the others from being called.
      for (const other of this.#listeners.splice(0)) other();
    }
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** Every listener is called at most once, whatever its options. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.aborted) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }
}

/** A platform signal that follows `signal`. */
export function toAbortSignal(signal: StopSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  if (signal.aborted) return AbortSignal.abort(signal.reason);
  const controller = new AbortController();
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}

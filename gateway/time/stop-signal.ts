/**
 * Ends one request's work: what an AbortController is, at a fraction of its price, for what is made
 * with every request and nearly never used. What needs a signal of the platform asks for one.
 */

/** What work is handed to learn that it is to end; an AbortSignal is one. */
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
  /** In the order in which they came; few at a time. */
  #listeners: (() => void)[] = [];

  /** Tells all who listen, once. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    let listener = this.#listeners.shift();
    try {
      for (; listener !== undefined; listener = this.#listeners.shift()) listener();
    } finally {
      // One that throws must not keep it from the others.
      for (const other of this.#listeners.splice(0)) other();
    }
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** Every listener hears it once, whatever it asks for. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.aborted) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }
}

/** A signal of the platform that follows. */
export function toAbortSignal(signal: StopSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  if (signal.aborted) return AbortSignal.abort(signal.reason);
  const controller = new AbortController();
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}

/**
 * Collects answers that were sent whole, to be closed in the log. Under load many end at the same
 * moment, and an event for each would cost nearly as much as the request's own event, so they share
 * one. Bounded in number and in time.
 */
import type { RequestRecord } from '../../request.ts';

export interface Closing {
  readonly request: string;
  readonly bytes: number;
  readonly durationMs: number;
}

/** Closings in one event. */
const closingsMax = 64;
/** How long the first closing of an event waits for others. */
const gatherMs = 20;

export class Closings {
  readonly #write: (closings: readonly Closing[]) => void;
  #waiting: Closing[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (closings: readonly Closing[]) => void) {
    this.#write = write;
  }

  add({ id, responseBytes, durationMs }: RequestRecord): void {
    this.#waiting.push({ request: id, bytes: responseBytes, durationMs });
    if (this.#waiting.length >= closingsMax) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), gatherMs).unref();
  }

  /** Writes the waiting closings now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const closings = this.#waiting;
    this.#waiting = [];
    this.#write(closings);
  }
}

/**
 * Answers that were sent whole, to be closed in the log. Under load many end in the same moment,
 * and an event for each would cost nearly as much as the one that told of the request: those of a
 * moment share an event. Bounded in number and in time.
 */
import type { RequestRecord } from '../../request.ts';

export interface Closing {
  readonly request: string;
  readonly bytes: number;
  readonly durationMs: number;
}

/** In one event. */
const closingsMax = 64;
/** How long the first of an event waits for others. */
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

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const closings = this.#waiting;
    this.#waiting = [];
    this.#write(closings);
  }
}

/** Asks all workers for their metrics and makes one text of what comes in time. */
import { createDeadlines } from '../deadlines.ts';
import type { WorkerProcess } from './fork-worker.ts';
import { mergeMetrics, type WorkerMetrics } from './merge-metrics.ts';

interface Waiting {
  readonly worker: number;
  readonly resolve: (text: string | undefined) => void;
  /** Among the deadlines. */
  place: number;
}

/** Longer than a worker under load takes, shorter than whoever scrapes waits. */
const timeoutMs = 3_000;
const waitingMax = 1_000;

/** Workers' metrics, at the first process. */
export interface MetricsOfWorkers {
  /** @param own further metrics, without a worker */
  collect(
    workers: readonly { readonly slot: number; readonly worker: WorkerProcess }[],
    own: string,
  ): Promise<string>;
  receive(message: { readonly id: number; readonly text?: string }): void;
  /** Waits no longer for a worker that has ended. */
  gone(worker: number): void;
}

/** A worker that does not answer within 3 s is left out; nothing rejects. */
export function createMetricsOfWorkers(): MetricsOfWorkers {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const settle = (id: number, text: string | undefined): void => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (one === undefined) return;
    deadlines.delete(one, one.place);
    one.resolve(text);
  };
  const deadlines = createDeadlines<Waiting>(timeoutMs, (late) => {
    for (const [id, one] of waiting) if (one === late) settle(id, undefined);
    return false;
  });

  function ask(worker: WorkerProcess): Promise<string | undefined> {
    if (waiting.size >= waitingMax) return Promise.resolve(undefined);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      const one: Waiting = { worker: worker.id, resolve, place: 0 };
      waiting.set(id, one);
      one.place = deadlines.add(one);
      worker.send({ kind: 'metrics', id });
    });
  }

  return {
    async collect(workers, own) {
      const texts = await Promise.all(workers.map(({ worker }) => ask(worker)));
      const parts: WorkerMetrics[] = [];
      workers.forEach(({ slot }, at) => {
        const text = texts[at];
        if (text !== undefined) parts.push({ worker: String(slot), text });
      });
      return own + mergeMetrics(parts);
    },
    receive: ({ id, text }) => settle(id, text),
    gone(worker) {
      for (const [id, one] of waiting) if (one.worker === worker) settle(id, undefined);
    },
  };
}

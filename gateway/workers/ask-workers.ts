/** Asks workers for one text each, and collects the answers that come in time. */
import { createDeadlines } from '../time/deadlines.ts';
import type { WorkerProcess } from './fork-worker.ts';
import type { ToWorker } from './worker-messages.ts';

interface Waiting {
  readonly worker: number;
  readonly resolve: (text: string | undefined) => void;
  /** Index among the deadlines. */
  place: number;
}

/** Longer than a worker under load needs, shorter than the timeout of a metrics scraper. */
const timeoutMs = 3_000;
const waitingMax = 1_000;

/** A worker and its answer; undefined if it did not answer within 3 s. */
export interface WorkerText {
  readonly slot: number;
  readonly text: string | undefined;
}

/** The first process's questions to workers. */
export interface WorkerQuestions {
  /** Asks every worker the same question; never rejects. */
  ask(
    workers: readonly { readonly slot: number; readonly worker: WorkerProcess }[],
    question: (id: number) => ToWorker,
  ): Promise<WorkerText[]>;
  receive(message: { readonly id: number; readonly text?: string }): void;
  /** Stops waiting for a worker that has exited. */
  gone(worker: number): void;
}

export function createWorkerQuestions(): WorkerQuestions {
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

  function askOne(
    worker: WorkerProcess,
    question: (id: number) => ToWorker,
  ): Promise<string | undefined> {
    if (waiting.size >= waitingMax) return Promise.resolve(undefined);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      const one: Waiting = { worker: worker.id, resolve, place: 0 };
      waiting.set(id, one);
      one.place = deadlines.add(one);
      worker.send(question(id));
    });
  }

  return {
    ask: (workers, question) =>
      Promise.all(
        workers.map(async ({ slot, worker }) => ({ slot, text: await askOne(worker, question) })),
      ),
    receive: ({ id, text }) => settle(id, text),
    gone(worker) {
      for (const [id, one] of waiting) if (one.worker === worker) settle(id, undefined);
    },
  };
}

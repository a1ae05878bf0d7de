/**
 * Real processes whose program never comes so far that it hears what it is told: their start is bounded,
 * and they are ended.
 */
import { expect, it } from 'vitest';
import { createFork, type WorkerListeners } from '../../gateway/workers/fork-worker.ts';
import { createWorkerPool } from '../../gateway/workers/worker-pool.ts';
import type { WorkerEvent } from '../../gateway/workers/worker-pool-options.ts';

const stuck = 'setInterval(() => undefined, 1_000); await new Promise(() => undefined);';

it('is ended when its time for the start is over, and when all are asked to go', async () => {
  const events: WorkerEvent['event'][] = [];
  const said: unknown[] = [];
  const fork = createFork({
    args: [],
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(stuck)}` },
    stdout: (text) => said.push(text),
    stderr: (text) => said.push(text),
  });
  const open = (startMs: number) =>
    createWorkerPool({
      count: 2,
      fork: (listeners: WorkerListeners) => fork(listeners),
      greet: (worker) => worker.send({ kind: 'reload' }),
      message: (_, message) => said.push(message),
      gone: () => undefined,
      report: ({ event }) => events.push(event),
      gaveUp: () => undefined,
      limits: { startMs, answerMs: 100 },
    });
  const short = open(300);
  await expect(short.start()).rejects.toThrow('a worker did not start: SIGKILL');
  expect(events).toEqual(['killed', 'failed']);
  const long = open(60_000);
  const started = expect(long.start()).rejects.toThrow('a worker did not start: SIGKILL');
  long.broadcast({ kind: 'reload' });
  expect(await long.stop()).toBe(false);
  await started;
  expect(events.slice(2)).toEqual(['killed', 'left']);
  expect(said).toEqual([]);
});

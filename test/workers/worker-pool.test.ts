/** Workers that end, that do not start, that are exchanged: played, with a clock of the test's own. */
import { describe, expect, it } from 'vitest';
import type { WorkerListeners, WorkerProcess } from '../../gateway/workers/fork-worker.ts';
import type { ToWorker } from '../../gateway/workers/worker-messages.ts';
import { createWorkerPool } from '../../gateway/workers/worker-pool.ts';
import type { WorkerEvent } from '../../gateway/workers/worker-pool-options.ts';

interface Played {
  readonly process: WorkerProcess;
  readonly listeners: WorkerListeners;
  readonly told: ToWorker['kind'][];
}

/** Lets everything that waits for no clock happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function rig(count: number, readies = true) {
  const workers: Played[] = [];
  const events: WorkerEvent[] = [];
  const pauses: number[] = [];
  const waits: { ms: number; resolve: () => void }[] = [];
  const state = { readies, listens: true, answers: true, gaveUp: false, nowMs: 0 };
  const pool = createWorkerPool({
    count,
    fork(listeners) {
      const told: ToWorker['kind'][] = [];
      const played: Played = {
        listeners,
        told,
        process: {
          id: workers.length + 1,
          pid: 1_000 + workers.length,
          send: ({ kind }) => {
            told.push(kind);
            if (kind === 'ping' && state.answers) listeners.message({ kind: 'pong' });
            if (kind === 'listen' && state.listens) {
              setImmediate(() => listeners.message({ kind: 'ready', url: 'http://x/' }));
            }
            if (kind === 'retire' || kind === 'stop') {
              setImmediate(() => listeners.ended('exit code 0'));
            }
          },
          kill: () => setImmediate(() => listeners.ended('SIGKILL')),
        },
      };
      workers.push(played);
      setImmediate(() =>
        state.readies ? listeners.message({ kind: 'prepared' }) : listeners.ended('exit code 2'),
      );
      return played.process;
    },
    greet: () => undefined,
    message: () => undefined,
    gone: () => undefined,
    report: (event) => events.push(event),
    gaveUp: () => {
      state.gaveUp = true;
    },
    limits: {
      startMs: 1,
      answerMs: 4,
      leaveMs: 2,
      pulseMs: 3,
      unansweredMax: 2,
      backoffMinMs: 100,
      backoffMaxMs: 1_600,
      failuresMax: 8,
    },
    now: () => state.nowMs,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (ms >= 100) pauses.push(ms);
        waits.push({ ms, resolve: () => resolve(undefined) });
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  });
  return {
    pool,
    workers,
    events,
    pauses,
    state,
    /** Lets pauses of so many milliseconds pass. */
    async pass(ms: number) {
      for (const wait of waits.filter((one) => one.ms === ms)) wait.resolve();
      for (let turn = 0; turn < 4; turn += 1) await settle();
    },
    slots: () => pool.ready().map(({ slot }) => slot),
    happened: () => events.map(({ event }) => event),
  };
}

describe('a pool of workers', () => {
  it('starts the first alone, then the others', async () => {
    const { pool, workers, slots } = rig(3);
    const started = pool.start();
    expect(workers).toHaveLength(1);
    expect(await started).toBe('http://x/');
    expect(slots()).toEqual([1, 2, 3]);
  });

  it('lets none listen before all are prepared, and the first before the others', async () => {
    const { pool, workers, state, slots } = rig(3);
    state.listens = false;
    const started = pool.start();
    await settle();
    expect(workers.map(({ told }) => told)).toEqual([[], [], []]);
    await settle();
    await settle();
    expect(workers.map(({ told }) => told)).toEqual([['listen'], [], []]);
    workers[0]?.listeners.message({ kind: 'ready', url: 'http://x/' });
    await settle();
    expect(workers.map(({ told }) => told)).toEqual([['listen'], ['listen'], ['listen']]);
    for (const { listeners } of workers.slice(1)) {
      listeners.message({ kind: 'ready', url: 'http://x/' });
    }
    await started;
    expect(slots()).toEqual([1, 2, 3]);
  });

  it('says it where the first cannot listen', async () => {
    const { pool, workers, state } = rig(3);
    state.listens = false;
    const started = pool.start();
    for (let turn = 0; turn < 3; turn += 1) await settle();
    workers[0]?.listeners.ended('exit code 2');
    await expect(started).rejects.toThrow('exit code 2');
    expect(workers.map(({ told }) => told)).toEqual([['listen'], [], []]);
  });

  it('ends one that answers no more, and replaces it', async () => {
    const { pool, workers, pass, slots, happened, state } = rig(2);
    await pool.start();
    await pass(3);
    expect(workers.map(({ told }) => told.includes('ping'))).toEqual([true, true]);
    state.answers = false;
    await pass(3);
    // Any word of it is a sign of life.
    workers[1]?.listeners.message({ kind: 'calls', calls: [] });
    await pass(3);
    expect(happened()).not.toContain('hangs');
    await pass(3);
    expect(happened().slice(2)).toEqual(['hangs', 'ended']);
    expect(slots()).toEqual([2]);
    state.answers = true;
    await pass(100);
    expect(slots()).toEqual([2, 3]);
    expect(pool.crashes()).toBe(1);
  });

  it('a pause of all is no sign of a worker that hangs', async () => {
    const { pool, pass, happened, state } = rig(1);
    await pool.start();
    state.nowMs = 1e9;
    await pass(3);
    expect(happened()).toEqual(['ready']);
  });

  it('says it where the first cannot start, and starts no other', async () => {
    const { pool, workers } = rig(3, false);
    await expect(pool.start()).rejects.toThrow('exit code 2');
    expect(workers).toHaveLength(1);
  });

  it('replaces one that ends, in a slot of its own, after a pause', async () => {
    const { pool, workers, pass, slots, pauses } = rig(2);
    await pool.start();
    workers[0]?.listeners.ended('SIGSEGV');
    expect(slots()).toEqual([2]);
    await settle();
    expect(workers).toHaveLength(2);
    await pass(100);
    expect(slots()).toEqual([2, 3]);
    expect(pauses).toEqual([100]);
    expect(pool.crashes()).toBe(1);
  });

  it('waits longer from failure to failure, up to a bound, and gives up where none is left', async () => {
    const { pool, workers, pass, pauses, state } = rig(1);
    await pool.start();
    state.readies = false;
    workers[0]?.listeners.ended('SIGSEGV');
    for (const ms of [100, 200, 400, 800, 1_600, 1_600, 1_600]) {
      expect(state.gaveUp).toBe(false);
      await pass(ms);
    }
    await pass(1_600);
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 1_600, 1_600, 1_600]);
    expect(state.gaveUp).toBe(true);
    expect(workers).toHaveLength(9);
  });

  it('forgets failures once a worker has run for long', async () => {
    const { pool, workers, pass, pauses, state } = rig(1);
    await pool.start();
    workers[0]?.listeners.ended('SIGSEGV');
    await pass(100);
    state.nowMs = 1e9;
    workers[1]?.listeners.ended('SIGSEGV');
    await settle();
    expect(pauses).toEqual([100, 100]);
  });

  it('exchanges one by one: the new one is there before the old one goes', async () => {
    const { pool, workers, slots, happened } = rig(2);
    await pool.start();
    await pool.rollingRestart();
    expect(slots()).toEqual([3, 1]);
    expect(workers.map(({ told }) => told)).toEqual([
      ['listen', 'retire', 'ping'],
      ['listen', 'retire', 'ping'],
      ['listen'],
      ['listen'],
    ]);
    expect(happened()).toEqual(['ready', 'ready', 'ready', 'left', 'ready', 'left', 'exchanged']);
    expect(pool.crashes()).toBe(0);
  });

  it('keeps the old ones where a new one does not start', async () => {
    const { pool, workers, slots, happened, state } = rig(2);
    await pool.start();
    state.readies = false;
    await pool.rollingRestart();
    await settle();
    expect(slots()).toEqual([1, 2]);
    expect(workers).toHaveLength(3);
    expect(happened().slice(2)).toEqual(['failed', 'exchange-failed']);
  });

  it('makes up for one that ends in the middle of an exchange', async () => {
    const { pool, workers, slots, pass } = rig(3);
    await pool.start();
    const exchanged = pool.rollingRestart();
    workers[1]?.listeners.ended('SIGSEGV');
    await exchanged;
    await pass(100);
    await pass(100);
    expect(slots()).toHaveLength(3);
  });

  it('exchanges once more where it is asked to meanwhile', async () => {
    const { pool, workers } = rig(1);
    await pool.start();
    await Promise.all([pool.rollingRestart(), pool.rollingRestart(), pool.rollingRestart()]);
    expect(workers).toHaveLength(3);
  });

  it('ends one that does not become ready, and one that does not go', async () => {
    const { pool, workers, pass, happened, state } = rig(1);
    await pool.start();
    state.readies = true;
    const stuck = workers[0]?.process as { send: unknown };
    stuck.send = () => undefined;
    const stopped = pool.stop();
    await pass(2);
    expect(await stopped).toBe(false);
    expect(happened()).toEqual(['ready', 'killed', 'left']);
  });

  it.each([
    [
      'ends one that gives no sign of life when it is asked to go',
      false,
      ['ready', 'killed', 'left'],
    ],
    ['leaves one that does its time to go', true, ['ready']],
  ])('%s', async (_name, answers, happens) => {
    const { pool, workers, pass, happened } = rig(1);
    await pool.start();
    const [worker] = workers;
    const slow = worker?.process as { send: (message: ToWorker) => void };
    slow.send = ({ kind }) => {
      if (kind === 'ping' && answers) worker?.listeners.message({ kind: 'pong' });
    };
    const stopped = pool.stop();
    await pass(4);
    expect(happened()).toEqual(happens);
    await pass(2);
    expect(await stopped).toBe(false);
    expect(happened()).toEqual(['ready', 'killed', 'left']);
  });

  it('stops all, and starts none after that', async () => {
    const { pool, workers, pass } = rig(2);
    await pool.start();
    workers[0]?.listeners.ended('SIGSEGV');
    await settle();
    // What ended unasked before is told elsewhere.
    expect(await pool.stop()).toBe(true);
    await pass(100);
    expect(workers).toHaveLength(2);
    expect(pool.ready()).toEqual([]);
  });
});

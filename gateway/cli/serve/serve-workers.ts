/**
 * `fieldgate serve --workers`: the first process. Holds the port, the admin port and the counts
 * that workers share; handles no requests. Loads and checks everything before the first worker
 * starts, and ends if that worker cannot start.
 */
import { randomBytes } from 'node:crypto';
import { randomMaskKey } from '../../authorize/mask-hash.ts';
import type { Config } from '../../config.ts';
import { proofKeepMs } from '../../identify/dpop-proof.ts';
import { createReplayStore } from '../../identify/replay-store.ts';
import { createMemoryStore } from '../../rates/memory-store.ts';
import { loadAll } from '../../snapshot/load.ts';
import { timedLine } from '../../watch/timed-line.ts';
import { createWorkerQuestions } from '../../workers/ask-workers.ts';
import { createFork, endedWell, type WorkerProcess } from '../../workers/fork-worker.ts';
import { mergeMetrics } from '../../workers/merge-metrics.ts';
import { createOwner } from '../../workers/owner.ts';
import { ownerTimeoutMs } from '../../workers/owner-client.ts';
import type { FromWorker, WorkerStart } from '../../workers/worker-messages.ts';
import { createWorkerPool, type WorkerPool } from '../../workers/worker-pool.ts';
import type { WorkerEvent } from '../../workers/worker-pool-options.ts';
import { makeDirectory, signingKeyOf, subjectKeysOf } from '../audit/open-audit.ts';
import type { CommandIo } from '../command.ts';
import { callersMax, type ServeOptions } from '../serve.ts';
import { serveAdmin } from './serve-admin.ts';
import { boundsFor, toStateText } from './serve-console.ts';
import { toAdminUrl, toConsoleUrl } from './serve-urls.ts';

export interface ServedWorkers {
  readonly url: string;
  readonly adminUrl: string;
  readonly consoleUrl: string | undefined;
  /** Makes all workers reload their policies. */
  reload(): void;
  /** Replaces all workers, one by one. */
  exchange(): void;
  /** Resolves when no worker is left and none will start. */
  readonly gaveUp: Promise<void>;
  /** Resolves with whether every worker ended cleanly: otherwise records may be unwritten. */
  close(): Promise<boolean>;
}

export interface ServeWorkersOptions extends Pick<ServeOptions, 'configFile' | 'dev' | 'env'> {
  readonly count: number;
  readonly stdout: CommandIo['stdout'];
  readonly stderr: CommandIo['stderr'];
}

/** Throws ConfigError, or Error with a one-line message, if it cannot start. */
export async function serveWorkers(options: ServeWorkersOptions): Promise<ServedWorkers> {
  const { count, configFile, env, stdout, stderr } = options;
  const logLine = (line: string): void => {
    stdout.write(`${timedLine(line, Date.now())}\n`);
  };
  const log = (about: object): void => logLine(JSON.stringify(about));
  const { config, policies } = await loadAll(configFile, { env });
  await makeAuditKeys(config, env, log);
  const gaveUp = Promise.withResolvers<void>();
  const { owner, toStart } = own(config, { slots: count + 1, policyFolders: policies.folders });
  const questions = createWorkerQuestions();
  let draining = false;
  const pool = createWorkerPool({
    count,
    fork: createFork({
      args: ['serve', '--config', configFile, ...(options.dev ? ['--dev'] : [])],
      env,
      stdout: (text) => stdout.write(text),
      stderr: (text) => stderr.write(text),
    }),
    greet: (worker, slot) => worker.send({ kind: 'start', start: toStart(slot) }),
    message: (worker, message) => receive(worker, message),
    gone: ({ id }) => {
      owner.gone(id);
      questions.gone(id);
    },
    report: (event) => log(toLine(event)),
    gaveUp: () => gaveUp.resolve(),
  });
  function receive(worker: WorkerProcess, message: FromWorker): void {
    if (message.kind === 'metrics' || message.kind === 'console') questions.receive(message);
    if (message.kind !== 'calls') return;
    const answers = owner.answer(worker.id, message.calls);
    if (answers.length > 0) worker.send({ kind: 'answers', answers });
  }

  async function metricsText(): Promise<string> {
    const texts = await questions.ask(pool.ready(), (id) => ({ kind: 'metrics', id }));
    const parts = texts.flatMap(({ slot, text }) =>
      text === undefined ? [] : [{ worker: String(slot), text }],
    );
    return toText(pool, count) + mergeMetrics(parts);
  }
  async function consoleState(after: string): Promise<string> {
    const bounds = boundsFor(count);
    const texts = await questions.ask(pool.ready(), (id) => ({
      kind: 'console',
      id,
      after,
      bounds,
    }));
    const workers = { ready: pool.ready().length, wanted: count, ended: pool.crashes() };
    return toStateText(
      texts.map(({ text }) => text),
      { isReady: !draining, workers },
    );
  }

  await using starting = new AsyncDisposableStack();
  let areWhole = true;
  starting.defer(async () => {
    areWhole = await pool.stop();
  });
  const url = await pool.start();
  const admin = await serveAdmin(config, {
    env,
    log: logLine,
    isReady: () => !draining && pool.ready().length > 0,
    workers: () => ({ ready: pool.ready().length, wanted: count }),
    metricsText,
    consoleState,
  });
  const running = starting.move();
  return {
    url,
    adminUrl: toAdminUrl(config, admin.port),
    consoleUrl: toConsoleUrl(config, admin.port),
    reload: () => pool.broadcast({ kind: 'reload' }),
    exchange: () => void pool.rollingRestart(),
    gaveUp: gaveUp.promise,
    async close() {
      draining = true;
      await running.disposeAsync();
      await admin.close();
      return areWhole;
    },
  };
}

/** Made once by the first process: workers that start together would each make their own. */
async function makeAuditKeys(
  { audit }: Config,
  env: ServeOptions['env'],
  log: (about: object) => void,
): Promise<void> {
  if (audit === undefined) return;
  await makeDirectory(audit.directory);
  const warn = (message: string): void => log({ kind: 'audit', level: 'warning', message });
  await signingKeyOf(audit, { env, warn });
  await subjectKeysOf(audit, warn);
}

function own(
  config: Config,
  { slots, policyFolders }: Pick<WorkerStart, 'slots' | 'policyFolders'>,
) {
  const clock = (): number => performance.now();
  const { dpop } = config.identity;
  // Kept longer here: a worker asks about a proof up to its answer timeout after reading it.
  const replayKeepMs = dpop === undefined ? 0 : proofKeepMs(dpop);
  const owner = createOwner({
    store: createMemoryStore({ clock }),
    replays: dpop && createReplayStore(replayKeepMs + 2 * ownerTimeoutMs, clock),
    keysMax: callersMax,
  });
  const maskKey = randomMaskKey();
  const detectKey = randomBytes(32).toString('base64url');
  const used = new Set<number>();
  const toStart = (slot: number): WorkerStart => {
    const isFresh = !used.has(slot);
    used.add(slot);
    return { slot, slots, isFresh, maskKey, detectKey, replayKeepMs, policyFolders };
  };
  return { owner, toStart };
}

const errors: readonly WorkerEvent['event'][] = [
  'ended',
  'killed',
  'hangs',
  'failed',
  'exchange-failed',
];

function toLine({ event, ...about }: WorkerEvent): object {
  const isError = errors.includes(event) || (event === 'left' && about.how !== endedWell);
  return { kind: 'worker', level: isError ? 'error' : 'info', event, ...about };
}

function toText(pool: WorkerPool, count: number): string {
  const one = (name: string, type: string, help: string, value: number): string =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
  return [
    one('gateway_workers_ready', 'gauge', 'Workers that take requests.', pool.ready().length),
    one('gateway_workers_wanted', 'gauge', 'Workers that should.', count),
    one('gateway_workers_ended_total', 'counter', 'Workers that ended unasked.', pool.crashes()),
  ].join('');
}

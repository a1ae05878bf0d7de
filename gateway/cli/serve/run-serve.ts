/** `fieldgate serve` on the command line: serves until asked to stop, then drains. */
import { availableParallelism } from 'node:os';
import { AuditUnavailable } from '../../watch/audit-log/commit-group.ts';
import { boundOutput } from '../../watch/bounded-output.ts';
import { createLineWriter } from '../../watch/line-writer.ts';
import { timedLine } from '../../watch/timed-line.ts';
import { workerVariable } from '../../workers/fork-worker.ts';
import { openWorkerLink } from '../../workers/worker-link.ts';
import type { CommandIo, CommandOptions } from '../command.ts';
import { serve } from '../serve.ts';
import { toServing } from './serve-urls.ts';
import { serveWorker } from './serve-worker.ts';
import { serveWorkers } from './serve-workers.ts';

/** A bound beyond the cores of any machine tested. */
const workersMax = 128;

export async function runServe(options: CommandOptions, given: CommandIo): Promise<number> {
  const io = { ...given, stdout: boundOutput(given.stdout) };
  const log = createLineWriter(io.stdout.write);
  // The last lines tell why the process ended, however it ends.
  io.onExit?.(log.flush);
  try {
    return await run(options, io, (line) => log.write(timedLine(line, Date.now())));
  } catch (error) {
    if (!(error instanceof AuditUnavailable)) throw error;
    // The gateway has served: a failed write at its end is no misuse.
    io.stderr.write(`fieldgate: the audit log: ${error.message}\n`);
    return 1;
  } finally {
    log.flush();
  }
}

async function run(
  options: CommandOptions,
  io: CommandIo,
  log: (line: string) => void,
): Promise<number> {
  const common = {
    configFile: options.config,
    dev: options.values.dev === true,
    env: io.env,
    log,
    rssBytes: io.rssBytes,
  };
  const link = io.env[workerVariable] === undefined ? undefined : openWorkerLink();
  if (link !== undefined) {
    ignoreExchange(io);
    return await serveWorker(common, io, link);
  }
  const workers = toCount(options.values.workers);
  if (workers === 'misuse') {
    io.stderr.write(
      `fieldgate: serve: --workers takes a number from 1 to ${workersMax}, or auto\n`,
    );
    return 2;
  }
  return workers === undefined
    ? await runOne(common, io)
    : await runWorkers({ ...common, count: workers }, io);
}

/** Undefined: one process, without workers. */
function toCount(text: string | boolean | undefined): number | undefined | 'misuse' {
  if (text === undefined) return undefined;
  if (text === 'auto') return Math.min(availableParallelism(), workersMax);
  const count = typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= workersMax ? count : 'misuse';
}

async function runOne(options: Parameters<typeof serve>[0], io: CommandIo): Promise<number> {
  ignoreExchange(io);
  const starting = serve(options);
  io.onReload?.(onceStarted(starting, (gateway) => void gateway.reload()));
  const gateway = await starting;
  io.stderr.write(toServing(gateway));
  await stopped(io.stop);
  io.stderr.write('fieldgate: draining\n');
  await gateway.close();
  return 0;
}

/** Defers a signal during the start until it has finished; ignores it if the start fails. */
function onceStarted<T>(starting: Promise<T>, act: (gateway: T) => void): () => void {
  return () =>
    void starting.then(act, () => {
      // The awaited start reports the failure.
    });
}

/** Without a listener the signal would end the process. */
function ignoreExchange({ onExchange, stderr }: CommandIo): void {
  onExchange?.(() => stderr.write('fieldgate: this process has no workers to exchange\n'));
}

async function runWorkers(
  options: Omit<Parameters<typeof serveWorkers>[0], 'stdout' | 'stderr'>,
  io: CommandIo,
): Promise<number> {
  const starting = serveWorkers({ ...options, stdout: io.stdout, stderr: io.stderr });
  io.onReload?.(onceStarted(starting, (gateway) => gateway.reload()));
  io.onExchange?.(onceStarted(starting, (gateway) => gateway.exchange()));
  const gateway = await starting;
  io.stderr.write(toServing(gateway, `${options.count} workers`));
  const gaveUp = await Promise.race([
    stopped(io.stop).then(() => false),
    gateway.gaveUp.then(() => true),
  ]);
  io.stderr.write(gaveUp ? 'fieldgate: no worker starts any more\n' : 'fieldgate: draining\n');
  const areWhole = await gateway.close();
  return gaveUp || !areWhole ? 1 : 0;
}

async function stopped(stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  await new Promise<void>((done) => stop.addEventListener('abort', () => done(), { once: true }));
}

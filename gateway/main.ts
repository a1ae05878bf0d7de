#!/usr/bin/env node
/**
 * The process edge: arguments, environment, signals, exit codes. Nothing else touches `process`.
 * Exits with 0 for yes, 1 for no, 2 for misuse, which includes a configuration that does not load.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { CommandIo } from './cli/command.ts';
import { systemCode } from './files/system-error.ts';
import { createUnawaitedFailures } from './unawaited-failures.ts';

// Keeps V8's compile cache beside the packages: a command starts in two thirds of the time. Anyone
// who can write there can change the packages as well; if it is not writable, nothing is cached.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/fieldgate', import.meta.url)));

// The OpenTelemetry SDK always reads these variables: none may silently send telemetry elsewhere,
// add a header or turn it off. gateway.yaml may still refer to them as `${…}`.
const env = { ...process.env };
for (const name of Object.keys(env)) if (name.startsWith('OTEL_')) delete process.env[name];

const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  env,
  stop: stopSignal(),
  onReload: (listener) => process.on('SIGHUP', listener),
  onExit: (listener) => process.on('exit', listener),
  rssBytes: () => process.memoryUsage.rss(),
  onExchange: (listener) => process.on('SIGUSR2', listener),
};

const args = process.argv.slice(2);
const isServing = args[0] === 'serve' || args[0] === 'demo';
// These signals end the process until `serve` listens for them. Ignoring them loses nothing: the
// files that they ask to reload have not been read yet.
if (args[0] === 'serve') {
  for (const signal of ['SIGHUP', 'SIGUSR2']) process.on(signal, () => undefined);
}
/** How long the reader of a process that was stopped may take for its last lines. */
const lastLinesMs = 3_000;

// The reader of the log is gone: an unwatched gateway must not continue. For a command, an answer
// that was not delivered must not count as "no".
process.stdout.on('error', (error) => {
  const code = systemCode(error);
  // The reader closed the pipe itself, so it need not be told.
  if (code !== 'EPIPE') process.stderr.write(`fieldgate: cannot write its output (${code})\n`);
  process.exit(isServing ? 1 : 2);
});

// Complaints that nobody reads change no answer, and end no gateway: its log is standard output.
process.stderr.on('error', () => undefined);

process.on(
  'unhandledRejection',
  createUnawaitedFailures((line) => process.stderr.write(line)),
);

// Node's default action is to open a debugger port, which runs any code sent to it. Log rotation
// tools may send this signal.
process.on('SIGUSR1', () => process.stderr.write('fieldgate: nothing is done at SIGUSR1\n'));

// The cache covers only modules imported after it was enabled.
const { parseCommand } = await import('./cli/command-line.ts');
process.exitCode = await parseCommand(args, io);
// A blocked reader would keep a stopped process from exiting.
if (isServing || io.stop.aborted) setTimeout(() => process.exit(), lastLinesMs).unref();

/** Aborts at the first SIGTERM or SIGINT; the second ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort(new Error(signal));
    });
  }
  return stop.signal;
}

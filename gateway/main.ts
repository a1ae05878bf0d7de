#!/usr/bin/env node
/**
 * The process edge: arguments, environment, signals, exit codes. Nothing else touches `process`.
 * Exit 0 for yes, 1 for no, 2 for misuse, of which a configuration that does not load is one.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { CommandIo } from './cli/command.ts';
import { systemCode } from './files/system-error.ts';
import { createUnawaitedFailures } from './unawaited-failures.ts';

// What V8 made of each file is kept beside the packages: a command begins in two thirds of the time.
// Whoever could write there could change the packages as well; where nobody may, nothing is kept.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/fieldgate', import.meta.url)));

// The OpenTelemetry SDK reads these whatever it is told: none may silently send telemetry elsewhere,
// add a header to it or turn it off. gateway.yaml may still name them, in `${…}`.
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
// They would end the process until `serve` listens for them. Nothing is missed meanwhile: what they
// ask it to read again is not read yet.
if (args[0] === 'serve') {
  for (const signal of ['SIGHUP', 'SIGUSR2']) process.on(signal, () => undefined);
}
/** How long a reader of the log may take for its last lines. */
const lastLinesMs = 3_000;

// Nobody reads the log any more: a gateway that nobody watches must not go on. Of a command, an answer
// that went nowhere is no "no".
process.stdout.on('error', (error) => {
  const code = systemCode(error);
  // Who closed the pipe knows.
  if (code !== 'EPIPE') process.stderr.write(`fieldgate: cannot write its output (${code})\n`);
  process.exit(isServing ? 1 : 2);
});

process.on(
  'unhandledRejection',
  createUnawaitedFailures((line) => process.stderr.write(line)),
);

// Node's own answer is a debugger, which runs whatever is sent to its port. Some send this signal to
// all that has a log, to have it opened anew.
process.on('SIGUSR1', () => process.stderr.write('fieldgate: nothing is done at SIGUSR1\n'));

// Only what is imported after the cache was turned on is kept in it.
const { parseCommand } = await import('./cli/command-line.ts');
process.exitCode = await parseCommand(args, io);
// One that stands still would keep a gateway that has ended from being gone.
if (isServing) setTimeout(() => process.exit(), lastLinesMs).unref();

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

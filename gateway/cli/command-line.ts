/**
 * Reads the command line and runs one command. Every command is a function from parsed options and
 * injected streams to an exit code: 0 for yes, 1 for no, 2 for misuse. A configuration that does
 * not load is misuse, whatever the command.
 */
import { parseArgs } from 'node:util';
import { ConfigError } from '../config-error.ts';
import { didYouMean } from '../nearest.ts';
import { printable } from '../printable.ts';
import { auditOptions, auditUsage, runAudit } from './audit.ts';
import type { CommandIo, CommandOptions } from './command.ts';

import { initUsage } from './init-usage.ts';

interface Command {
  readonly does: string;
  readonly options: Readonly<Record<string, { type: 'string' | 'boolean'; does: string }>>;
  /** Says what stands beside options; absent: nothing may. */
  readonly words?: readonly string[];
  run(options: CommandOptions, io: CommandIo): Promise<number>;
}

const as = { type: 'string', does: 'claims as JSON, @FILE, or "anonymous"' } as const;

/** What a command needs is loaded when it is run: who asks the audit log does not wait for engines. */
const commands: Readonly<Record<string, Command>> = {
  serve: {
    does: 'runs the gateway',
    options: {
      dev: { type: 'boolean', does: 'GraphiQL on the GraphQL path' },
      workers: { type: 'string', does: 'processes that share the port: a number, or auto' },
    },
    run: async (...given) => (await import('./run-serve.ts')).runServe(...given),
  },
  check: {
    does: 'checks configuration, composition, policies and coverage',
    options: {},
    run: async (...given) => (await import('./check.ts')).runCheck(...given),
  },
  schema: {
    does: "prints the unified SDL, or a caller's view of it",
    options: {
      as,
      pull: { type: 'boolean', does: 'refreshes the pinned SDL of GraphQL upstreams instead' },
    },
    run: async (...given) => (await import('./schema.ts')).runSchema(...given),
  },
  explain: {
    does: 'says what becomes of a query, coordinate by coordinate, and why',
    options: {
      as,
      query: { type: 'string', does: 'the document, or @FILE' },
      variables: { type: 'string', does: 'variables as JSON, or @FILE' },
      operation: { type: 'string', does: 'the operation of a document that holds several' },
    },
    run: async (...given) => (await import('./explain.ts')).runExplain(...given),
  },
  audit: {
    does: 'asks the audit log, and checks it',
    words: auditUsage,
    options: auditOptions,
    run: runAudit,
  },
  init: {
    does: 'writes a configuration and policies to start from',
    words: initUsage,
    options: {},
    run: async (...given) => (await import('./init.ts')).runInit(...given),
  },
  demo: {
    does: 'runs the demo: two upstreams and the gateway',
    options: {},
    run: async (_options, io) =>
      (await import('./demo.ts')).runDemo({ ...io, signal: io.stop, args: [] }),
  },
};

export async function parseCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    io.stdout.write(usage());
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    return misuse(io, `there is no command "${name}"${didYouMean(name, Object.keys(commands))}`);
  }
  const parsed = readOptions(command, rest);
  if (typeof parsed === 'string') return misuse(io, `${name}: ${parsed}`);
  if (parsed.values.help === true) {
    io.stdout.write(usage(name));
    return 0;
  }
  return runSafely(command, parsed, io);
}

function readOptions(command: Command, args: readonly string[]): CommandOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: command.words !== undefined,
      options: {
        config: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        ...command.options,
      },
    });
    const { config, json, ...others } = values as Record<string, string | boolean | undefined>;
    return {
      config: String(config ?? 'gateway.yaml'),
      json: json === true,
      words: positionals,
      values: others,
    };
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

/** What is wrong with files is said in one line each; a fault of ours keeps its stack. */
async function runSafely(
  command: Command,
  options: CommandOptions,
  io: CommandIo,
): Promise<number> {
  try {
    return await command.run(options, io);
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : undefined;
    const message = error instanceof Error ? error.message : String(error);
    if (options.json) {
      const listed = problems ?? [{ code: 'failed', message }];
      io.stdout.write(`${JSON.stringify({ ok: false, problems: listed }, null, 2)}\n`);
    } else {
      io.stderr.write(`${problems === undefined ? printable(message) : message}\n`);
    }
    return 2;
  }
}

function misuse(io: CommandIo, message: string): number {
  io.stderr.write(`fieldgate: ${message}\n\n${usage()}`);
  return 2;
}

function usage(only?: string): string {
  const lines = ['usage: fieldgate COMMAND [--config FILE] [--json] [options]', ''];
  for (const [name, command] of Object.entries(commands)) {
    if (only !== undefined && name !== only) continue;
    lines.push(`  ${name.padEnd(10)}${command.does}`);
    for (const words of command.words ?? []) lines.push(`      ${words}`);
    for (const [option, { type, does }] of Object.entries(command.options)) {
      lines.push(`      ${`--${option}${type === 'string' ? ' VALUE' : ''}`.padEnd(20)}${does}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Parses the command line and runs one command. A command is a function from parsed options and
 * injected streams to an exit code: 0 for yes, 1 for no, 2 for misuse, which includes a
 * configuration that does not load.
 */
import { parseArgs } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { ConfigError } from '../files/config-error.ts';
import { didYouMean } from '../files/nearest.ts';
import { printable } from '../files/printable.ts';
import { auditOptions, auditUsage, runAudit } from './audit.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { initUsage } from './init/init-usage.ts';
import { type Command, type Option, optionsOf, usageOf, usageOfAll } from './usage.ts';

const as: Option = {
  type: 'string',
  value: 'CALLER',
  does: 'claims as JSON, @FILE, or "anonymous"',
};

const now: Option = {
  type: 'string',
  value: 'MOMENT',
  does: 'when it is asked: 2026-03-02T09:00:00Z',
};

/** A command's modules are loaded when it runs, so that `audit` does not wait for the engines. */
const commands: Readonly<Record<string, Command>> = {
  serve: {
    does: 'runs the gateway',
    options: {
      dev: { type: 'boolean', does: 'GraphiQL on the GraphQL path' },
      workers: {
        type: 'string',
        value: 'N',
        does: 'processes that share the port: a number, or auto',
      },
    },
    run: async (...given) => (await import('./serve/run-serve.ts')).runServe(...given),
  },
  check: {
    does: 'checks configuration, composition, policies and coverage',
    options: {},
    run: async (...given) => (await import('./check.ts')).runCheck(...given),
  },
  test: {
    does: 'runs the policy cases: *.cases.yaml beside the policies',
    options: {},
    run: async (...given) => (await import('./test.ts')).runTest(...given),
  },
  diff: {
    does: 'says what a change exposes or closes; 1 where anything widens',
    words: ['BASE  the gateway.yaml to compare with, or the folder it is in'],
    options: {},
    run: async (...given) => (await import('./diff.ts')).runDiff(...given),
  },
  scan: {
    does: 'proposes classes for what looks sensitive and has none; 1 where it does',
    options: {
      confidence: {
        type: 'string',
        value: 'LEVEL',
        does: 'how sure it has to be: high, medium (unless told) or low',
      },
      yaml: { type: 'boolean', does: 'the rules alone, as a file of policies' },
    },
    run: async (...given) => (await import('./scan.ts')).runScan(...given),
  },
  schema: {
    does: "prints the unified SDL, or a caller's view of it",
    options: {
      as,
      now,
      pull: { type: 'boolean', does: 'refreshes the pinned SDL of GraphQL upstreams instead' },
    },
    run: async (...given) => (await import('./schema.ts')).runSchema(...given),
  },
  explain: {
    does: 'says what becomes of a query, coordinate by coordinate, and why',
    options: {
      as,
      now,
      query: { type: 'string', value: 'TEXT', does: 'the document, or @FILE' },
      variables: { type: 'string', value: 'JSON', does: 'variables as JSON, or @FILE' },
      operation: {
        type: 'string',
        value: 'NAME',
        does: 'the operation of a document that holds several',
      },
    },
    run: async (...given) => (await import('./explain.ts')).runExplain(...given),
  },
  matrix: {
    does: 'says who can see what: callers by classified coordinates',
    options: {
      as: { ...as, does: "one caller, or a JSON list of them, in the place of the policies' own" },
      all: { type: 'boolean', does: 'every coordinate of the graph, not the classified alone' },
      html: { type: 'string', value: 'FILE', does: 'writes one page that needs nothing else' },
    },
    run: async (...given) => (await import('./matrix.ts')).runMatrix(...given),
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
    does: 'runs the demo: three services and the gateway',
    options: {},
    standsAlone: true,
    run: async (_options, io) =>
      (await import('./demo.ts')).runDemo({ ...io, signal: io.stop, args: [] }),
  },
};

/** Runs the command named by `args` and returns its exit code. */
export async function parseCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    io.stderr.write(usageOfAll(commands));
    return 2;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    io.stdout.write(usageOfAll(commands));
    return 0;
  }
  if (name === '--version') {
    io.stdout.write(`${manifest.version}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const hint = didYouMean(name, Object.keys(commands));
    return misuse(io, `there is no command "${name}"${hint}`, '--help');
  }
  const parsed = readOptions(command, rest);
  if (typeof parsed === 'string') return misuse(io, `${name}: ${parsed}`, `${name} --help`);
  if (parsed.values.help === true) {
    io.stdout.write(usageOf(name, command));
    return 0;
  }
  return runSafely(command, parsed, io);
}

function readOptions(command: Command, args: readonly string[]): CommandOptions | string {
  const options = optionsOf(command);
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: command.words !== undefined,
      options: { help: { type: 'boolean', short: 'h' }, ...options },
    });
    const given = values as Record<string, string | boolean | undefined>;
    const empty = Object.keys(given).find((option) => given[option] === '');
    // Usually an unset shell variable: ignoring it would answer another question.
    if (empty !== undefined) return `--${empty} is empty`;
    if (positionals.some((word) => word === '')) return 'one of its words is empty';
    const { config, json, ...others } = given;
    return {
      config: String(config ?? 'gateway.yaml'),
      json: json === true,
      words: positionals,
      values: others,
    };
  } catch (error) {
    if (error instanceof TypeError) return inOwnWords(error.message, Object.keys(options));
    throw error;
  }
}

/** Rewords a parseArgs error and suggests the option that was meant. */
function inOwnWords(message: string, options: readonly string[]): string {
  const [, unknown] = /^Unknown option '(-[^']*)'/.exec(message) ?? [];
  const [, word] = /^Unexpected argument '([^']*)'/.exec(message) ?? [];
  if (word !== undefined) return `takes options alone: "${word}" is none`;
  if (unknown === undefined) return message;
  const known = [...options, 'help'].map((option) => `--${option}`);
  return `there is no option ${unknown}${didYouMean(unknown, known)}`;
}

/** Prints an error in its own words, which name a file, a line or an option. */
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
      const isAbsent = problems?.some(
        ({ code, file, path }) => code === 'file-missing' && file === options.config && path === '',
      );
      const hint = isAbsent ? ': --config names another one, `fieldgate init` writes one' : '';
      const said = problems === undefined ? printable(message) : message;
      io.stderr.write(`${said}${hint}\n`);
    }
    return 2;
  }
}

function misuse(io: CommandIo, message: string, help: string): number {
  io.stderr.write(`fieldgate: ${message}\nfieldgate ${help} says what there is\n`);
  return 2;
}

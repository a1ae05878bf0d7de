/**
 * `fieldgate audit …`: queries and verifies the audit log. Exit code 0 for yes, 1 for no (nothing
 * found, or altered), 2 for misuse or an unusable log.
 */
import { didYouMean } from '../files/nearest.ts';
import { runProve } from './audit/audit-prove.ts';
import { runExport, runTail } from './audit/audit-read.ts';
import { type AuditRequest, type AuditSource, toSource } from './audit/audit-source.ts';
import { runVerify, verifyProofAlone } from './audit/audit-verify.ts';
import { runWhoAccessed, runWhoSaw } from './audit/audit-who.ts';
import type { CommandIo, CommandOptions } from './command.ts';

export const auditOptions = {
  directory: {
    type: 'string',
    value: 'FOLDER',
    does: 'the audit directory, in the place of the one of --config',
  },
  since: {
    type: 'string',
    value: 'TIME',
    does: 'from then on: 2026-07-01, a UTC time, or how long ago, as 7d',
  },
  field: { type: 'string', value: 'NAME', does: 'who-saw: a coordinate, or the name of a field' },
  pubkey: {
    type: 'string',
    value: 'FILE',
    does: 'verify: a file with the public key, PEM or base64',
  },
  checkpoint: {
    type: 'string',
    value: 'FILE',
    does: 'verify: a file with checkpoints that were kept outside',
  },
  proof: {
    type: 'string',
    value: 'FILE',
    does: 'verify: a file with the JSON that `audit prove --json` printed',
  },
  subjectkeys: {
    type: 'string',
    value: 'FILE',
    does: 'who-saw: the file of subject keys, with --directory',
  },
  lines: { type: 'string', value: 'N', does: 'tail: how many of each chain, 20 unless told' },
} as const;

interface Part {
  readonly words: string;
  readonly count: number;
  /** Options besides `directory`, which all accept. */
  readonly takes: readonly (keyof typeof auditOptions)[];
  /** Whether it also runs on a log without any line. */
  readonly mayBeEmptied?: boolean;
  /** Handles requests that need no log; undefined for all others. */
  withoutLog?(request: AuditRequest, io: CommandIo): Promise<number> | undefined;
  run(request: AuditRequest, source: AuditSource, io: CommandIo): Promise<number>;
}

const parts: Readonly<Record<string, Part>> = {
  verify: {
    words: '',
    count: 0,
    takes: ['since', 'pubkey', 'checkpoint', 'proof'],
    mayBeEmptied: true,
    withoutLog: verifyProofAlone,
    run: runVerify,
  },
  'who-saw': {
    words: ' TYPE ID',
    count: 2,
    takes: ['since', 'field', 'subjectkeys'],
    run: runWhoSaw,
  },
  'who-accessed': { words: ' CALLER', count: 1, takes: ['since'], run: runWhoAccessed },
  tail: { words: '', count: 0, takes: ['lines'], run: runTail },
  export: { words: '', count: 0, takes: ['since'], run: runExport },
  prove: { words: ' SEQ', count: 1, takes: [], run: runProve },
};

export const auditUsage = Object.entries(parts).map(([name, { words }]) => `${name}${words}`);

export async function runAudit(options: CommandOptions, io: CommandIo): Promise<number> {
  const [name = '', ...words] = options.words ?? [];
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (part === undefined || words.length !== part.count) {
    io.stderr.write(`fieldgate: ${misuseOf(name, part)}\n`);
    return 2;
  }
  // Refused, because ignoring it would answer for another time or field than was meant.
  const other = Object.keys(auditOptions).find(
    (option) =>
      option !== 'directory' &&
      options.values[option] !== undefined &&
      !part.takes.some((taken) => taken === option),
  );
  if (other !== undefined) {
    io.stderr.write(`fieldgate: audit ${name} takes no --${other}${listOf(part.takes)}\n`);
    return 2;
  }
  const request = { words, json: options.json, values: options.values };
  const answer = await part.withoutLog?.(request, io);
  if (answer !== undefined) return answer;
  return await part.run(request, await toSource(options, io, part.mayBeEmptied), io);
}

const listOf = (options: readonly string[]): string =>
  options.length === 0 ? '' : `: it takes ${options.map((one) => `--${one}`).join(', ')}`;

function misuseOf(name: string, part: Part | undefined): string {
  if (part !== undefined) return `usage: fieldgate audit ${name}${part.words}`;
  const what = `audit takes one of ${auditUsage.join(', ')}`;
  if (name === '') return what;
  return `there is no "audit ${name}"${didYouMean(name, Object.keys(parts))}: ${what}`;
}

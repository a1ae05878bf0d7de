/**
 * Opens the audit log with the keys, options and directories of gateway.yaml, for serving and for
 * the commands that query the log.
 */
import type { KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditConfig } from '../../config/config-audit.ts';
import { ConfigError, fileProblem } from '../../files/config-error.ts';
import type { Environment } from '../../files/environment-text.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { isAbsent, systemCode } from '../../files/system-error.ts';
import type { AuditLog } from '../../watch/audit-log/audit-log.ts';
import type { LogNews } from '../../watch/audit-log/audit-log-options.ts';
import { openAuditLog } from '../../watch/audit-log/open-audit-log.ts';
import { listOrphans } from '../../watch/audit-log/orphan-notes.ts';
import { listSegments } from '../../watch/audit-log/read-segment.ts';
import { queriesName } from '../../watch/audit-log/search/query-log.ts';
import { readShipped } from '../../watch/audit-log/shipped-cursor.ts';
import { loadSigningKey, readIfThere } from '../../watch/audit-log/signing-key.ts';
import type { SubjectKeys } from '../../watch/subject-keys.ts';
import {
  demoSubjectKeysFile,
  generatedSubjectKeysName,
  loadSubjectKeys,
} from '../../watch/subject-keys-file.ts';

export interface OpenAudit {
  readonly log: AuditLog;
  readonly subjectKeys: SubjectKeys;
}

/** Opens the log for a gateway; throws ConfigError or Error if it cannot be kept. */
export async function openAudit(
  config: AuditConfig,
  options: {
    env: Environment;
    /** Receives warnings for the operator. */
    warn: (message: string) => void;
    report: (news: LogNews) => void;
    onCheckpoint?: (note: string) => void;
    /** Whether a forwarder ships the log; then nothing is deleted before it is shipped. */
    isForwarded: boolean;
    worker?: number;
  },
): Promise<OpenAudit> {
  await makeDirectory(config.directory);
  const signingKey = await signingKeyOf(config, options);
  const subjectKeys = await subjectKeysOf(config, options.warn);
  const log = await openAuditLog({
    directory: config.directory,
    durability: config.durability,
    signingKey,
    rotateBytes: config.rotate.bytes,
    rotateMs: config.rotate.afterMs,
    checkpointRecords: config.checkpoint.records,
    checkpointMs: config.checkpoint.everyMs,
    retentionMs: config.retentionMs,
    retainUnshipped: options.isForwarded,
    report: options.report,
    ...(options.onCheckpoint && { onCheckpoint: options.onCheckpoint }),
    ...(options.worker !== undefined && { worker: options.worker }),
  });
  return { log, subjectKeys };
}

/** Makes the audit directory if it is missing; throws ConfigError if it cannot. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await makeFolder(directory, 0o700);
  } catch (error) {
    const message = `audit.directory: cannot be a folder here (${systemCode(error)})`;
    throw new ConfigError([fileProblem(directory, 'file-missing', message)]);
  }
}

/**
 * Loads the signing key; throws ConfigError or Error if the variable is not set or the key is
 * invalid.
 */
export async function signingKeyOf(
  { directory, signingKey }: Pick<AuditConfig, 'directory' | 'signingKey'>,
  { env, warn }: { env: Environment; warn: (message: string) => void },
): Promise<KeyObject> {
  const variable = signingKey?.env;
  const value = variable === undefined ? undefined : env[variable];
  if (variable !== undefined && value === undefined) {
    throw new Error(`audit.signingKey: the variable ${variable} is not set`);
  }
  const file = signingKey?.file;
  try {
    return await loadSigningKey({ file, value }, { directory, warn });
  } catch (error) {
    if (!(error instanceof Error) || signingKey === undefined) throw error;
    const isSystems = 'syscall' in error;
    const why = isSystems ? `cannot read the file (${systemCode(error)})` : error.message;
    const message = `audit.signingKey: ${why}`;
    if (file === undefined) throw new Error(message, { cause: error });
    throw new ConfigError([
      fileProblem(file, isSystems ? 'file-missing' : 'wrong-format', message),
    ]);
  }
}

export async function subjectKeysOf(
  { directory, subjectKeys }: Pick<AuditConfig, 'directory' | 'subjectKeys'>,
  warn: (message: string) => void,
): Promise<SubjectKeys> {
  return await loadSubjectKeys(subjectKeys?.file ?? (await demoSubjectKeysFile(directory, warn)));
}

/**
 * Loads the keys that a log was written with; throws Error if there are none, because new keys
 * would find nobody.
 */
export async function writtenSubjectKeys({
  directory,
  subjectKeys,
}: Pick<AuditConfig, 'directory' | 'subjectKeys'>): Promise<SubjectKeys> {
  const file = subjectKeys?.file ?? join(directory, generatedSubjectKeysName);
  if (subjectKeys === undefined && (await readIfThere(file)) === undefined) {
    throw new Error(`${directory} holds no subject keys: name their file with --subjectkeys`);
  }
  return await loadSubjectKeys(file);
}

/** The directory of a chain: the audit directory, or a worker's folder in it. */
export const chainOf = (directory: string, worker: number | undefined): string =>
  worker === undefined ? directory : join(directory, `worker-${worker}`);

/** The directory of the chain of queries about the log; made if missing. */
export async function queriesOf(directory: string): Promise<string> {
  const queries = join(directory, queriesName);
  await makeFolder(queries, 0o700);
  return queries;
}

/** The directories with a chain, of the audit directory and its workers; empty if it is missing. */
export async function chainsOf(directory: string): Promise<string[]> {
  const all = await placesOf(directory);
  const counts = await Promise.all(all.map(async (one) => (await listSegments(one)).length));
  return all.filter((_, at) => (counts[at] ?? 0) > 0);
}

/** The directories that held a chain, the queries included, and have lost all its lines. */
export async function emptiedChainsOf(directory: string): Promise<string[]> {
  const queries = join(directory, queriesName);
  const all = [...(await placesOf(directory)), ...((await namesIn(queries)) ? [queries] : [])];
  const emptied = await Promise.all(all.map(isEmptied));
  return all.filter((_, at) => emptied[at]);
}

async function isEmptied(directory: string): Promise<boolean> {
  if ((await listSegments(directory)).length > 0) return false;
  const isShipped = (await readShipped(directory)) > 0;
  return isShipped || (await listOrphans(directory)).some(({ size }) => size > 0);
}

/** Directories that may hold a chain. */
async function placesOf(directory: string): Promise<string[]> {
  const inside = await namesIn(directory);
  if (inside === undefined) return [];
  const workers = inside.filter((name) => /^worker-\d+$/.test(name)).sort();
  return [directory, ...workers.map((name) => join(directory, name))];
}

async function namesIn(directory: string): Promise<string[] | undefined> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

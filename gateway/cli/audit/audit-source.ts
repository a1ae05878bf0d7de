/** Selects the log and keys of a command: those of a configuration, or of a directory alone. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AuditConfig } from '../../config/config-audit.ts';
import { loadConfig } from '../../config.ts';
import { systemCode } from '../../files/system-error.ts';
import { parseDuration } from '../../time/duration.ts';
import { queriesName } from '../../watch/audit-log/search/query-log.ts';
import { publicKeysName, readIfThere, toPublicKeys } from '../../watch/audit-log/signing-key.ts';
import type { CommandIo, CommandOptions } from '../command.ts';
import { chainsOf, emptiedChainsOf, signingKeyOf } from './open-audit.ts';

export interface AuditRequest {
  readonly words: readonly string[];
  readonly json: boolean;
  readonly values: CommandOptions['values'];
}

export interface AuditSource extends Pick<AuditConfig, 'directory' | 'signingKey' | 'subjectKeys'> {
  /** The data subject of each object type; undefined without a configuration. */
  readonly subjects: AuditConfig['subjects'] | undefined;
  /** The configuration; undefined if --directory replaces it. */
  readonly configFile: string | undefined;
  /** Directories that hold a chain. */
  readonly chains: readonly string[];
  readonly sinceMs: number | undefined;
}

/**
 * Throws ConfigError or Error if there is no log to query; with `mayBeEmptied`, a log that lost all
 * its lines is accepted.
 */
export async function toSource(
  options: CommandOptions,
  io: CommandIo,
  mayBeEmptied = false,
): Promise<AuditSource> {
  const { directory, since, subjectkeys } = options.values;
  const sinceMs = typeof since === 'string' ? parseSince(since, Date.now()) : undefined;
  const config = await configOf(options, io);
  const source = {
    directory: typeof directory === 'string' ? resolve(directory) : config?.directory,
    signingKey: config?.signingKey,
    subjects: config?.subjects,
    configFile: config && options.config,
    subjectKeys:
      typeof subjectkeys === 'string' ? { file: resolve(subjectkeys) } : config?.subjectKeys,
  };
  if (source.directory === undefined) {
    throw new Error(
      `${options.config} keeps no audit log: it has no \`audit\` section, such as \`audit: { directory: audit }\``,
    );
  }
  const chains = await chainsOf(source.directory);
  if (chains.length === 0) await refuseEmpty(source.directory, mayBeEmptied);
  return { ...source, directory: source.directory, chains, sinceMs };
}

async function refuseEmpty(directory: string, mayBeEmptied: boolean): Promise<void> {
  const isEmptied = (await emptiedChainsOf(directory)).length > 0;
  if (isEmptied && mayBeEmptied) return;
  throw new Error(
    isEmptied
      ? `${directory} holds no line of its audit log any more: audit verify says what was there`
      : `${directory} holds no audit log: nothing was recorded there yet, or it is elsewhere (--directory)`,
  );
}

/** With --directory no configuration is needed. */
async function configOf(options: CommandOptions, io: CommandIo): Promise<AuditConfig | undefined> {
  if (options.values.directory !== undefined) return undefined;
  return (await loadConfig(options.config, io)).audit;
}

/** Reads a day, a UTC time, or a duration before `nowMs`; throws Error for anything else. */
function parseSince(text: string, nowMs: number): number {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return nowMs - agoMs;
  const at = /^\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse reads the 31st of February as a day in March.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text.slice(0, 10)) {
    throw new Error('--since: a day, a UTC time, or a duration such as 7d');
  }
  return at;
}

/** Accepts digits only; undefined for other number forms, such as 1e3. */
export const toWholeNumber = (text: string): number | undefined =>
  /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** Keys that may have signed checkpoints, and whether they come from outside of the log. */
export async function verifyingKeys(
  { directory, signingKey }: Pick<AuditSource, 'directory' | 'signingKey'>,
  { values }: AuditRequest,
  io: CommandIo,
): Promise<{ keys: KeyObject[]; areFromOutside: boolean }> {
  if (typeof values.pubkey === 'string') {
    return { keys: await fromFile(values.pubkey, toPublicKeys), areFromOutside: true };
  }
  if (signingKey !== undefined) {
    const key = await signingKeyOf(
      { directory, signingKey },
      { env: io.env, warn: () => undefined },
    );
    return { keys: [createPublicKey(key)], areFromOutside: true };
  }
  const beside = await keysBeside(directory);
  return { keys: beside, areFromOutside: false };
}

/** The queries chain has its own key if it was queried without the log's configuration. */
async function keysBeside(directory: string): Promise<KeyObject[]> {
  const chains = [...(await chainsOf(directory)), ...(await emptiedChainsOf(directory))];
  const keys: KeyObject[] = [];
  for (const chain of [...chains, join(directory, queriesName)]) {
    const file = join(chain, publicKeysName);
    const text = await readIfThere(file);
    if (text !== undefined) keys.push(...(await naming(file, () => toPublicKeys(text))));
  }
  if (keys.length > 0) return keys;
  throw new Error(`${directory} holds no public key: name one with --pubkey`);
}

/** Reads a file named by an option; throws Error that names the file. */
export const fromFile = <Value>(file: string, read: (text: string) => Value): Promise<Value> =>
  naming(file, async () => read(await readOf(file)));

async function naming<Value>(file: string, read: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

async function readOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the file (${systemCode(error)})`, { cause: error });
  }
}

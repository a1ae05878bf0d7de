/** Which log a command is about, and with which keys: of a configuration, or of a directory alone. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadConfig } from '../config.ts';
import type { AuditConfig } from '../config-audit.ts';
import { parseDuration } from '../duration.ts';
import { systemCode } from '../system-error.ts';
import { publicKeysName, readIfThere, toPublicKeys } from '../watch/audit-log/signing-key.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { chainsOf, signingKeyOf } from './open-audit.ts';

export interface AuditRequest {
  readonly words: readonly string[];
  readonly json: boolean;
  readonly values: CommandOptions['values'];
}

export interface AuditSource extends Pick<AuditConfig, 'directory' | 'signingKey' | 'subjectKeys'> {
  /** Whose data objects of a type are; undefined where no configuration says. */
  readonly subjects: AuditConfig['subjects'] | undefined;
  /** The configuration; undefined where a directory stands in its place. */
  readonly configFile: string | undefined;
  /** Directories that hold a chain. */
  readonly chains: readonly string[];
  readonly sinceMs: number | undefined;
}

/** Throws ConfigError or Error where there is no log to ask. */
export async function toSource(options: CommandOptions, io: CommandIo): Promise<AuditSource> {
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
    throw new Error(`${options.config} keeps no audit log: it has no \`audit\` section`);
  }
  const chains = await chainsOf(source.directory);
  if (chains.length === 0)
    throw new Error(
      `${source.directory} holds no audit log: nothing was recorded there yet, or it is elsewhere (--directory)`,
    );
  return { ...source, directory: source.directory, chains, sinceMs };
}

/** With a directory no configuration is needed. */
async function configOf(options: CommandOptions, io: CommandIo): Promise<AuditConfig | undefined> {
  if (options.values.directory !== undefined) return undefined;
  return (await loadConfig(options.config, io)).audit;
}

/** A day, a UTC time, or how long before `nowMs`; throws Error for anything else. */
function parseSince(text: string, nowMs: number): number {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return nowMs - agoMs;
  const at = /^\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Error('--since: a day, a UTC time, or a duration such as 7d');
  return at;
}

/** Keys that checkpoints may be signed with, and whether they come from outside of the log. */
export async function verifyingKeys(
  { directory, signingKey }: AuditSource,
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

async function keysBeside(directory: string): Promise<KeyObject[]> {
  for (const chain of await chainsOf(directory)) {
    const text = await readIfThere(join(chain, publicKeysName));
    if (text !== undefined) return toPublicKeys(text);
  }
  throw new Error(`${directory} holds no public key: name one with --pubkey`);
}

/** What `read` makes of a file that an option names; throws Error that names the file. */
export async function fromFile<Value>(file: string, read: (text: string) => Value): Promise<Value> {
  try {
    return read(await readOf(file));
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

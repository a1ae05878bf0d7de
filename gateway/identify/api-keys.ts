/**
 * API keys: a file holds the SHA-256 of each key and the caller it stands for. The keys themselves
 * are not stored anywhere.
 *
 * A presented key is hashed, and looked up by a MAC of that hash under a secret of this process, so
 * the duration of the lookup tells nothing about stored hashes; the entry found is compared in
 * constant time. Fails closed: an unknown key is a refusal, never anonymous.
 */
import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../decision.ts';
import { ConfigError, type Problem } from '../files/config-error.ts';
import type { Source } from '../files/file-source.ts';
import type { YamlSource } from '../files/yaml-source.ts';
import type { Caller } from '../request.ts';
import type { Pause } from '../time/pauses.ts';
import { instant } from './instant.ts';
import { keyIssuer } from './key-issuer.ts';
import { freezeRecord } from './to-caller.ts';
import { createYamlSource, type FileTools, type WatchedFile } from './watched-yaml.ts';
import { word } from './word.ts';

/** Longest accepted key. */
const keyBytesMax = 512;
const keysMax = 10_000;
const keysPerStep = 50;

export interface ApiKeysConfig extends WatchedFile {
  /** Lower-case name of the header. */
  readonly header: string;
}

export interface KeyEntry {
  readonly caller: Caller;
  readonly digest: Buffer;
}

export interface KeyTable {
  /** The entry of a key, whether expired or not. */
  find(key: string): KeyEntry | undefined;
}

const name = z
  .string()
  .regex(/^[^\s\p{Cc}]{1,256}$/u)
  .describe('text without blanks');

const keyFile = z.strictObject({
  version: z.literal(1),
  keys: z
    .array(
      z.strictObject({
        sha256: z
          .string()
          .regex(/^[0-9a-fA-F]{64}$/)
          .describe('the SHA-256 of the key, 64 hexadecimal digits'),
        client: word,
        subject: word.optional(),
        scopes: z.array(name).max(500).default([]),
        roles: z.array(word).max(500).default([]),
        claims: z.record(z.string(), z.json()).default({}),
        expires: instant.optional(),
      }),
    )
    .max(keysMax),
});

type Written = z.output<typeof keyFile>;

/** A source of the keys in a file, reread when it changes. */
export function createApiKeySource(config: ApiKeysConfig, tools: FileTools): Source<KeyTable> {
  const about = { ...config, name: 'apiKeys', schema: keyFile, compile: compileKeys };
  return createYamlSource(about, tools);
}

async function compileKeys({ keys }: Written, source: YamlSource, pause: Pause): Promise<KeyTable> {
  const secret = randomBytes(32);
  const index = (digest: Buffer): string =>
    createHmac('sha256', secret).update(digest).digest('base64');
  const entries = new Map<string, KeyEntry>();
  const problems: Problem[] = [];
  for (const [at, written] of keys.entries()) {
    const entry = toEntry(written);
    const mac = index(entry.digest);
    if (entries.has(mac)) {
      const message = 'this key stands here twice: two entries would be one caller or another';
      problems.push(
        source.problem({ path: ['keys', at, 'sha256'], code: 'duplicate-name', message }),
      );
    }
    entries.set(mac, entry);
    if (at % keysPerStep === 0) await pause();
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const dummyDigest = randomBytes(32);
  return {
    find(key) {
      const digest = hash('sha256', key, 'buffer');
      const found = entries.get(index(digest));
      // Compared even if nothing was found, so that both cases take the same time.
      return timingSafeEqual(found?.digest ?? dummyDigest, digest) ? found : undefined;
    },
  };
}

function toEntry(written: Written['keys'][number]): KeyEntry {
  const digest = Buffer.from(written.sha256, 'hex');
  const { client, subject, scopes, roles, claims, expires } = written;
  return {
    digest,
    caller: Object.freeze({
      kind: 'key' as const,
      issuer: keyIssuer,
      subject,
      client,
      scopes: new Set(scopes),
      roles: new Set(roles),
      claims: freezeRecord(claims),
      credentialHash: digest.toString('base64'),
      expiresAt: expires === undefined ? undefined : expires / 1000,
    }),
  };
}

const keyForm = /^[\x21-\x7e]+$/;

/** The caller that a key stands for at this time, or the refusal. */
export function identifyKey(
  key: string,
  table: KeyTable | undefined,
  nowMs: number,
): Caller | Refusal {
  if (key.length > keyBytesMax || !keyForm.test(key)) return new Refusal('identify/key-malformed');
  if (table === undefined) return new Refusal('identify/keys-unavailable');
  const found = table.find(key);
  if (found === undefined) return new Refusal('identify/key-unknown');
  const { expiresAt } = found.caller;
  const isOver = expiresAt !== undefined && nowMs >= expiresAt * 1000;
  return isOver ? new Refusal('identify/key-expired') : found.caller;
}

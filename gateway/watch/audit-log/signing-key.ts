/**
 * The Ed25519 key that signs checkpoints: PEM or base64 of its 32 bytes, from a file or the
 * environment. Without one, a key is made and kept beside the log, with a warning: anyone who can
 * write there can then forge the log. Public keys are kept beside the log for convenience, not as
 * proof.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SigningKeySource {
  readonly file?: string | undefined;
  /** The key itself, from the environment. */
  readonly value?: string | undefined;
}

const generatedKeyName = 'signing-key.pem';
export const publicKeysName = 'public-keys.pem';

const seedPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** Throws Error, without the text, unless it is an Ed25519 private key. */
function toPrivateKey(text: string): KeyObject {
  try {
    const key = isPem(text)
      ? createPrivateKey(text)
      : createPrivateKey({ key: withPrefix(seedPrefix, text), format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Reported below in our own words: the parser's message may contain the key.
  }
  throw new Error('the signing key is not an ed25519 private key: PEM, or base64 of 32 bytes');
}

/** The public keys in a text: PEM blocks, or base64 of 32 bytes. Throws Error for anything else. */
export function toPublicKeys(text: string): KeyObject[] {
  const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g);
  const keys = blocks?.map((block) => createPublicKey(block)) ?? [
    createPublicKey({ key: withPrefix(publicPrefix, text), format: 'der', type: 'spki' }),
  ];
  if (keys.every(({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519')) return keys;
  throw new Error('not an ed25519 public key: PEM, or base64 of 32 bytes');
}

const isPem = (text: string): boolean => text.includes('-----BEGIN');

function withPrefix(prefix: Buffer, text: string): Buffer {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length !== 32) throw new Error('not an ed25519 key: PEM, or base64 of 32 bytes');
  return Buffer.concat([prefix, bytes]);
}

/** The key of a source, or one made and kept in `directory`; `warn` tells the operator. */
export async function loadSigningKey(
  source: SigningKeySource,
  { directory, warn }: { directory: string; warn: (message: string) => void },
): Promise<KeyObject> {
  if (source.value !== undefined) return toPrivateKey(source.value);
  if (source.file !== undefined) return toPrivateKey(await readFile(source.file, 'utf8'));
  const file = join(directory, generatedKeyName);
  warn(
    `the audit log is signed with a key kept beside it (${file}): whoever can write there can forge it. Set audit.signingKey outside of a demo`,
  );
  const kept = await readIfThere(file);
  if (kept !== undefined) return toPrivateKey(kept);
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  await writeFile(file, pem, { mode: 0o600, flag: 'wx', flush: true });
  return privateKey;
}

/** Adds the log's public key to the file beside it, once. */
export async function keepPublicKey(directory: string, key: KeyObject): Promise<void> {
  const file = join(directory, publicKeysName);
  const pem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
  if ((await readIfThere(file))?.includes(pem)) return;
  await appendFile(file, pem, { mode: 0o600 });
}

/** The text of a file, undefined if there is none; throws other system errors. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

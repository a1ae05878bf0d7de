/**
 * Checks the files that serving reads besides configuration, descriptions and policies. Network
 * lists and the country database belong to the policies and must be valid. Keys, revocations, key
 * sets and certificates are often deployed separately: missing ones are reported, present ones must
 * be valid.
 */
import { createNetwork } from '../../admit/network-rules.ts';
import type { Config } from '../../config.ts';
import { readListenTls, readTls } from '../../delegate/transport/read-tls.ts';
import { ConfigError } from '../../files/config-error.ts';
import type { Environment } from '../../files/environment-text.ts';
import { readFileVersion } from '../../files/read-file.ts';
import { createApiKeySource } from '../../identify/api-keys.ts';
import { createJwtDoor } from '../../identify/jwt-door.ts';
import { isKeyUrl } from '../../identify/read-keys.ts';
import { createRevocationSource } from '../../identify/revocations.ts';
import { createTokenCache } from '../../identify/token-cache.ts';
import { asksForRegions } from '../../snapshot/check-conditions.ts';
import type { Policies } from '../../snapshot/load.ts';
import { loadSubjectKeys } from '../../watch/subject-keys-file.ts';
import { signingKeyOf } from '../audit/open-audit.ts';

/** The limit on the size of a key set. */
const keySetBytesMax = 262_144;
const certificateBytesMax = 4_194_304;

const tools = { now: Date.now, readFile: readFileVersion, report: () => undefined };

/** Returns what is missing: files, and the variable of a signing key; throws if one is invalid. */
export async function checkFiles(
  about: { readonly config: Config; readonly policies: Policies },
  env: Environment,
): Promise<readonly string[]> {
  const lists = await createNetwork(about.policies.network, {
    ...tools,
    needsRegions: asksForRegions(about.policies),
    every: () => () => undefined,
  });
  lists.close();
  const absent = new Set<string>();
  for (const [file, read] of readersOf(about.config)) {
    if (!(await isRight(read))) absent.add(file);
  }
  for (const { files, read } of certificatesOf(about.config)) {
    const missing = await Promise.all(files.map(async (file) => !(await isHere(file))));
    for (const file of files.filter((_, index) => missing[index])) absent.add(file);
    if (!missing.includes(true)) read();
  }
  const { audit } = about.config;
  const variable = audit?.signingKey?.env;
  if (variable !== undefined && env[variable] === undefined) absent.add(`the variable ${variable}`);
  else if (audit && variable !== undefined) await signingKeyOf(audit, { env, warn });
  return [...absent];
}

const warn = (): void => undefined;

const isHere = (file: string): Promise<boolean> =>
  isRight(() => readFileVersion(file, { bytesMax: certificateBytesMax }));

/** Files that are read together: certificate and key, and the authorities. */
function certificatesOf({ listen: { tls }, upstreams }: Config) {
  const listening =
    tls === undefined
      ? []
      : [{ files: named(tls.cert, tls.key, tls.clientCa), read: () => void readListenTls(tls) }];
  const calling = upstreams.map((one) => ({
    files: named(one.ca, one.mtls?.cert, one.mtls?.key),
    read: () => void readTls(one),
  }));
  return [...listening, ...calling];
}

const named = (...files: readonly (string | undefined)[]): string[] =>
  files.filter((file) => file !== undefined);

type Reader = readonly [file: string, read: () => Promise<unknown>];

function readersOf({ identity, audit }: Config): readonly Reader[] {
  const { apiKeys, revoked, jwt } = identity;
  const readers: Reader[] = [];
  if (apiKeys) readers.push([apiKeys.file, () => createApiKeySource(apiKeys, tools).start()]);
  if (revoked) readers.push([revoked.file, () => createRevocationSource(revoked, tools).start()]);
  for (const issuer of jwt) {
    if (!isKeyUrl(issuer.jwks)) readers.push([issuer.jwks, () => readKeySet(issuer)]);
  }
  const { signingKey, subjectKeys } = audit ?? {};
  const key = signingKey?.file;
  if (audit && key) {
    readers.push([key, () => signingKeyOf(audit, { env: {}, warn })]);
  }
  if (subjectKeys) readers.push([subjectKeys.file, () => loadSubjectKeys(subjectKeys.file)]);
  return readers;
}

async function readKeySet(issuer: Config['identity']['jwt'][number]): Promise<void> {
  await readFileVersion(issuer.jwks, { bytesMax: keySetBytesMax });
  const door = createJwtDoor(issuer, { ...tools, cache: createTokenCache() });
  await door.ready();
  await door.close();
}

/** False if the file is missing; throws if it is invalid. */
async function isRight(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    const isAbsent =
      error instanceof ConfigError && error.problems.every(({ code }) => code === 'file-missing');
    if (isAbsent) return false;
    throw error;
  }
}

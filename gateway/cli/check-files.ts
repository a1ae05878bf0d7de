/**
 * What serving reads beside configuration, descriptions and policies. Network lists and the country
 * database belong to the policies and must be right. Keys, revocations and key sets are often put
 * in place where the gateway runs: those that are not here are named, those that are must be right.
 */
import { createNetwork } from '../admit/network-rules.ts';
import { asksForRegions } from '../check-conditions.ts';
import type { Config } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { createApiKeySource } from '../identify/api-keys.ts';
import { isKeyUrl } from '../identify/read-keys.ts';
import { createRevocationSource } from '../identify/revocations.ts';
import type { Policies } from '../load.ts';
import { readFileVersion } from '../read-file.ts';

/** As large as a key set may be. */
const keySetBytesMax = 262_144;

const tools = { now: Date.now, readFile: readFileVersion, report: () => undefined };

/** The files that are not here; throws ConfigError for one that is wrong. */
export async function checkFiles(about: {
  readonly config: Config;
  readonly policies: Policies;
}): Promise<readonly string[]> {
  const { rules, rates, network } = about.policies;
  const lists = await createNetwork(network, {
    ...tools,
    needsRegions: asksForRegions(rules, rates),
    every: () => () => undefined,
  });
  lists.close();
  const absent: string[] = [];
  for (const [file, read] of readersOf(about.config)) {
    if (!(await isRight(read))) absent.push(file);
  }
  return absent;
}

type Reader = readonly [file: string, read: () => Promise<unknown>];

function readersOf({ identity: { apiKeys, revoked, jwt } }: Config): readonly Reader[] {
  const readers: Reader[] = [];
  if (apiKeys) readers.push([apiKeys.file, () => createApiKeySource(apiKeys, tools).start()]);
  if (revoked) readers.push([revoked.file, () => createRevocationSource(revoked, tools).start()]);
  for (const { jwks } of jwt) {
    if (isKeyUrl(jwks)) continue;
    readers.push([jwks, () => readFileVersion(jwks, { bytesMax: keySetBytesMax })]);
  }
  return readers;
}

/** False where there is no such file. */
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

/**
 * Reads policies/limits/*.yaml: the size of requests and documents, the cost of operations, the
 * documents that may run, and the deadline of an operation. Unset keys take the defaults, and each
 * key may be set in one file only. A mistake prevents the start.
 */
import { dirname, resolve } from 'node:path';
import { ConfigError, formatPath, type Path, type Problem } from '../files/config-error.ts';
import { namedAt } from '../files/named-file.ts';
import { listPolicyFiles } from '../files/policy-folder.ts';
import { checkYaml } from '../files/yaml-check.ts';
import { readYaml, type YamlSource } from '../files/yaml-source.ts';
import {
  type CostPolicy,
  defaultCostPolicy,
  type ListSize,
  type Place,
} from './cost/cost-policy.ts';
import { type DocumentPolicy, defaultDocumentPolicy } from './document-policy.ts';
import type { LimitShadow, ShadowedLimit } from './limit-shadows.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { type LimitsFile, limitsSchema } from './limits-schema.ts';
import { loadManifest } from './manifest-file.ts';

export interface LimitPolicy {
  readonly limits: Limits;
  readonly cost: CostPolicy;
  readonly documents: DocumentPolicy;
  /** Stricter limits in shadow mode; empty if there are none. */
  readonly limitShadows: readonly LimitShadow[];
}

interface Written {
  readonly source: YamlSource;
  readonly file: LimitsFile;
}

/** Loads policies/limits; a missing folder means the defaults. Throws ConfigError. */
export async function loadLimitPolicy(directory: string): Promise<LimitPolicy> {
  const { written, problems } = await readAll(directory);
  problems.push(...repeated(written));
  const limitShadows = written.flatMap((one) => shadowsOf(one, problems));
  const manifests = await Promise.allSettled(written.map(readManifest));
  for (const outcome of manifests) {
    if (outcome.status === 'fulfilled') continue;
    if (!(outcome.reason instanceof ConfigError)) throw outcome.reason;
    problems.push(...outcome.reason.problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const found = manifests.find((one) => one.status === 'fulfilled' && one.value !== undefined);
  const manifest = found?.status === 'fulfilled' ? found.value : undefined;
  return Object.freeze({
    limits: Object.freeze(Object.assign({ ...defaultLimits }, ...written.map(limitsOf))),
    cost: toCostPolicy(written),
    documents: toDocumentPolicy(written, manifest),
    limitShadows: Object.freeze(limitShadows),
  });
}

async function readAll(directory: string): Promise<{ written: Written[]; problems: Problem[] }> {
  const written: Written[] = [];
  const problems: Problem[] = [];
  for (const path of (await listPolicyFiles(directory, 'limits')) ?? []) {
    try {
      const source = await readYaml(path);
      written.push({ source, file: checkYaml(source, limitsSchema) });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  return { written, problems };
}

const limitsOf = ({ file }: Written): Partial<Limits> => {
  const set = Object.entries(file.limits ?? {}).flatMap(([name, value]) => {
    const number = typeof value === 'object' ? value.enforced : value;
    return number === undefined ? [] : [[name, number] as const];
  });
  return Object.fromEntries(set);
};

/**
 * Shadow limits of one file. One that is no stricter than the limit in force is a problem: it would
 * never refuse, and would loosen the limit when shadow mode ends.
 */
function shadowsOf({ source, file }: Written, problems: Problem[]): LimitShadow[] {
  return Object.entries(file.limits ?? {}).flatMap(([key, value]): LimitShadow[] => {
    if (typeof value !== 'object') return [];
    const name = key as ShadowedLimit;
    const { limit, enforced = defaultLimits[name], shadow } = value;
    const path = ['limits', key, 'limit'];
    if (limit >= enforced) {
      const message = `must be less than the ${enforced} in force: a limit in shadow mode is a stricter one`;
      problems.push(source.problem({ path, code: 'out-of-range', message }));
    }
    const at = (...steps: Path) => ({ file: source.file, ...source.at(['limits', key, ...steps]) });
    return [{ name, limit, source: at(), shadow: { ...shadow, source: at('shadow') } }];
  });
}

/**
 * Maps whose entries may be spread over several files, each once; any other key is set in one file.
 */
const maps = ['limits', 'weights', 'listSizes'] as const;

function repeated(written: readonly Written[]): Problem[] {
  const problems: Problem[] = [];
  const setBy = new Map<string, string>();
  for (const { source, file } of written) {
    for (const path of pathsOf(file)) {
      const name = path.join(' ');
      const other = setBy.get(name);
      setBy.set(name, source.file);
      if (other === undefined) continue;
      const message = `"${path.at(-1)}" is set by ${other} already`;
      problems.push(source.problem({ path, part: 'key', code: 'duplicate-name', message }));
    }
  }
  return problems;
}

function pathsOf(file: LimitsFile): Path[] {
  const single = Object.keys(file).filter((key) => key !== 'version' && !isMap(key));
  const inMaps = maps.flatMap((map) => Object.keys(file[map] ?? {}).map((name) => [map, name]));
  return [...single.map((key) => [key]), ...inMaps];
}

const isMap = (key: string): boolean => (maps as readonly string[]).includes(key);

function toCostPolicy(written: readonly Written[]): CostPolicy {
  const weights: [string, { weight: number; place: Place }][] = [];
  const listSizes: [string, { size: ListSize; place: Place }][] = [];
  const numbers = { ...defaultCostPolicy };
  for (const { source, file } of written) {
    for (const [coordinate, weight] of Object.entries(file.weights ?? {})) {
      weights.push([coordinate, { weight, place: placeOf(source, ['weights', coordinate]) }]);
    }
    for (const [coordinate, size] of Object.entries(file.listSizes ?? {})) {
      const { arguments: names, sizedFields, assumed } = size;
      const place = placeOf(source, ['listSizes', coordinate]);
      listSizes.push([coordinate, { size: { arguments: names, sizedFields, assumed }, place }]);
    }
    const { upstreamCall, mutation, assumedListSize } = file;
    if (upstreamCall !== undefined) numbers.upstreamCall = upstreamCall;
    if (mutation !== undefined) numbers.mutation = mutation;
    if (assumedListSize !== undefined) numbers.assumedListSize = assumedListSize;
  }
  return Object.freeze({ ...numbers, weights: new Map(weights), listSizes: new Map(listSizes) });
}

function placeOf(source: YamlSource, path: Path): Place {
  return { file: source.file, ...source.at(path, 'key'), path: formatPath(path) };
}

function toDocumentPolicy(
  written: readonly Written[],
  manifest: DocumentPolicy['manifest'] | undefined,
): DocumentPolicy {
  const trusted = written.some(({ file }) => file.documents === 'trusted');
  const persisted = written.map(({ file }) => file.persistedQueries).find((one) => one);
  const kept = defaultDocumentPolicy.persistedQueries;
  return Object.freeze({
    documents: trusted ? 'trusted' : 'any',
    manifest: manifest ?? defaultDocumentPolicy.manifest,
    persistedQueries: {
      enabled: persisted?.enabled ?? kept.enabled,
      entriesMax: persisted?.entriesMax ?? kept.entriesMax,
      bytesMax: persisted?.bytesMax ?? kept.bytesMax,
    },
  });
}

async function readManifest({ source, file }: Written) {
  const { manifest } = file;
  if (manifest === undefined) return undefined;
  const toFile = (path: string, ...steps: Path) => ({
    file: resolve(dirname(source.file), path),
    named: namedAt(source, ['manifest', ...steps]),
  });
  if (typeof manifest === 'string') return loadManifest([toFile(manifest)]);
  return loadManifest(manifest.map((path, index) => toFile(path, index)));
}

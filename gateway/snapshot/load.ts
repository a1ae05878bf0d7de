/**
 * Loads everything configured for one gateway: its configuration, then its policies. All problems
 * of the policies are reported together.
 */
import { loadNetwork } from '../admit/network-file.ts';
import type { NetworkPolicy } from '../admit/network-policy.ts';
import { type AccessRule, loadAccessRules } from '../authorize/access/access-file.ts';
import { type Config, toConfig } from '../config.ts';
import { loadDetections, type WrittenDetection } from '../detect/detect-file.ts';
import { ConfigError, fileProblem, type Problem } from '../files/config-error.ts';
import type { Environment } from '../files/environment-text.ts';
import { atItsName, namedAt } from '../files/named-file.ts';
import { checkPolicyFolders, listPolicyFolders } from '../files/policy-folder.ts';
import { readYaml, type YamlSource } from '../files/yaml-source.ts';
import type { CostPolicy } from '../limits/cost/cost-policy.ts';
import type { DocumentPolicy } from '../limits/document-policy.ts';
import type { LimitShadow } from '../limits/limit-shadows.ts';
import type { Limits } from '../limits/limits.ts';
import { loadLimitPolicy } from '../limits/limits-file.ts';
import { loadRates, type WrittenRate } from '../rates/rates-file.ts';
import { checkConditions } from './check-conditions.ts';
import { digestPolicies } from './policy-digest.ts';
import { checkShadows } from './shadows.ts';

export interface Policies {
  readonly rules: readonly AccessRule[];
  readonly limits: Limits;
  readonly limitShadows: readonly LimitShadow[];
  readonly cost: CostPolicy;
  readonly documents: DocumentPolicy;
  readonly rates: readonly WrittenRate[];
  readonly network: NetworkPolicy;
  readonly detections: readonly WrittenDetection[];
  /** The folders present, of those that are read. */
  readonly folders: readonly string[];
  /** Over all files, as SHA-256 in hex. */
  readonly digest: string;
}

/** Configuration, as written too, and policies of one gateway.yaml; throws ConfigError. */
export async function loadAll(
  file: string,
  options: { env: Environment },
): Promise<{ config: Config; source: YamlSource; policies: Policies }> {
  const source = await readYaml(file, options);
  const config = toConfig(source);
  const directory = { file: config.policies, named: namedAt(source, ['policies']) };
  const policies = await atItsName(directory, () => loadPolicies(config.policies));
  return { config, source, policies };
}

/** Attempts before reporting that the files keep changing. */
const readingsMax = 3;

/**
 * All policies of a directory, as of one moment: if files change while they are read, all are read
 * again, because otherwise the rules and the digest might belong to different sets. Throws
 * ConfigError with the problems of every file.
 */
export async function loadPolicies(
  directory: string,
  digest: typeof digestPolicies = digestPolicies,
  now: () => number = Date.now,
): Promise<Policies> {
  for (let reading = 1; reading <= readingsMax; reading += 1) {
    const [before] = await Promise.allSettled([digest(directory)]);
    const [found] = await Promise.allSettled([readPolicies(directory, before, now())]);
    const [after] = await Promise.allSettled([digest(directory)]);
    if (!isAtRest(before, after)) continue;
    if (found.status === 'rejected') throw found.reason;
    return found.value;
  }
  const message = 'the policies changed while they were read';
  throw new ConfigError([fileProblem(directory, 'conflict', message)]);
}

/** A directory that is unreadable both before and after counts as unchanged. */
function isAtRest(
  before: PromiseSettledResult<string>,
  after: PromiseSettledResult<string>,
): boolean {
  if (before.status === 'rejected') return after.status === 'rejected';
  return after.status === 'fulfilled' && after.value === before.value;
}

async function readPolicies(
  directory: string,
  digest: PromiseSettledResult<string>,
  nowMs: number,
): Promise<Policies> {
  const [layout, folders, rules, limits, rates, network, detections] = await Promise.allSettled([
    checkPolicyFolders(directory),
    listPolicyFolders(directory),
    loadAccessRules(directory),
    loadLimitPolicy(directory),
    loadRates(directory),
    loadNetwork(directory),
    loadDetections(directory),
  ]);
  if (
    layout.status === 'fulfilled' &&
    folders.status === 'fulfilled' &&
    rules.status === 'fulfilled' &&
    limits.status === 'fulfilled' &&
    rates.status === 'fulfilled' &&
    network.status === 'fulfilled' &&
    detections.status === 'fulfilled' &&
    digest.status === 'fulfilled'
  ) {
    const found = { rules: rules.value, rates: rates.value, network: network.value };
    const wrong = [
      ...checkConditions(found),
      ...checkShadows({ ...found, ...limits.value }, nowMs),
    ];
    if (wrong.length > 0) throw new ConfigError(wrong);
    return {
      ...found,
      ...limits.value,
      detections: detections.value,
      folders: folders.value,
      digest: digest.value,
    };
  }
  const problems: Problem[] = [];
  for (const outcome of [layout, folders, rules, limits, rates, network, detections, digest]) {
    if (outcome.status === 'fulfilled') continue;
    if (!(outcome.reason instanceof ConfigError)) throw outcome.reason;
    problems.push(...outcome.reason.problems);
  }
  throw new ConfigError(withoutRepeats(problems));
}

/** Every reader reports an unreadable directory. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const byText = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...byText.values()];
}

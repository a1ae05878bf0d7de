/**
 * Loads policies/network/*.yaml: trusted proxies, named lists of networks, and the rules by address
 * and country. Each key may be set by one file only; lists of several files add up. Without the
 * folder no proxy is trusted and nothing is blocked.
 */
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { ConfigError, type Path, type Problem } from '../files/config-error.ts';
import { namedAt } from '../files/named-file.ts';
import { didYouMean } from '../files/nearest.ts';
import { listPolicyFiles } from '../files/policy-folder.ts';
import { checkYaml } from '../files/yaml-check.ts';
import { readYaml, type YamlSource } from '../files/yaml-source.ts';
import { parseDuration } from '../time/duration.ts';
import {
  type ListSource,
  type NetworkPolicy,
  openNetwork,
  type RegionRules,
} from './network-policy.ts';
import { networkSchema } from './network-schema.ts';
import { toNetworkShadows } from './network-shadows.ts';

type Written = z.output<typeof networkSchema>;
interface Read {
  readonly source: YamlSource;
  readonly written: Written;
}

/** The network policy of a policies directory, without its lists. Throws ConfigError. */
export async function loadNetwork(directory: string): Promise<NetworkPolicy> {
  const reads: Read[] = [];
  const problems: Problem[] = [];
  for (const path of (await listPolicyFiles(directory, 'network')) ?? []) {
    try {
      const source = await readYaml(path);
      reads.push({ source, written: checkYaml(source, networkSchema) });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  problems.push(...repeatedKeys(reads));
  const lists = reads.flatMap(toLists);
  // Lists of a refused file are unknown, so references to them are not reported.
  if (problems.length === 0)
    problems.push(...unknownLists(reads, lists), ...repeatedShadows(reads));
  if (problems.length > 0) throw new ConfigError(problems);
  const written = Object.assign({}, ...reads.map((read) => read.written)) as Partial<Written>;
  return Object.freeze({
    trustedProxies: written.trustedProxies ?? openNetwork.trustedProxies,
    header: written.header ?? openNetwork.header,
    lists,
    deny: inForce(written.deny),
    allow: Array.isArray(written.allow) ? written.allow : undefined,
    shadows: reads.flatMap(toNetworkShadows),
    regions: reads.map(toRegions).find((found) => found !== undefined),
  });
}

const toLists = ({ source, written }: Read): ListSource[] =>
  Object.entries(written.lists ?? {}).map(([listName, about]) => ({
    name: listName,
    file: resolve(dirname(source.file), about.file),
    named: namedAt(source, ['lists', listName, 'file']),
    reloadMs: parseDuration(about.reload ?? '1m') ?? 60_000,
  }));

function toRegions({ source, written }: Read): RegionRules | undefined {
  if (written.regions === undefined) return undefined;
  const { database, reload, deny, allow } = written.regions;
  return {
    file: database === 'embedded' ? embedded() : resolve(dirname(source.file), database),
    named: namedAt(source, ['regions', 'database']),
    reloadMs: parseDuration(reload ?? '1h') ?? 3_600_000,
    deny: inForce(deny),
    allow: Array.isArray(allow) ? allow : undefined,
  };
}

/** Drops entries in shadow mode. */
const inForce = (written: readonly (string | object)[] | undefined): readonly string[] =>
  (written ?? []).filter((one) => typeof one === 'string');

const embedded = (): string =>
  createRequire(import.meta.url).resolve(
    '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
  );

/** Keys set by two files; names of lists are compared individually. */
function repeatedKeys(reads: readonly Read[]): Problem[] {
  const setBy = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { source, written } of reads) {
    const own = Object.keys(written).filter((key) => key !== 'version' && key !== 'lists');
    const listed = Object.keys(written.lists ?? {}).map((listName) => ['lists', listName]);
    for (const path of [...own.map((key) => [key]), ...listed]) {
      const key = path.join('.');
      const other = setBy.get(key);
      setBy.set(key, source.file);
      if (other === undefined) continue;
      const message = `"${path.at(-1)}" is set by ${other} already`;
      problems.push(source.problem({ path, part: 'key', code: 'duplicate-name', message }));
    }
  }
  return problems;
}

function unknownLists(reads: readonly Read[], lists: readonly ListSource[]): Problem[] {
  const known = lists.map((list) => list.name);
  return reads.flatMap(({ source, written }) =>
    namesIn(written).flatMap(({ wanted, path }): Problem[] => {
      if (known.includes(wanted)) return [];
      const message = `there is no list "${wanted}"${didYouMean(wanted, known)}`;
      return [source.problem({ path, code: 'unknown-name', message })];
    }),
  );
}

function namesIn({ deny = [], allow = [] }: Written): { wanted: string; path: Path }[] {
  const lists = Array.isArray(allow) ? allow : allow.lists;
  const above: Path = Array.isArray(allow) ? ['allow'] : ['allow', 'lists'];
  return [
    ...deny.map((one, index) =>
      typeof one === 'string'
        ? { wanted: one, path: ['deny', index] }
        : { wanted: one.list, path: ['deny', index, 'list'] },
    ),
    ...lists.map((wanted, index) => ({ wanted, path: [...above, index] })),
  ];
}

/** Entries that are denied and in shadow mode at once: there is nothing left to try. */
function repeatedShadows(reads: readonly Read[]): Problem[] {
  return reads.flatMap(({ source, written }) => {
    const lists = (written.deny ?? []).map((one) => (typeof one === 'string' ? one : one.list));
    const countries = (written.regions?.deny ?? []).map((one) =>
      typeof one === 'string' ? one : one.country,
    );
    const repeated = (names: readonly string[], entries: readonly unknown[], above: Path) =>
      names.flatMap((name, index): Problem[] => {
        const others = names.filter((one, at) => at !== index && one === name);
        if (others.length === 0 || typeof entries[index] === 'string') return [];
        const message = `"${name}" stands here twice: it is denied, or in shadow mode`;
        return [source.problem({ path: [...above, index], code: 'duplicate-name', message })];
      });
    return [
      ...repeated(lists, written.deny ?? [], ['deny']),
      ...repeated(countries, written.regions?.deny ?? [], ['regions', 'deny']),
    ];
  });
}

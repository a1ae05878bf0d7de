/**
 * Reads policies/network/*.yaml: proxies to trust, named lists of networks, and who may come in by
 * address and by country. Each key is set by one file; lists of several files add up. Without the
 * folder no proxy is trusted and nothing is blocked.
 */
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { parseNetwork } from '../addresses/ip-network.ts';
import { isCountryCode } from '../addresses/region-code.ts';
import { ConfigError, type Path, type Problem } from '../files/config-error.ts';
import { didYouMean } from '../files/nearest.ts';
import { listPolicyFiles } from '../files/policy-folder.ts';
import { checkYaml } from '../files/yaml-check.ts';
import { laterKeys } from '../files/yaml-complaint.ts';
import { readYaml, type YamlSource } from '../files/yaml-source.ts';
import { parseDuration } from '../time/duration.ts';

export interface ListSource {
  readonly name: string;
  /** Absolute, or relative to the working directory if the policies are. */
  readonly file: string;
  readonly reloadMs: number;
}

export interface RegionRules {
  readonly file: string;
  readonly reloadMs: number;
  /** Countries that may not come in. */
  readonly deny: readonly string[];
  /** Where there is one, only these may come in. */
  readonly allow: readonly string[] | undefined;
}

export interface NetworkPolicy {
  readonly trustedProxies: number | readonly string[];
  readonly header: 'x-forwarded-for' | 'forwarded';
  readonly lists: readonly ListSource[];
  /** Lists whose addresses may not come in. */
  readonly deny: readonly string[];
  /** Where there is one, only addresses of these lists may come in. */
  readonly allow: readonly string[] | undefined;
  readonly regions: RegionRules | undefined;
}

export const openNetwork: NetworkPolicy = Object.freeze({
  trustedProxies: [],
  header: 'x-forwarded-for',
  lists: [],
  deny: [],
  allow: undefined,
  regions: undefined,
});

const listsMax = 100;
const countriesMax = 300;

/** A text that must be something, said alike where it is not and in the JSON Schema. */
const textThat = (isRight: (text: string) => boolean, wanted: string) =>
  z
    .string()
    .superRefine((text, context) => {
      if (isRight(text)) return;
      const params = { code: 'wrong-format', message: `must be ${wanted}` };
      context.addIssue({ code: 'custom', params });
    })
    .describe(wanted);

const duration = textThat((text) => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= 1_000 && ms <= 86_400_000;
}, 'a duration from 1s to 1d, like 5m');
const network = textThat(
  (text) => parseNetwork(text) !== undefined,
  'an address or a network, like 10.0.0.0/8',
);
const count = z.int().min(1).max(64);
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/)
  .describe('a name: lower case letters, digits, - and _');
const country = textThat(
  isCountryCode,
  'an ISO 3166-1 code of two capital letters, like DE (Great Britain is GB)',
);
const file = z.string().min(1).max(4_096).describe('the path of a file');
const names = z.array(name).max(listsMax);

const regions = z.strictObject({
  database: file.describe('`embedded`, or the path of an .mmdb file'),
  reload: duration.optional(),
  deny: z.array(country).max(countriesMax).optional(),
  allow: z.array(country).min(1).max(countriesMax).describe('at least one country').optional(),
});

export const networkSchema = z
  .strictObject({
    version: z.literal(1),
    trustedProxies: z
      .union([count, z.array(network).max(1_000)])
      .describe('a list of networks, or the number of proxies from 1 to 64')
      .optional(),
    header: z.enum(['x-forwarded-for', 'forwarded']).optional(),
    lists: z.record(name, z.strictObject({ file, reload: duration.optional() })).optional(),
    deny: names.optional(),
    allow: names.min(1).describe('at least one list').optional(),
    regions: regions.optional(),
  })
  .register(laterKeys, { shadow: '' });

type Written = z.output<typeof networkSchema>;
interface Read {
  readonly source: YamlSource;
  readonly written: Written;
}

/** The network policy of a policies directory. Throws ConfigError; reads no list and no database. */
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
  // Lists of a file that was refused are unknown: their names are no slips.
  if (problems.length === 0) problems.push(...unknownLists(reads, lists));
  if (problems.length > 0) throw new ConfigError(problems);
  const written = Object.assign({}, ...reads.map((read) => read.written)) as Partial<Written>;
  return Object.freeze({
    trustedProxies: written.trustedProxies ?? openNetwork.trustedProxies,
    header: written.header ?? openNetwork.header,
    lists,
    deny: written.deny ?? [],
    allow: written.allow,
    regions: reads.map(toRegions).find((found) => found !== undefined),
  });
}

const toLists = ({ source, written }: Read): ListSource[] =>
  Object.entries(written.lists ?? {}).map(([listName, about]) => ({
    name: listName,
    file: resolve(dirname(source.file), about.file),
    reloadMs: parseDuration(about.reload ?? '1m') ?? 60_000,
  }));

function toRegions({ source, written }: Read): RegionRules | undefined {
  if (written.regions === undefined) return undefined;
  const { database, reload, deny, allow } = written.regions;
  return {
    file: database === 'embedded' ? embedded() : resolve(dirname(source.file), database),
    reloadMs: parseDuration(reload ?? '1h') ?? 3_600_000,
    deny: deny ?? [],
    allow,
  };
}

const embedded = (): string =>
  createRequire(import.meta.url).resolve(
    '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
  );

/** Keys that two files set; names of lists count one by one. */
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
    (['deny', 'allow'] as const).flatMap((key) =>
      (written[key] ?? []).flatMap((wanted, index): Problem[] => {
        if (known.includes(wanted)) return [];
        const path: Path = [key, index];
        const message = `there is no list "${wanted}"${didYouMean(wanted, known)}`;
        return [source.problem({ path, code: 'unknown-name', message })];
      }),
    ),
  );
}

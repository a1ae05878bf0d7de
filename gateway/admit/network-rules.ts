/**
 * Step `admit` of the walk: decides by list and country whether an address may come in, and
 * collects what access rules need to know about it. Lists and databases are replaced when their
 * files change.
 *
 * Fails closed: if any rule applies, an unknown address is refused, and so is one whose country
 * cannot be read from a broken database. If only `deny` applies, an address in no list and no
 * country is admitted: a blocklist cannot name what it does not know.
 */
import type { Address } from '../addresses/ip-address.ts';
import { createSource, type Source, type SourceReport } from '../files/file-source.ts';
import type { ReadFile } from '../files/read-file.ts';
import type { ShadowEffect } from '../shadow.ts';
import { type Every, everyUnref } from '../time/every.ts';
import { listBytesMax, type NetworkList, parseNetworkList } from './network-list.ts';
import type { NetworkPolicy, NetworkShadow } from './network-policy.ts';
import { createPolicyNow } from './network-shadows.ts';
import {
  databaseBytesMax,
  openRegionDatabase,
  type Region,
  type RegionDatabase,
} from './region.ts';

export interface NetworkDecision {
  readonly refusal?: 'admit/ip-blocked' | 'admit/region-blocked' | 'admit/address-unknown';
  readonly country: string | undefined;
  readonly asn: number | undefined;
  /** Names of the lists that contain the address. */
  readonly lists: readonly string[];
  /** Rules in shadow mode that would have refused; absent if there are none. */
  readonly shadows?: readonly ShadowEffect[];
}

export interface Network {
  /** `address` is undefined if the client's address is unknown. */
  decide(address: Address | undefined): NetworkDecision;
  /** Checks every file now. Never rejects: a bad file leaves the previous content in use. */
  reload(): Promise<void>;
  /** The sources in use, for readiness and metrics. */
  status(): readonly { name: string; isStale: boolean; bytes: number }[];
  /** Stops checking files. */
  close(): void;
}

export interface NetworkOutside {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly readFile: ReadFile;
  /** Called when a file was loaded, or is bad and its previous content stays in use. */
  readonly report: (report: SourceReport) => void;
  /** Called at the first request after the shadow mode of rules has ended; must not throw. */
  readonly over?: (ended: readonly NetworkShadow[]) => void;
  /** Whether access rules use countries, which makes the database mandatory. */
  readonly needsRegions?: boolean;
  /** Runs `run` periodically until stopped; the timer does not keep the process alive. */
  readonly every?: Every;
}

/** Reads all lists and the database; throws ConfigError if one is bad and a rule needs it. */
export async function createNetwork(
  policy: NetworkPolicy,
  outside: NetworkOutside,
): Promise<Network> {
  const lists = policy.lists.map((list) =>
    createSource<NetworkList>(
      { ...list, bytesMax: listBytesMax, isNeeded: true, parse: parseNetworkList },
      outside,
    ),
  );
  const database = createDatabase(policy, outside);
  const sources: Source<NetworkList | RegionDatabase>[] = [...lists, ...(database ?? [])];
  for (const source of sources) await source.start();
  const periods = [...policy.lists, ...(policy.regions === undefined ? [] : [policy.regions])];
  const stop = startLooking(sources, Math.min(...periods.map((one) => one.reloadMs)), outside);
  return {
    decide: createDecide(policy, { lists, database: database?.[0], outside }),
    reload: async () => {
      await Promise.all(sources.map((source) => source.refresh()));
    },
    status: () =>
      sources.map((source) => ({
        name: source.name,
        isStale: source.isStale(),
        bytes: source.current()?.bytes ?? 0,
      })),
    close: stop,
  };
}

function createDatabase(
  { regions, shadows }: NetworkPolicy,
  outside: NetworkOutside,
): [Source<RegionDatabase>] | undefined {
  if (regions === undefined) return undefined;
  const isShadowed = shadows.some(({ kind }) => kind.startsWith('regions'));
  const hasRule = isShadowed || regions.deny.length > 0 || regions.allow !== undefined;
  const about = {
    name: 'regions',
    file: regions.file,
    named: regions.named,
    reloadMs: regions.reloadMs,
    bytesMax: databaseBytesMax,
    isNeeded: hasRule || outside.needsRegions === true,
    parse: openRegionDatabase,
  };
  return [createSource<RegionDatabase>(about, outside)];
}

function startLooking(
  sources: readonly Source<unknown>[],
  everyMs: number,
  outside: NetworkOutside,
): () => void {
  if (sources.length === 0) return () => undefined;
  const every = outside.every ?? everyUnref;
  return every(everyMs, () => {
    for (const source of sources) void source.refreshIfDue();
  });
}

const noLists: readonly string[] = Object.freeze([]);
const unknown: Region = Object.freeze({ country: undefined, asn: undefined });

function createDecide(
  written: NetworkPolicy,
  about: {
    lists: readonly Source<NetworkList>[];
    database: Source<RegionDatabase> | undefined;
    outside: Pick<NetworkOutside, 'now' | 'over'>;
  },
): Network['decide'] {
  const policyNow = createPolicyNow(written, about.outside);
  return (address) => {
    const { policy, shadowed } = policyNow();
    const found = address === undefined ? undefined : lookAt(address, about);
    const refusal = refusalOf(policy, found);
    const { country, asn } = found?.region ?? unknown;
    const lists = found?.lists ?? noLists;
    if (refusal !== undefined) return { country, asn, lists, refusal };
    const decision = { country, asn, lists };
    if (shadowed.length === 0) return decision;
    const shadows = shadowed.flatMap((one) =>
      refusalOf(one.policy, found) === undefined ? [] : [one.effect],
    );
    return shadows.length === 0 ? decision : { ...decision, shadows };
  };
}

/** The lists and region of an address; `region` is undefined if the database cannot tell. */
interface Found {
  readonly lists: readonly string[];
  readonly region: Region | undefined;
}

const lookAt = (
  address: Address,
  {
    lists,
    database,
  }: { lists: readonly Source<NetworkList>[]; database: Source<RegionDatabase> | undefined },
): Found => ({ lists: listsWith(lists, address), region: lookUp(database, address) });

/** `found` is undefined if the address is unknown. */
function refusalOf(
  { deny, allow, regions }: NetworkPolicy,
  found: Found | undefined,
): NetworkDecision['refusal'] {
  const hasRegionRule =
    regions !== undefined && (regions.deny.length > 0 || regions.allow !== undefined);
  if (found === undefined) {
    const hasRule = deny.length > 0 || allow !== undefined || hasRegionRule;
    return hasRule ? 'admit/address-unknown' : undefined;
  }
  const isBlocked = deny.some((name) => found.lists.includes(name));
  const isOutside = allow !== undefined && !allow.some((name) => found.lists.includes(name));
  if (isBlocked || isOutside) return 'admit/ip-blocked';
  return hasRegionRule ? decideRegion(regions, found.region) : undefined;
}

function listsWith(lists: readonly Source<NetworkList>[], address: Address): readonly string[] {
  let on: string[] | undefined;
  for (const list of lists) {
    if (list.current()?.has(address) === true) {
      on ??= [];
      on.push(list.name);
    }
  }
  return on ?? noLists;
}

/** Undefined if the database is broken, unlike for an address that it does not contain. */
function lookUp(
  database: Source<RegionDatabase> | undefined,
  address: Address,
): Region | undefined {
  if (database === undefined) return unknown;
  try {
    return database.current()?.lookUp(address);
  } catch {
    // Not swallowed: undefined refuses wherever a rule needs the country.
    return undefined;
  }
}

function decideRegion(
  { deny, allow }: { deny: readonly string[]; allow: readonly string[] | undefined },
  region: Region | undefined,
): NetworkDecision['refusal'] {
  if (region === undefined) return 'admit/address-unknown';
  const { country } = region;
  if (country === undefined) return allow === undefined ? undefined : 'admit/address-unknown';
  if (deny.includes(country)) return 'admit/region-blocked';
  return allow === undefined || allow.includes(country) ? undefined : 'admit/region-blocked';
}

/**
 * Resolves the names in detections: coordinates, classes, lists, rates, upstreams, issuers. Fails
 * closed at start: a detection with an unknown name would never raise anything.
 */
import { createHash } from 'node:crypto';
import { type Reason, reasons } from '../decision.ts';
import { ConfigError, type Problem } from '../files/config-error.ts';
import { didYouMean } from '../files/nearest.ts';
import { splitCoordinate } from '../graph/coordinate.ts';
import { parseDuration } from '../time/duration.ts';
import type { WrittenDetection } from './detect-file.ts';
import type { Detection, Match } from './detection.ts';
import { reasonsLike } from './match-record.ts';

/** The names that exist. */
export interface Known {
  /** Every coordinate of the graph, fields and arguments, input fields and enum values. */
  readonly coordinates: ReadonlySet<string>;
  /** An interface's types; for any other type, itself. */
  readonly typesOf: (name: string) => readonly string[];
  /** Classes of a field, by coordinate. */
  readonly classesOf: (coordinate: string) => readonly string[];
  readonly classes: ReadonlySet<string>;
  readonly lists: readonly string[];
  /** Whether a database maps addresses to countries. */
  readonly hasCountries: boolean;
  /** Whether the configuration says whose records they are. */
  readonly hasSubjects: boolean;
  readonly rates: readonly string[];
  readonly upstreams: readonly string[];
  readonly issuers: readonly string[];
}

/** Throws ConfigError with every unknown name. */
export function resolveDetections(
  written: readonly WrittenDetection[],
  known: Known,
): readonly Detection[] {
  const problems: Problem[] = [];
  const detections = written.map((one) => resolve(one, known, problems));
  if (problems.length > 0) throw new ConfigError(problems);
  return detections;
}

type Form = WrittenDetection['written'];

function resolve(one: WrittenDetection, known: Known, problems: Problem[]): Detection {
  const { name, title, severity, per, counts, distinct, count, window, quiet } = one.written;
  return {
    name,
    title: title ?? name,
    severity,
    match: resolveMatch(one, known, problems),
    per: per === undefined ? [] : [per].flat(),
    counts: distinct ?? counts ?? 'requests',
    rule: {
      id: createHash('sha256').update(JSON.stringify(one.written)).digest('base64url').slice(0, 22),
      count,
      windowMs: parseDuration(window) ?? 0,
      quietMs: parseDuration(quiet) ?? 0,
      isDistinct: distinct !== undefined,
    },
  };
}

function resolveMatch(one: WrittenDetection, known: Known, problems: Problem[]): Match {
  const { match } = one.written;
  const at = (key: keyof Form['match'], index: number): (string | number)[] =>
    Array.isArray(match[key]) ? ['match', key, index] : ['match', key];
  const complain = (key: keyof Form['match'], index: number, message: string): void => {
    problems.push(one.problem(at(key, index), 'unknown-name', message));
  };

  /** The entries of `key`, each checked against the existing names. */
  function named(key: NamedKey, there: Iterable<string>, what: string): Set<string> | undefined {
    const entries = match[key];
    if (entries === undefined) return undefined;
    const all = [...there];
    for (const [index, entry] of [entries].flat().entries()) {
      if (all.includes(entry)) continue;
      complain(key, index, `there is no ${what} "${entry}"${didYouMean(entry, all)}`);
    }
    return new Set([entries].flat());
  }

  function coordinates(key: 'denied' | 'coordinates'): Set<string> | undefined {
    const entries = match[key];
    if (entries === undefined) return undefined;
    const found = new Set<string>();
    for (const [index, entry] of [entries].flat().entries()) {
      const meant = coordinatesLike(entry, known);
      if (meant.length === 0) {
        const hint = didYouMean(entry, known.coordinates);
        complain(key, index, `the graph has no "${entry}"${hint}`);
      }
      const usable =
        key === 'denied' ? meant : meant.filter((field) => known.classesOf(field).length > 0);
      if (meant.length > 0 && usable.length === 0) {
        const message = `"${entry}" has no class: what leaves is recorded of classified fields alone`;
        complain(key, index, message);
      }
      for (const field of usable) found.add(field);
    }
    return found;
  }

  function refused(): Set<Reason> | undefined {
    if (match.reasons === undefined) return undefined;
    const found = new Set<Reason>();
    for (const [index, entry] of [match.reasons].flat().entries()) {
      const meant = reasonsLike(entry);
      if (meant.length === 0) {
        complain('reasons', index, `there is no reason "${entry}"${didYouMean(entry, reasons)}`);
      }
      for (const reason of meant) found.add(reason);
    }
    return found;
  }

  if (match.countries !== undefined && !known.hasCountries) {
    complain('countries', 0, '`countries` needs `regions` in policies/network');
  }
  checkCounted(one, known, problems);
  return withoutUndefined({
    reasons: refused(),
    outcomes: setOf(match.outcomes),
    statuses: setOf(match.statuses, toStatus),
    operations: setOf<string>(match.operations),
    denied: coordinates('denied'),
    deniedClasses: named('deniedClasses', known.classes, 'class'),
    classes: named('classes', known.classes, 'class'),
    coordinates: coordinates('coordinates'),
    clients: setOf(match.clients),
    issuers: named('issuers', known.issuers, 'issuer in identity.jwt'),
    countries: setOf(match.countries),
    networks: named('networks', known.lists, 'list in policies/network'),
    rates: named('rates', known.rates, 'rate'),
    upstreams: named('upstreams', known.upstreams, 'upstream'),
    secondLock: match.secondLock,
  });
}

/** What it counts must be known: countries by a database, subjects by the configuration. */
function checkCounted(
  { written, problem }: WrittenDetection,
  { hasCountries, hasSubjects }: Known,
  problems: Problem[],
): void {
  const { distinct } = written;
  if (distinct === 'subjects' && !hasSubjects) {
    const message = 'whose records are is known with `audit.subjects` in gateway.yaml';
    problems.push(problem(['distinct'], 'unknown-name', message));
  }
  if (asksForCountry(written) && !hasCountries) {
    const path = distinct === 'countries' ? ['distinct'] : ['per'];
    const message = 'a country is known with `regions` in policies/network';
    problems.push(problem(path, 'unknown-name', message));
  }
}

/** Whether it counts by country, or distinct countries. */
export const asksForCountry = ({ per, distinct }: Form): boolean =>
  distinct === 'countries' || [per].flat().includes('country');

type NamedKey = 'deniedClasses' | 'classes' | 'issuers' | 'networks' | 'rates' | 'upstreams';

function setOf<T>(entries: T | readonly T[] | undefined): Set<T> | undefined;
function setOf<T, U>(entries: T | readonly T[] | undefined, to: (one: T) => U): Set<U> | undefined;
function setOf(entries: unknown, to: (one: unknown) => unknown = (one) => one) {
  return entries === undefined ? undefined : new Set([entries].flat().map(to));
}

/** `4xx` as 4. */
const toStatus = (status: number | string): number =>
  typeof status === 'number' ? status : Number(status.charAt(0));

/**
 * The coordinates that `*`, `Type.*` or a coordinate stands for, with those of an interface's
 * types.
 */
function coordinatesLike(entry: string, { coordinates, typesOf }: Known): readonly string[] {
  if (entry === '*') return [...coordinates];
  const [type, rest] = splitCoordinate(entry);
  const types = [...new Set([type, ...typesOf(type)])];
  if (rest !== '*') {
    if (!coordinates.has(entry)) return [];
    return types.map((name) => `${name}.${rest}`).filter((one) => coordinates.has(one));
  }
  const starts = types.map((name) => `${name}.`);
  return [...coordinates].filter((one) => starts.some((start) => one.startsWith(start)));
}

/** Omits keys without a value, so that these are not matched. */
const withoutUndefined = (
  match: { readonly [Key in keyof Match]: Match[Key] | undefined },
): Match =>
  Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined)) as Match;

/**
 * Places and times that make a difference to the conditions of a policy: real situations, so that
 * the same code decides in them as when a request comes from there. Two countries are never one
 * situation, and hours that do not overlap never hold together.
 */
import { type Condition, partsOf } from '../conditions/condition.ts';
import { type Hours, withinHours } from '../conditions/criteria/hours.ts';
import type { Situation } from '../conditions/situation.ts';

export interface NamedSituation {
  readonly situation: Situation;
  /** What is assumed, for people: `from network office`. */
  readonly assumes: readonly string[];
}

/** Looked at; further ones are left out, and counted. */
const situationsMax = 120;

/** Those that assume least first; none where no condition looks at place or time. */
export function findSituations(conditions: readonly Condition[]): {
  readonly situations: readonly NamedSituation[];
  readonly leftOut: number;
} {
  const parts = conditions.flatMap((one) => [...partsOf(one)]);
  const places = networksOf(parts);
  const countries = [undefined, ...countriesOf(parts)];
  const moments = [undefined, ...momentsOf(parts)];
  const of = { places, countries, moments };
  // All of them but the one that assumes nothing.
  const count = places.length * countries.length * moments.length - 1;
  const situations: NamedSituation[] = [];
  const wanted = Math.min(count, situationsMax);
  for (let assumed = 1; situations.length < wanted; assumed += 1) {
    for (const one of thoseThatAssume(assumed, of)) {
      if (situations.length < wanted) situations.push(one);
      else break;
    }
  }
  return { situations, leftOut: count - situations.length };
}

/** So many things; made one by one, since there may be millions. */
function* thoseThatAssume(
  count: number,
  of: {
    readonly places: readonly (readonly string[])[];
    readonly countries: readonly (string | undefined)[];
    readonly moments: readonly (Moment | undefined)[];
  },
): Generator<NamedSituation> {
  for (const networks of of.places) {
    for (const country of of.countries) {
      const rest = count - networks.length - (country === undefined ? 0 : 1);
      for (const moment of of.moments) {
        if ((moment?.within.length ?? 0) === rest) yield toNamed(networks, country, moment);
      }
    }
  }
}

function toNamed(
  networks: readonly string[],
  country: string | undefined,
  moment: Moment | undefined,
): NamedSituation {
  return {
    situation: { networks, country, nowMs: moment?.nowMs ?? Number.NaN },
    assumes: [
      ...networks.map((name) => `from network ${name}`),
      ...(country === undefined ? [] : [`from ${country}`]),
      ...(moment?.within.map((hours) => `within ${toHoursText(hours)}`) ?? []),
    ],
  };
}

/** None, each, and each two of the lists that a condition names. */
function networksOf(parts: readonly Condition[]): (readonly string[])[] {
  const names = parts.flatMap((part) => (part.kind === 'network' ? part.lists : []));
  const lists = [...new Set(names)].sort();
  const pairs = lists.flatMap((one, index) => lists.slice(index + 1).map((other) => [one, other]));
  return [[], ...lists.map((one) => [one]), ...pairs];
}

function countriesOf(parts: readonly Condition[]): string[] {
  const named = parts.flatMap((part) => (part.kind === 'regions' ? part.regions : []));
  return [...new Set(named)].sort();
}

interface Moment {
  readonly nowMs: number;
  readonly within: readonly Hours[];
}

/** A Monday, and the week that it begins, minute by minute. */
const weekStartMs = Date.UTC(2026, 0, 5);
const minutesOfWeek = 7 * 24 * 60;

/** One moment for each combination of hours that can hold together, those of the fewest first. */
function momentsOf(parts: readonly Condition[]): Moment[] {
  const hours = parts.flatMap((part) => (part.kind === 'hours' ? [part.hours] : []));
  const distinct = [...new Map(hours.map((one) => [JSON.stringify(one), one])).values()];
  if (distinct.length === 0) return [];
  const found = new Map<string, Moment>();
  for (let minute = 0; minute < minutesOfWeek; minute += 1) {
    const nowMs = weekStartMs + minute * 60_000;
    const within = distinct.filter((one) => withinHours(one, nowMs));
    const key = JSON.stringify(within);
    if (within.length > 0 && !found.has(key)) found.set(key, { nowMs, within });
  }
  return [...found.values()].sort((one, other) => one.within.length - other.within.length);
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function toHoursText({ days, fromMinute, toMinute, zone }: Hours): string {
  const named = days.map((day) => dayNames[day]).join(' ');
  return `${named} ${toClock(fromMinute)}-${toClock(toMinute)} ${zone}`;
}

const toClock = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');

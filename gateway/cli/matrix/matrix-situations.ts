/**
 * Finds the places, times and sign-in ages that matter to the conditions of a policy. They are real
 * situations, decided by the code of a request: no situation has two countries, and hours that do
 * not overlap never hold together.
 */
import { type Condition, partsOf } from '../../conditions/condition.ts';
import { type Hours, withinHours } from '../../conditions/criteria/hours.ts';
import type { Situation } from '../../conditions/situation.ts';
import { toDurationText } from '../../time/duration.ts';

export interface NamedSituation {
  readonly situation: Situation;
  /** Sign-in time in seconds since the epoch; undefined: as in the caller's claims. */
  readonly signedInAtS: number | undefined;
  /** The assumptions, for people: `from network office`. */
  readonly assumes: readonly string[];
  /** Includes what they imply: a sign-in within 5m is also within 1h. */
  readonly implies: readonly string[];
}

/** Most situations examined; the rest is counted as left out. */
const situationsMax = 120;

/** Those with fewest assumptions first; empty if no condition depends on place or time. */
export function findSituations(conditions: readonly Condition[]): {
  readonly situations: readonly NamedSituation[];
  readonly leftOut: number;
} {
  const parts = conditions.flatMap((one) => [...partsOf(one)]);
  const places = networksOf(parts);
  const countries = [undefined, ...countriesOf(parts)];
  const moments = [undefined, ...momentsOf(parts)];
  const ages = [undefined, ...agesOf(parts)];
  const quietMs = quietOf(parts);
  const whens = moments.flatMap((moment) =>
    ages.map((_, index) => toWhen(moment, ages.slice(0, index + 1), quietMs)),
  );
  const of = { places, countries, whens };
  // Excludes the situation that assumes nothing.
  const count = places.length * countries.length * whens.length - 1;
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

/** Situations with `count` assumptions; a generator, because there may be millions. */
function* thoseThatAssume(
  count: number,
  of: {
    readonly places: readonly (readonly string[])[];
    readonly countries: readonly (string | undefined)[];
    readonly whens: readonly When[];
  },
): Generator<NamedSituation> {
  for (const networks of of.places) {
    for (const country of of.countries) {
      const rest = count - networks.length - (country === undefined ? 0 : 1);
      for (const when of of.whens) {
        if (when.assumes.length === rest) yield toNamed(networks, country, when);
      }
    }
  }
}

function toNamed(
  networks: readonly string[],
  country: string | undefined,
  { nowMs, signedInAtS, assumes, implies }: When,
): NamedSituation {
  const from = [
    ...networks.map((name) => `from network ${name}`),
    ...(country === undefined ? [] : [`from ${country}`]),
  ];
  return {
    situation: { networks, country, nowMs },
    signedInAtS,
    assumes: [...from, ...assumes],
    implies: [...from, ...implies],
  };
}

/** A moment, and a sign-in that long before it. */
interface When {
  readonly nowMs: number;
  readonly signedInAtS: number | undefined;
  readonly assumes: readonly string[];
  readonly implies: readonly string[];
}

/** @param ages longest first; the last is the one assumed */
function toWhen(
  moment: Moment | undefined,
  ages: readonly (number | undefined)[],
  quietMs: number,
): When {
  const ageS = ages.at(-1);
  // A sign-in age needs some moment to count from.
  const nowMs = moment?.nowMs ?? (ageS === undefined ? Number.NaN : quietMs);
  const within = moment?.within.map((hours) => `within ${toHoursText(hours)}`) ?? [];
  const signedIn = ages.flatMap((age) =>
    age === undefined ? [] : [`signed in at most ${toDurationText(age * 1_000)} ago`],
  );
  const signedInAtS = ageS === undefined ? undefined : nowMs / 1_000 - ageS;
  const assumes = [...within, ...signedIn.slice(-1)];
  return { nowMs, signedInAtS, assumes, implies: [...within, ...signedIn] };
}

/** No list, each list, and each pair of the lists that conditions name. */
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

/** The distinct ages named by conditions, longest first. */
function agesOf(parts: readonly Condition[]): number[] {
  const named = parts.flatMap((part) => (part.kind === 'auth' ? (part.signIn.maxAgeS ?? []) : []));
  return [...new Set(named)].sort((one, other) => other - one);
}

interface Moment {
  readonly nowMs: number;
  readonly within: readonly Hours[];
}

/** A Monday; its week is searched minute by minute. */
const weekStartMs = Date.UTC(2026, 0, 5);
const minutesOfWeek = 7 * 24 * 60;

/** One moment for each combination of hours that can hold together, fewest hours first. */
function momentsOf(parts: readonly Condition[]): Moment[] {
  const distinct = hoursOf(parts);
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

function hoursOf(parts: readonly Condition[]): readonly Hours[] {
  const hours = parts.flatMap((part) => (part.kind === 'hours' ? [part.hours] : []));
  return [...new Map(hours.map((one) => [JSON.stringify(one), one])).values()];
}

/** A moment outside of all hours; NaN if there is none. */
function quietOf(parts: readonly Condition[]): number {
  const hours = hoursOf(parts);
  for (let minute = 0; minute < minutesOfWeek; minute += 1) {
    const nowMs = weekStartMs + minute * 60_000;
    if (!hours.some((one) => withinHours(one, nowMs))) return nowMs;
  }
  return Number.NaN;
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function toHoursText({ days, fromMinute, toMinute, zone }: Hours): string {
  const named = days.map((day) => dayNames[day]).join(' ');
  return `${named} ${toClock(fromMinute)}-${toClock(toMinute)} ${zone}`;
}

const toClock = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');

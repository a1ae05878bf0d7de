/**
 * Places, times and recent sign-ins that make a difference to the conditions of a policy: real
 * situations, so that the same code decides in them as when a request comes from there. Two countries
 * are never one situation, and hours that do not overlap never hold together.
 */
import { type Condition, partsOf } from '../../conditions/condition.ts';
import { type Hours, withinHours } from '../../conditions/criteria/hours.ts';
import type { Situation } from '../../conditions/situation.ts';
import { toDurationText } from '../../time/duration.ts';

export interface NamedSituation {
  readonly situation: Situation;
  /** When the caller signed in, in seconds since the epoch; undefined: as their claims say. */
  readonly signedInAtS: number | undefined;
  /** What is assumed, for people: `from network office`. */
  readonly assumes: readonly string[];
  /** With what goes without saying: who signed in within 5m did so within 1h. */
  readonly implies: readonly string[];
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
  const ages = [undefined, ...agesOf(parts)];
  const quietMs = quietOf(parts);
  const whens = moments.flatMap((moment) =>
    ages.map((_, index) => toWhen(moment, ages.slice(0, index + 1), quietMs)),
  );
  const of = { places, countries, whens };
  // All of them but the one that assumes nothing.
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

/** So many things; made one by one, since there may be millions. */
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

/** A moment, and a sign-in so long before it. */
interface When {
  readonly nowMs: number;
  readonly signedInAtS: number | undefined;
  readonly assumes: readonly string[];
  readonly implies: readonly string[];
}

/** @param ages the last is meant, and shorter than those before it */
function toWhen(
  moment: Moment | undefined,
  ages: readonly (number | undefined)[],
  quietMs: number,
): When {
  const ageS = ages.at(-1);
  // A sign-in is so long ago of some moment.
  const nowMs = moment?.nowMs ?? (ageS === undefined ? Number.NaN : quietMs);
  const within = moment?.within.map((hours) => `within ${toHoursText(hours)}`) ?? [];
  const signedIn = ages.flatMap((age) =>
    age === undefined ? [] : [`signed in at most ${toDurationText(age * 1_000)} ago`],
  );
  const signedInAtS = ageS === undefined ? undefined : nowMs / 1_000 - ageS;
  const assumes = [...within, ...signedIn.slice(-1)];
  return { nowMs, signedInAtS, assumes, implies: [...within, ...signedIn] };
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

/** Each that a condition names, those of longest ago first. */
function agesOf(parts: readonly Condition[]): number[] {
  const named = parts.flatMap((part) => (part.kind === 'auth' ? (part.signIn.maxAgeS ?? []) : []));
  return [...new Set(named)].sort((one, other) => other - one);
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

/** A moment within no hours; no moment where there is none. */
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

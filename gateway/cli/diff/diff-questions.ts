/**
 * Turns conditions into questions about callers with their possible answers: scopes are independent
 * of each other, while a caller has one client, one country and one moment. Names that the same
 * conditions ask for form one question.
 */
import type { Condition } from '../../conditions/condition.ts';
import { type Hours, withinHours } from '../../conditions/criteria/hours.ts';
import { toDurationText } from '../../time/duration.ts';
import { toConditionText, toWhenText } from '../explain/explain-condition.ts';

/** An answer to a question; the first is "nothing" if that is possible. */
export interface Answer {
  readonly words: string | undefined;
  /** Numbers of the simple conditions that it meets, wholly or in part. */
  readonly meets: readonly number[];
}

export interface Question {
  /** Whether anonymous callers can only answer "nothing". */
  readonly ofIdentity: boolean;
  readonly answers: readonly Answer[];
}

/** A simple condition and its number. */
export interface Part {
  readonly number: number;
  readonly condition: Condition;
}

/** The questions that tell callers apart for these conditions. */
export function questionsOf(parts: readonly Part[]): Question[] {
  const claims = parts.flatMap(({ condition }) =>
    condition.kind === 'claims' ? [condition.claim] : [],
  );
  const whens = groupsOf(parts, (one) => (one.kind === 'when' ? [toWhenText(one)] : []));
  const zones = parts.flatMap(({ condition }) =>
    condition.kind === 'hours' ? [condition.hours.zone] : [],
  );
  const scopes = groupsOf(parts, (one) => (one.kind === 'scopes' ? one.scopes : []));
  const roles = groupsOf(parts, (one) => (one.kind === 'roles' ? one.roles : []));
  const networks = groupsOf(parts, (one) => (one.kind === 'network' ? one.lists : []));
  const clients = groupsOf(parts, (one) => (one.kind === 'clients' ? one.clients : []));
  const pinned = groupsOf(parts, (one) => (one.kind === 'pinned' ? [toConditionText(one)] : []));
  const acrs = groupsOf(parts, (one) => (one.kind === 'auth' ? (one.signIn.acr ?? []) : []));
  const regions = groupsOf(parts, (one) => (one.kind === 'regions' ? one.regions : []));
  return [
    ...scopes.map((group) => yesOrNo(`scopes ${group.names.join(' ')}`, group, true)),
    ...roles.map((group) => yesOrNo(`roles ${group.names[0]}`, group, true)),
    ...[...new Set(claims)].flatMap((claim) =>
      groupsOf(parts, (one) =>
        one.kind === 'claims' && one.claim === claim ? one.values : [],
      ).map((group) => yesOrNo(`claims.${claim} ${group.names[0]}`, group, true)),
    ),
    ...pinned.map((group) => yesOrNo(`${group.names[0]}`, group, true)),
    ...networks.map((group) => yesOrNo(`network ${group.names[0]}`, group, false)),
    // An expression on arguments and objects may hold for any caller.
    ...whens.map((group) => yesOrNo(`${group.names[0]}`, group, false)),
    ...oneOf('clients', clients, true),
    ...oneOf('regions', regions, false),
    ...oneOf('auth acr', acrs, true),
    ...signInAgesOf(parts),
    ...[...new Set(zones)].map((zone) => ({
      ofIdentity: false,
      answers: momentsOf(parts, zone),
    })),
  ];
}

interface Group<Name> {
  readonly names: readonly Name[];
  readonly meets: readonly number[];
}

/** Groups names that the same conditions ask for: no condition tells them apart. */
function groupsOf<Name>(
  parts: readonly Part[],
  namesOf: (condition: Condition) => readonly Name[],
): Group<Name>[] {
  const askedBy = new Map<Name, number[]>();
  for (const { number, condition } of parts) {
    for (const name of new Set(namesOf(condition))) {
      askedBy.set(name, [...(askedBy.get(name) ?? []), number]);
    }
  }
  const groups = new Map<string, { names: Name[]; meets: readonly number[] }>();
  for (const [name, meets] of askedBy) {
    const known = groups.get(meets.join());
    if (known === undefined) groups.set(meets.join(), { names: [name], meets });
    else known.names.push(name);
  }
  return [...groups.values()];
}

const nothing: Answer = { words: undefined, meets: [] };

const yesOrNo = (words: string, { meets }: Group<unknown>, ofIdentity: boolean): Question => ({
  ofIdentity,
  answers: [nothing, { words, meets }],
});

const oneOf = (
  kind: 'clients' | 'regions' | 'auth acr',
  groups: readonly Group<string>[],
  ofIdentity: boolean,
): Question[] => {
  const answers = groups.map(({ names, meets }) => ({ words: `${kind} ${names[0]}`, meets }));
  return answers.length === 0 ? [] : [{ ofIdentity, answers: [nothing, ...answers] }];
};

/** The time since sign-in: the shorter of two limits meets both. */
function signInAgesOf(parts: readonly Part[]): Question[] {
  const limits = parts.flatMap(({ number, condition }) =>
    condition.kind === 'auth' && condition.signIn.maxAgeS !== undefined
      ? [{ number, maxAgeS: condition.signIn.maxAgeS }]
      : [],
  );
  const ages = [...new Set(limits.map(({ maxAgeS }) => maxAgeS))].sort((a, b) => b - a);
  if (ages.length === 0) return [];
  const answers = ages.map((age) => ({
    words: `auth at most ${toDurationText(age * 1_000)} ago`,
    meets: limits.flatMap(({ number, maxAgeS }) => (maxAgeS >= age ? [number] : [])),
  }));
  return [{ ofIdentity: true, answers: [nothing, ...answers] }];
}

const dayMs = 86_400_000;
/** A Sunday, the first day of the week of `hours`. */
const sunday = Date.UTC(2026, 0, 4);
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Moments of a week in one time zone, one for each distinct set of matching hours. */
function momentsOf(parts: readonly Part[], zone: string): readonly Answer[] {
  const here = parts.flatMap(({ number, condition }) =>
    condition.kind === 'hours' && condition.hours.zone === zone
      ? [{ number, condition, hours: { ...condition.hours, zone: 'UTC' } satisfies Hours }]
      : [],
  );
  const edges = new Set([0, ...here.flatMap(({ hours }) => [hours.fromMinute, hours.toMinute])]);
  const moments = new Map<string, Answer>();
  for (const day of dayNames.keys()) {
    for (const minute of [...edges].filter((one) => one < 1_440).sort((a, b) => a - b)) {
      const nowMs = sunday + day * dayMs + minute * 60_000;
      const within = here.filter(({ hours }) => withinHours(hours, nowMs));
      const meets = within.map(({ number }) => number);
      const [first] = within;
      const words = first && `${toConditionText(first.condition)} (${toClock(day, minute)})`;
      if (!moments.has(meets.join())) moments.set(meets.join(), { words, meets });
    }
  }
  return [...moments.values()].sort((one, other) => one.meets.length - other.meets.length);
}

const toClock = (day: number, minute: number): string => {
  const [hour, left] = [Math.floor(minute / 60), minute % 60];
  return `${dayNames[day]} ${String(hour).padStart(2, '0')}:${String(left).padStart(2, '0')}`;
};

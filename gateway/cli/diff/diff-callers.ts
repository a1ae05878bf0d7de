/**
 * All callers that some conditions can tell apart: one for every set of answers that can be given
 * together. Who has two scopes has each of them; there is one client, one country and one moment;
 * strangers have nothing. What the same conditions ask for is one question.
 */
import { type Condition, partsOf } from '../../conditions/condition.ts';
import { type Hours, withinHours } from '../../conditions/criteria/hours.ts';
import { toDurationText } from '../../time/duration.ts';
import { toConditionText, toWhenText } from '../explain/explain-condition.ts';

export interface ExampleCaller {
  readonly authenticated: boolean;
  /** What they have, as `explain` says conditions; what is not said they have not. */
  readonly words: readonly string[];
  /** For the conditions that the callers were made from, the same objects. */
  holds(condition: Condition): boolean;
}

/** More are too many to go through: twelve independent answers. */
export const callersMax = 4_096;

/** One of the answers to a question; the first of a question is nothing, where nothing is possible. */
interface Answer {
  readonly words: string | undefined;
  /** Simple conditions, by number, that it meets, or a part of them. */
  readonly meets: readonly number[];
}

interface Question {
  /** Nobody unknown has an answer. */
  readonly ofIdentity: boolean;
  readonly answers: readonly Answer[];
}

/** A simple condition with the names it asks for. */
interface Part {
  readonly number: number;
  readonly condition: Condition;
}

/**
 * Those with least first; undefined where they are too many.
 *
 * @param strangers whether there are callers without credentials
 */
export function callersOf(
  conditions: readonly Condition[],
  strangers: boolean,
): readonly ExampleCaller[] | undefined {
  const { numbers, parts } = numbered(conditions);
  const questions = questionsOf(parts);
  const size = questions.reduce((product, { answers }) => product * answers.length, 1);
  if (size > callersMax) return undefined;
  const needed = parts.map(({ condition, number }) =>
    condition.kind === 'scopes' || condition.kind === 'auth'
      ? questions.filter(({ answers }) => answers.some(({ meets }) => meets.includes(number)))
          .length
      : 1,
  );
  const kinds = strangers ? [false, true] : [true];
  const callers = kinds.flatMap((authenticated) => {
    const asked = authenticated ? questions : questions.map(asStranger);
    return combined(asked).map((chosen) =>
      toCaller(chosen, { authenticated, strangers, numbers, needed }),
    );
  });
  return callers.sort((one, other) => one.words.length - other.words.length);
}

const asStranger = (question: Question): Question =>
  question.ofIdentity ? { ...question, answers: question.answers.slice(0, 1) } : question;

/** Equal conditions have one number, whatever object they are. */
function numbered(conditions: readonly Condition[]) {
  const byText = new Map<string, number>();
  const numbers = new Map<Condition, number>();
  const parts: Part[] = [];
  for (const part of conditions.flatMap((one) => [...partsOf(one)])) {
    const text = JSON.stringify(part);
    const number = byText.get(text) ?? parts.length;
    if (number === parts.length) parts.push({ number, condition: part });
    byText.set(text, number);
    numbers.set(part, number);
  }
  return { numbers, parts };
}

function questionsOf(parts: readonly Part[]): Question[] {
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
    // What an expression says of arguments and objects, it may say of anybody's.
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

/** Names that the same conditions ask for, together: no condition tells them apart. */
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

/** How long ago somebody signed in: of two limits the shorter meets both. */
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
/** A Sunday, on which the week of the hours begins. */
const sunday = Date.UTC(2026, 0, 4);
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Moments of a week on the wall of one place, one for each set of hours that they are within. */
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

/** One answer to each question, in every way. */
function combined(questions: readonly Question[]): readonly Answer[][] {
  let all: Answer[][] = [[]];
  for (const { answers } of questions) {
    const before = all;
    all = answers.flatMap((one) => before.map((chosen) => [...chosen, one]));
  }
  return all;
}

function toCaller(
  chosen: readonly Answer[],
  about: {
    readonly authenticated: boolean;
    readonly strangers: boolean;
    readonly numbers: ReadonlyMap<Condition, number>;
    readonly needed: readonly number[];
  },
): ExampleCaller {
  const { authenticated, strangers, numbers, needed } = about;
  const met = needed.map(() => 0);
  for (const { meets } of chosen) for (const number of meets) met[number] = (met[number] ?? 0) + 1;
  const isMet = (part: Condition): boolean => {
    if (part.kind === 'everyone') return true;
    if (part.kind === 'authenticated') return authenticated;
    const number = numbers.get(part);
    if (number === undefined) throw new Error(`these callers were not made for ${part.kind}`);
    return (met[number] ?? 0) >= (needed[number] ?? 1);
  };
  const holds = (condition: Condition): boolean => {
    if (condition.kind === 'any') return condition.of.some(holds);
    if (condition.kind === 'all') return condition.of.length > 0 && condition.of.every(holds);
    return isMet(condition);
  };
  const has = chosen.flatMap(({ words }) => words ?? []);
  return { authenticated, words: [...whoText(authenticated, strangers, has), ...has], holds };
}

/** What goes without saying is not said. */
function whoText(authenticated: boolean, strangers: boolean, has: readonly string[]): string[] {
  if (!authenticated) return ['anonymous'];
  const isPlain = has.some((words) => /^(?:scopes|roles|claims|clients|auth)\b/.test(words));
  return isPlain || (!strangers && has.length > 0) ? [] : ['authenticated'];
}

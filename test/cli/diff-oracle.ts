/**
 * What callers get, by asking: a query for each coordinate, and the plan of a request as an answer.
 * Knows nothing of how conditions are compared. Everything here may be asked by everybody but what
 * generated rules close.
 */
import { buildSchema, defaultFieldResolver, isObjectType } from 'graphql';
import { decideAsServed } from '../../gateway/cli/explain/explain-decide.ts';
import { toQuestion } from '../../gateway/cli/explain/explain-question.ts';
import type { Situation } from '../../gateway/conditions/situation.ts';
import { Refusal } from '../../gateway/decision.ts';
import { checkDocument } from '../../gateway/limits/document.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';
import type { Caller } from '../../gateway/request.ts';
import { buildSnapshot, type Snapshot } from '../../gateway/snapshot/snapshot.ts';
import { anonymous, callerWith, rulesOf } from '../authorize/policy-rig.ts';
import type { Random } from '../properties/random.ts';

export interface Person {
  readonly caller: Caller;
  readonly situation: Situation;
}

export interface Side {
  readonly snapshot: Snapshot;
  readonly anonymousAllowed: boolean;
  /** What is asked for each coordinate; undefined where it is refused whoever asks. */
  readonly questions: ReadonlyMap<
    string,
    Exclude<ReturnType<typeof toQuestion>, Refusal> | undefined
  >;
}

const sdl = (more: string): string => `
type Query { open: Item, other: Other, things: [Thing], list(code: String, size: Int): [Item], find(by: Filter): [Item] }
type Item implements Thing { id: ID, label: String, code: String, note: String ${more} }
type Other implements Thing { id: ID, label: String }
interface Thing { label: String }
input Filter { code: String, note: String ${more} }
`;

/** For everybody whatever is generated, so that what is asked for can be reached. */
const base =
  '- { name: base, fields: { Query: [open, other, find], Item: [id], Other: [id] }, allow: everyone }';

const asked: Readonly<Record<string, string>> = {
  'Item.label': '{ open { label } }',
  'Item.code': '{ open { code } }',
  'Item.note': '{ open { note } }',
  'Item.more': '{ open { more } }',
  'Other.label': '{ other { label } }',
  'Query.list': '{ list { id } }',
  'Query.list(code:)': '{ list(code: "x") { id } }',
  'Query.list(size:)': '{ list(size: 1) { id } }',
  'Filter.code': '{ find(by: { code: "x" }) { id } }',
  'Filter.note': '{ find(by: { note: "x" }) { id } }',
  'Filter.more': '{ find(by: { more: "x" }) { id } }',
};

export const coordinates = Object.keys(asked);

const conditions = [
  'everyone',
  'authenticated',
  { scopes: ['a'] },
  { scopes: ['b'] },
  { scopes: ['a', 'b'] },
  { roles: ['r'] },
  { roles: ['r', 's'] },
  { clients: ['x'] },
  { clients: ['x', 'y'] },
  { claims: { team: ['hr'] } },
  { claims: { team: ['hr', 7] } },
  { network: ['office'] },
  { regions: ['DE'] },
  { regions: ['DE', 'FR'] },
  { hours: { days: ['mon'], from: '08:00', to: '18:00', zone: 'UTC' } },
  { hours: { days: ['mon', 'tue'], from: '07:00', to: '12:00', zone: 'UTC' } },
] as const;

const targets = [
  { Item: ['label'] },
  { Item: ['code'] },
  { Item: ['note'] },
  { Item: ['*'] },
  { Thing: ['label'] },
  { Other: ['label'] },
  { Query: ['list'] },
  { Query: ['list(code:)'] },
  { Query: ['list(size:)'] },
  { Filter: ['code'] },
  { Filter: ['note'] },
] as const;

export type Palette = readonly unknown[];

/** Few, so that the same and those that have to do with them meet. */
export const generatePalette = (random: Random): Palette => [
  ...random.subset(conditions, 0.2),
  random.pick(conditions),
];

function generateCondition(random: Random, palette: Palette): unknown {
  if (random.chance(0.7)) return random.pick(palette);
  const kind = random.chance(0.5) ? 'any' : 'all';
  return { [kind]: [random.pick(palette), random.pick(palette)] };
}

export function generateRule(random: Random, palette: Palette, index: number): string {
  const fields = random.pick(targets);
  const allow = generateCondition(random, palette);
  const hasMask = random.chance(0.3) && 'Item' in fields;
  const mask = { mask: 'last4', allow: generateCondition(random, palette) };
  const outcome = random.pick(['deny', 'hide', 'reject']);
  const what = random.pick([
    { allow },
    { allow },
    { allow },
    { allow },
    { require: allow },
    { forbid: true },
    { allow, otherwise: [...(hasMask ? [mask] : []), outcome] },
    { allow, otherwise: [...(hasMask ? [mask] : []), outcome] },
  ]);
  const labels = random.chance(0.1) ? { class: 'pay' } : {};
  return `- ${JSON.stringify({ name: `rule-${index}`, fields, ...labels, ...what })}`;
}

/** Throws where the rules do not go together. */
export function sideOf(
  rules: readonly string[],
  options: { anonymousAllowed: boolean; more: boolean },
): Side {
  const schema = buildSchema(sdl(options.more ? ', more: String' : ''));
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) field.resolve = defaultFieldResolver;
  }
  const { anonymousAllowed } = options;
  const snapshot = buildSnapshot(
    { schema, joined: new Set() },
    { rules: rulesOf([base, ...rules].join('\n')), limits: defaultLimits },
    { introspection: 'everyone', anonymousAllowed },
  );
  const { executable, limits } = snapshot;
  const check = (text: string) => checkDocument(text, executable, limits);
  const questions = Object.entries(asked).map(([coordinate, text]) => {
    const about = { schema: executable, checkDocument: check };
    const question = toQuestion(about, { text, variables: {} });
    return [coordinate, question instanceof Refusal ? undefined : question] as const;
  });
  return { snapshot, anonymousAllowed, questions: new Map(questions) };
}

/** As ranks of what is shown: 1 refused in whatever way, 2 masked, 4 whole. */
export async function askFor(
  { snapshot, anonymousAllowed, questions }: Side,
  coordinate: string,
  { caller, situation }: Person,
): Promise<number> {
  if (caller.kind === 'anonymous' && !anonymousAllowed) return 1;
  const question = questions.get(coordinate);
  if (question === undefined) return 1;
  const sight = await snapshot.callerContextOf(caller, situation);
  const plan = await decideAsServed(snapshot, sight, { ...question, caller, situation });
  if (plan instanceof Refusal) return 1;
  const wanted = /^Query\.list|^Filter/.exec(coordinate);
  const field = wanted === null ? coordinate : wanted[0] === 'Filter' ? 'Query.find' : 'Query.list';
  if (plan.denied.includes(field)) return 1;
  if (plan.allowed.includes(field)) return 4;
  return plan.masked.includes(field) ? 2 : 1;
}

const monday = (hour: number): number => Date.UTC(2026, 0, 5, hour);

const situations: readonly Situation[] = [undefined, 'DE', 'FR'].flatMap((country) =>
  [[], ['office']].flatMap((networks) =>
    // Monday at 6, 7, 8, 12 and 18; Tuesday at 7 and at 12.
    [6, 7, 8, 12, 18, 31, 36].map((hour) => ({ country, networks, nowMs: monday(hour) })),
  ),
);

const callers: readonly Caller[] = [
  anonymous,
  ...[[], ['a'], ['b'], ['a', 'b']].flatMap((scopes) =>
    [[], ['r'], ['s'], ['r', 's']].flatMap((roles) =>
      [undefined, 'x', 'y'].flatMap((client) =>
        [[], ['hr'], [7], ['hr', 7]].map((team) =>
          callerWith({ scopes: new Set(scopes), roles: new Set(roles), client, claims: { team } }),
        ),
      ),
    ),
  ),
];

/** Everybody there can be, one for each set of answers that these policies can tell apart. */
export async function peopleOf(...sides: readonly Side[]): Promise<readonly Person[]> {
  const found = new Map<string, Person>();
  for (const caller of callers) {
    for (const situation of situations) {
      const answers = await Promise.all(
        sides.map(({ snapshot }) => signatureOf(snapshot, caller, situation)),
      );
      const key = `${caller.kind} ${answers.join(' ')}`;
      if (!found.has(key)) found.set(key, { caller, situation });
    }
  }
  return [...found.values()];
}

async function signatureOf(
  snapshot: Snapshot,
  caller: Caller,
  situation: Situation,
): Promise<string> {
  const sight = await snapshot.callerContextOf(caller, situation);
  if (sight instanceof Refusal) throw new Error('somebody sees nothing of what is for everybody');
  return sight.grants.signature;
}

/** Who has what `diff` says of an example, and nothing else. */
export function personWith(words: readonly string[]): Person {
  const after = (kind: string) =>
    words.flatMap((one) =>
      one.startsWith(`${kind} `) ? one.slice(kind.length + 1).split(' ') : [],
    );
  const [client] = after('clients');
  const [country] = after('regions');
  const [, day = 'Sun', hour = '0'] = /\((\w+) (\d+):00\)/.exec(words.join()) ?? [];
  const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(day);
  const team = after('claims.team').map((value) => (value === '7' ? 7 : value));
  const scopes = new Set(after('scopes'));
  const roles = new Set(after('roles'));
  return {
    caller: words.includes('anonymous')
      ? anonymous
      : callerWith({ scopes, roles, client, claims: { team } }),
    situation: { country, networks: after('network'), nowMs: monday(24 * days + Number(hour)) },
  };
}

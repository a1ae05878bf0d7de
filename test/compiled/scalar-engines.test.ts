/**
 * Structured scalars and lists, as upstreams send them and with errors reported inside them: both
 * engines give the same, and no failure of ours ever stands in a value.
 */
import { describe, expect, it } from 'vitest';
import { type TestGateway, testGateway } from '../support/gateway.ts';

const sdl = `
  scalar Json
  scalar Long
  enum Kind { A B }
  type Query { teams: [Team] any: Any hits: [Hit] whole: Json matrix: [[Json!]] firm: [Json!]! employee(id: ID!): Employee }
  interface Any { more: Json }
  union Hit = Team | Employee
  type Team implements Any { more: Json list: [Json!] grid: [[Json]] long: Long kind: Kind kinds: [[Kind]] bossId: ID }
  type Employee implements Any { id: ID more: Json longs: [Long] }`;
const rules = `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
  Query: [teams, any, hits, whole, matrix, firm], Any: [more], Employee: [more, longs],
  Team: [more, list, grid, long, kind, kinds, boss] } }] }`;
const links = {
  'Team.boss': { upstream: 'hr', field: 'employee', argument: 'id', from: 'bossId' },
};

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
const odd: unknown = JSON.parse(
  '{"__proto__":{"x":1},"then":1,"__typename":"Team","constructor":2,"toJSON":3,"n":null}',
);
const values: readonly unknown[] = [
  ...[null, 1, 'x', '', true, [], {}, [null], [[]], [[null]], 2 ** 60],
  ...[odd, [odd, null], [[odd]], [['A'], null, ['C']], deep(62), deep(64), deep(66)],
];
const places: readonly ((string | number)[] | undefined)[] = [
  undefined,
  ...[
    [],
    [0],
    [0, 0],
    ['then'],
    [0, 'then'],
    ['__proto__'],
    ['n'],
    ['length'],
    [0, 'length'],
    [-1],
  ],
];
/** Each with the place of the value in it. */
const queries: readonly { query: string; at: (string | number)[] }[] = [
  ...['more', 'list', 'grid', 'long', 'kind', 'kinds'].map((field) => ({
    query: `{ teams { ${field} } }`,
    at: ['teams', 0, field],
  })),
  { query: '{ teams { boss { more } } }', at: ['more'] },
  { query: '{ teams { boss { longs } } }', at: ['longs'] },
  { query: '{ any { more } }', at: ['any', 'more'] },
  { query: '{ hits { ... on Team { more } } }', at: ['hits', 0, 'more'] },
  ...['whole', 'matrix', 'firm'].map((field) => ({ query: `{ ${field} }`, at: [field] })),
];

/** What an upstream says that sends one value everywhere and reports an error at a place of it. */
function answerOf(query: string, value: unknown, path: unknown): unknown {
  const one = () => structuredClone(value);
  const asked = [...query.matchAll(/(?:(\w+): ?)?employee\(/g)].map(([, key]) => key ?? 'employee');
  const errors = (...before: unknown[]) =>
    path === undefined ? {} : { errors: [{ message: 'no', path: [...before, path].flat() }] };
  if (asked.length > 0) {
    const boss = () => ({ id: '9', _fgKey: '9', more: one(), longs: one() });
    return { data: Object.fromEntries(asked.map((key) => [key, boss()])), ...errors(asked[0]) };
  }
  const names = ['more', 'list', 'grid', 'long', 'kind', 'kinds'];
  const keys = [...query.matchAll(/(\w+): ?\w+/g)].map(([, key]) => key ?? '');
  const team = () => ({
    __typename: 'Team',
    bossId: '9',
    ...Object.fromEntries([...names, ...keys].map((name) => [name, one()])),
  });
  const data = { teams: [team(), team()], any: team(), hits: [team()] };
  return { data: { ...data, whole: one(), matrix: one(), firm: one() }, ...errors() };
}

type Answer = Awaited<ReturnType<TestGateway['query']>>;

/** Errors in any order. */
const toText = ({ body }: Answer): string => {
  const errors = (body.errors ?? []).map(({ path, extensions }) =>
    JSON.stringify([path, extensions.code]),
  );
  return JSON.stringify([body.data, errors.sort()]);
};

describe('of a value anywhere, with an error inside it', async () => {
  let now: { value: unknown; path: unknown } = { value: null, path: undefined };
  const open = (engine: 'compiled' | 'reference') =>
    testGateway({
      engine,
      upstreams: { hr: { sdl, answer: ({ query }) => answerOf(query, now.value, now.path) } },
      links,
      rules,
    });
  const [compiled, reference] = [await open('compiled'), await open('reference')];

  it.each(queries)('both engines give the same: $query', async ({ query, at }) => {
    for (const value of values) {
      for (const place of places) {
        now = { value, path: place && [...at, ...place] };
        const [one, other] = [await compiled.query(query), await reference.query(query)];
        expect({ ...now, text: toText(one) }).toEqual({ ...now, text: toText(other) });
        expect(one.text + other.text).not.toMatch(/"why"|"upstream"/);
      }
    }
    const faults = [...compiled.records, ...reference.records].flatMap((record) => record.faults);
    expect(faults).toEqual([]);
  });

  it.each([
    { inEach: 500, all: false },
    { inEach: 501, all: true },
  ])('past a thousand misfits nothing is believed: $inEach in each of two', async (about) => {
    now = { value: [Array(about.inEach).fill('C')], path: undefined };
    for (const gateway of [compiled, reference]) {
      const { body } = await gateway.query('{ teams { kinds } }');
      const kinds = [Array(about.inEach).fill(null)];
      expect(body.data).toEqual({ teams: about.all ? null : [{ kinds }, { kinds }] });
    }
  });
});

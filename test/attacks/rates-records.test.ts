/**
 * Carrying off a list: 1,000 SSNs are there, 200 an hour may leave, whatever the number and the
 * spelling of the requests. Nothing is fetched once nothing is left, and what did not leave is
 * not spent.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { recordingStore } from '../rates/recording-store.ts';
import { type TestAnswer, type TestGateway, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    people(limit: Int, offset: Int): [Person!]
    members: [Member]
    page(first: Int): Page
    groups(limit: Int): [Group!]
    all: [Person!]
    none(limit: Int): [Person!]
    fails(limit: Int): [Person!]
    blanks(limit: Int): [Person!]
  }
  interface Member { id: ID! ssn: String }
  type Person implements Member { id: ID! ssn: String taxes: [String] }
  type Boss implements Member { id: ID! ssn: String }
  type Page { edges: [Edge!] }
  type Edge { node: Member }
  type Group { people(limit: Int): [Person!] }
`;
type Row = Record<string, unknown>;
const rows: Row[] = Array.from({ length: 1_000 }, (_, index) => {
  const text = `900-${String(index).padStart(6, '0')}`;
  const __typename = index % 2 === 0 ? 'Person' : 'Boss';
  return { __typename, id: index, ssn: text, taxes: [text, text] };
});
interface Paging {
  limit?: number;
  offset?: number;
  first?: number;
}
const cut = ({ limit = 1_000, offset = 0 }: Paging) => rows.slice(offset, offset + limit);
const root = {
  people: cut,
  members: rows,
  page: ({ first = 1_000 }: Paging) => ({ edges: rows.slice(0, first).map((node) => ({ node })) }),
  groups: ({ limit = 10 }: Paging) => Array.from({ length: limit }, () => ({ people: cut })),
  all: rows,
  none: [],
  fails: () => {
    throw new Error('down');
  },
  blanks: ({ limit = 1 }: Paging) => cut({ limit }).map(({ id }) => ({ id, ssn: null })),
};
const rules = `
version: 1
rules:
  - { name: reads, fields: { Query: ["*"], Page: ["*"], Edge: ["*"], Group: ["*"], Member: [id], Person: [id], Boss: [id] }, allow: everyone }
  - name: ids
    class: government-id
    fields: { Member: [ssn], Person: [ssn, taxes], Boss: [ssn] }
    allow: { scopes: [ssn] }
    otherwise: [{ mask: last4, allow: { scopes: [masked] } }, deny]
`;
const rates = `
version: 1
rates:
  - { name: egress, class: government-id, per: caller, counts: records, limit: 200, window: 1h }
`;
const upstream = played(sdl, root);
const ssnOf = (text: string) => text.match(/900-\d{6}/g)?.length ?? 0;
const as = { subject: 'partner', scopes: ['ssn'] };

let store: ReturnType<typeof recordingStore>;
let gateway: TestGateway;

beforeEach(async () => {
  store = recordingStore();
  const limits = { listSize: 1_000, cost: 1_000_000, aliases: 100 };
  gateway = await testGateway({ upstreams: { hr: upstream }, rules, rates, store, limits });
});

const codes = ({ body }: TestAnswer) => body.errors?.map(({ extensions }) => extensions.code) ?? [];
async function leaks(queries: readonly string[]): Promise<number> {
  let seen = 0;
  for (const query of queries) seen += ssnOf((await gateway.query(query, { as })).text);
  return seen;
}

it('without a budget carries off all of it', async () => {
  const answer = await obvious({ upstreams: { hr: upstream } }).query('{ all { ssn } }');
  expect(ssnOf(answer.text)).toBe(1_000);
});

describe('no more than 200 leave', () => {
  const aliases = Array.from({ length: 30 }, (_, index) => `a${index}: ssn`).join(' ');
  const cases: { name: string; given: string[]; expect: number }[] = [
    { name: 'by one list', given: ['{ people(limit: 1000) { ssn } }'], expect: 200 },
    {
      name: 'by a variable',
      given: ['query ($n: Int = 1000) { people(limit: $n) { ssn } }'],
      expect: 200,
    },
    {
      name: 'by 30 aliases of a value',
      given: [`{ people(limit: 1000) { ${aliases} } }`],
      expect: 200,
    },
    {
      name: 'by aliases of the list',
      given: ['{ a: people(limit: 150) { ssn } b: people(limit: 150) { ssn } }'],
      expect: 200,
    },
    {
      name: 'by pages',
      given: Array.from(
        { length: 20 },
        (_, page) => `{ people(limit: 50, offset: ${page * 50}) { ssn } }`,
      ),
      expect: 200,
    },
    {
      name: 'one by one',
      given: Array.from({ length: 250 }, (_, at) => `{ people(limit: 1, offset: ${at}) { ssn } }`),
      expect: 200,
    },
    {
      name: 'by lists in lists',
      given: ['{ groups(limit: 10) { people(limit: 100) { ssn } } }'],
      expect: 200,
    },
    {
      name: 'through an interface',
      given: ['{ page(first: 1000) { edges { node { ssn } } } }'],
      expect: 200,
    },
    {
      name: 'through its types',
      given: [
        '{ page(first: 500) { edges { node { ... on Person { ssn } ... on Boss { b: ssn } } } } }',
      ],
      expect: 200,
    },
    { name: 'as lists of values', given: ['{ people(limit: 300) { taxes } }'], expect: 200 },
    {
      name: 'by a fragment',
      given: [
        'fragment F on Person { ssn } { a: people(limit: 150) { ...F } b: people(limit: 150) { ...F } }',
      ],
      expect: 200,
    },
  ];
  it.each(cases)('$name', async ({ given, expect: wanted }) => {
    expect(await leaks(given)).toBe(wanted);
  });

  it.each([
    { name: 'a list of no said size', given: '{ all { ssn } }' },
    { name: 'an interface of no said size', given: '{ members { ssn } }' },
    { name: 'a list that is asked for nothing', given: '{ people(limit: 0) { ssn } all { ssn } }' },
    { name: 'a list that is asked for less than nothing', given: '{ people(limit: -5) { ssn } }' },
  ])('at most what is assumed by $name', async ({ given }) => {
    const seen = await leaks([given]);
    expect(seen).toBeLessThanOrEqual(40);
    expect(await leaks(Array.from({ length: 20 }, () => given))).toBeLessThanOrEqual(200 - seen);
  });

  it('by 20 requests at once', async () => {
    const query = '{ people(limit: 100) { ssn } }';
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => gateway.query(query, { as })),
    );
    expect(answers.reduce((sum, { text }) => sum + ssnOf(text), 0)).toBe(200);
  });

  it('in any hour', async () => {
    expect(await leaks(['{ people(limit: 200) { ssn } }'])).toBe(200);
    store.clock.nowMs += 3_599_000;
    expect(await leaks(['{ people(limit: 200) { ssn } }'])).toBe(0);
    store.clock.nowMs += 73_000;
    expect(await leaks(['{ people(limit: 200) { ssn } }'])).toBe(200);
  });
});

describe('past the reservation', () => {
  it('values are null with RATE_LIMITED at their path, and the rest of the row is there', async () => {
    const answer = await gateway.query('{ people(limit: 202) { id s: ssn } }', { as });
    const people = answer.body.data?.people as { id: string; s: string | null }[];
    expect(answer.status).toBe(200);
    expect(people.slice(198)).toEqual([
      { id: '198', s: '900-000198' },
      { id: '199', s: '900-000199' },
      { id: '200', s: null },
      { id: '201', s: null },
    ]);
    expect(answer.body.errors).toMatchObject([
      {
        path: ['people', 200, 's'],
        extensions: { code: 'RATE_LIMITED', coordinate: 'Person.ssn' },
      },
      {
        path: ['people', 201, 's'],
        extensions: { code: 'RATE_LIMITED', coordinate: 'Person.ssn' },
      },
    ]);
  });

  it('errors are 100 and a count', async () => {
    const answer = await gateway.query('{ people(limit: 1000) { ssn } }', { as });
    expect(codes(answer)).toHaveLength(101);
    expect(answer.body.errors?.at(-1)?.extensions).toEqual({ code: 'RATE_LIMITED', omitted: 700 });
  });

  it('nothing is fetched once nothing is left', async () => {
    await gateway.query('{ people(limit: 200) { ssn } }', { as });
    gateway.requests.length = 0;
    const answer = await gateway.query('{ people(limit: 1) { ssn } }', { as });
    expect([answer.status, codes(answer)]).toEqual([429, ['RATE_LIMITED']]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3_500);
    expect(gateway.requests).toEqual([]);
    expect(gateway.records.at(-1)?.refusal?.reason).toBe('rates/limited');
  });

  it('what has no class is answered as ever, and others have budgets of their own', async () => {
    await gateway.query('{ people(limit: 200) { ssn } }', { as });
    expect((await gateway.query('{ people(limit: 5) { id } }', { as })).status).toBe(200);
    const other = await gateway.query('{ people(limit: 5) { ssn } }', {
      as: { ...as, subject: 'another' },
    });
    expect(ssnOf(other.text)).toBe(5);
  });
});

describe('what does not leave is not spent', () => {
  const asked = 200;
  const cases: { name: string; given: string; caller?: object; left: number }[] = [
    { name: 'fewer rows', given: '{ people(limit: 200, offset: 990) { ssn } }', left: 190 },
    { name: 'no rows', given: '{ none(limit: 200) { ssn } }', left: asked },
    { name: 'nulls', given: '{ blanks(limit: 200) { ssn } }', left: asked },
    { name: 'an upstream that fails', given: '{ fails(limit: 200) { ssn } }', left: asked },
    {
      name: 'denied values',
      given: '{ people(limit: 200) { ssn } }',
      caller: { subject: 'partner', scopes: [] },
      left: asked,
    },
    {
      // A masked value is still the value's part that the mask shows, a thousand times.
      name: 'but masked values are',
      given: '{ people(limit: 150) { ssn } }',
      caller: { subject: 'partner', scopes: ['masked'] },
      left: 50,
    },
  ];
  it.each(cases)('$name', async ({ given, caller = as, left }) => {
    await gateway.query(given, { as: caller });
    expect(ssnOf((await gateway.query('{ people(limit: 1000) { ssn } }', { as })).text)).toBe(left);
  });

  it('and is returned once', async () => {
    await gateway.query('{ people(limit: 200, offset: 990) { ssn } }', { as });
    expect(store.returned).toEqual([[190]]);
  });
});

/**
 * One upstream down, slow or wrong must not take away what the others gave, nor turn into data
 * of another row. The error says which place is missing, and why no more than that.
 */
import { describe, expect, it } from 'vitest';
import type { Joins } from '../../gateway/delegate/stitch/stitch-config.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { type TestUpstream, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';
import { socketGateway } from './socket-gateway.ts';

const hris = /* GraphQL */ `
  type Query { employees: [Employee!]! employee(id: ID!): Employee head: Int! }
  type Employee { id: ID! name: String! }
`;
const payroll = /* GraphQL */ `
  type Query { employeesById(ids: [ID!]!): [Employee] total: Int! }
  type Employee { id: ID! salary: Int! iban: String }
`;
const people = [1, 2, 3].map((n) => ({ id: `${n}`, name: `Name-${n}` }));
const pay = (id: string) => ({ id, salary: Number(id) * 1000, iban: `IBAN-${id}` });
const up = {
  hris: played(hris, {
    employees: people,
    employee: ({ id }: { id: string }) => people.find((one) => one.id === id),
    head: 3,
  }),
  payroll: played(payroll, {
    employeesById: ({ ids }: { ids: string[] }) => ids.map(pay),
    total: 6000,
  }),
};
const joins: Joins = {
  Employee: {
    key: 'id',
    hris: { field: 'employee', argument: 'id' },
    payroll: { field: 'employeesById', argument: 'ids', batch: true },
  },
};
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Employee: ["*"] }, allow: everyone }
`;
const query = '{ total employees { name pay: salary } head }';
const names = people.map(({ name }) => ({ name, pay: null }));
const everywhere = (code: string) => [
  [code, ['employees', 0, 'pay']],
  [code, ['employees', 1, 'pay']],
  [code, ['employees', 2, 'pay']],
  [code, ['total']],
];
const failing = (failure: { code?: 'UPSTREAM_TIMEOUT' }): TestUpstream => ({
  sdl: payroll,
  answer: () => {
    throw new UpstreamFailure({ upstream: 'payroll', why: 'played', ...failure });
  },
});
const saying = (answer: unknown): TestUpstream => ({ sdl: payroll, answer: () => answer });

const cases: { name: string; given: TestUpstream; code: string }[] = [
  { name: 'down', given: failing({}), code: 'UPSTREAM_FAILED' },
  { name: 'slow', given: failing({ code: 'UPSTREAM_TIMEOUT' }), code: 'UPSTREAM_TIMEOUT' },
  { name: 'broken', given: saying({ errors: [{ message: 'no' }] }), code: 'UPSTREAM_FAILED' },
  { name: 'empty', given: saying({}), code: 'UPSTREAM_FAILED' },
  { name: 'talking of something else', given: saying([1, 2]), code: 'UPSTREAM_FAILED' },
  {
    name: 'answering in other types',
    given: saying({ data: { total: 'x', employeesById: 'x', _v0_total: 'x' } }),
    code: 'UPSTREAM_FAILED',
  },
];
const sorted = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).sort();

describe('one of two upstreams', () => {
  it('takes everything with it in the obvious gateway', async () => {
    const { body } = await obvious({
      upstreams: { ...up, payroll: saying({ data: null, errors: [{ message: 'no' }] }) },
      joins,
    }).query(query);
    expect(body.data ?? null).toBeNull();
  });

  it('answers with both up', async () => {
    const gateway = await testGateway({ upstreams: up, joins, rules });
    expect((await gateway.query(query)).body).toEqual({
      data: {
        total: 6000,
        employees: people.map(({ id, name }) => ({ name, pay: Number(id) * 1000 })),
        head: 3,
      },
    });
  });

  it.each(cases)('$name: the data of the other, and errors in their places', async (one) => {
    const gateway = await testGateway({ upstreams: { ...up, payroll: one.given }, joins, rules });
    const { status, body } = await gateway.query(query);
    expect(status).toBe(200);
    expect(body.data).toEqual({ total: null, employees: names, head: 3 });
    const errors = body.errors?.map((error) => [error.extensions.code, error.path]) ?? [];
    expect(sorted(errors)).toEqual(sorted(everywhere(one.code)));
    expect(gateway.records[0]?.refusal).toBeUndefined();
    // The operator is told why, once, however many places are empty.
    expect(gateway.records[0]?.failures).toEqual([expect.stringMatching(/^upstream payroll: ./)]);
  });

  it('really down: a port on which nobody listens', async () => {
    const gateway = await socketGateway({
      upstreams: {
        hris: {
          sdl: hris,
          play: async (_request, response, text) => {
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(JSON.stringify(await up.hris.answer(JSON.parse(text))));
          },
        },
        payroll: { sdl: payroll },
      },
      joins,
      rules,
    });
    const { status, body, text } = await gateway.query(query);
    expect(status).toBe(200);
    expect(body.data).toEqual({ total: null, employees: names, head: 3 });
    expect(text).not.toMatch(/ECONN|127\.0\.0\.1/);
    const errors = body.errors?.map((error) => [error.extensions.code, error.path]) ?? [];
    expect(sorted(errors)).toEqual(sorted(everywhere('UPSTREAM_FAILED')));
  });

  it('the one that everything starts from', async () => {
    const down: TestUpstream = { ...failing({}), sdl: hris };
    const gateway = await testGateway({ upstreams: { ...up, hris: down }, joins, rules });
    const { body } = await gateway.query(query);
    expect(body.data).toEqual({ total: 6000, employees: null, head: null });
    const errors = body.errors?.map((error) => [error.extensions.code, error.path]) ?? [];
    expect(sorted(errors)).toEqual(
      sorted([
        ['UPSTREAM_FAILED', ['employees']],
        ['UPSTREAM_FAILED', ['head']],
      ]),
    );
  });
});

describe.each(['compiled', 'reference'] as const)(
  'an error that an upstream reports: %s',
  (engine) => {
    const sdl = `
    scalar Json
    type Query { teams: [Team!]! }
    type Team { tags: [String] grid: [[String!]] cells: [[String]] lead: Lead more: Json all: [Json] }
    type Lead { names: [Name] }
    type Name { first: String }`;
    const team = {
      tags: ['a', 'b'],
      grid: [['c', 'd'], ['e']],
      cells: [['f', 'g']],
      lead: { names: [{ first: 'h' }, { first: 'i' }] },
      more: ['j', ['k']],
      all: [{ l: 1 }, 'm'],
    };
    const asked = '{ teams { tags grid cells lead { names { first } } more all } }';
    const cases: {
      name: string;
      at: (string | number)[];
      lost: object;
      /** Where it is told, if elsewhere. */
      told?: (string | number)[];
    }[] = [
      { name: 'at an item', at: ['tags', 1], lost: { tags: ['a', null] } },
      { name: 'at an item of an inner list', at: ['cells', 0, 1], lost: { cells: [['f', null]] } },
      {
        name: 'at an item that may not be null',
        at: ['grid', 0, 1],
        lost: { grid: [null, ['e']] },
      },
      { name: 'at a field', at: ['cells'], lost: { cells: null } },
      {
        name: 'below an object in a list below an object',
        at: ['lead', 'names', 1, 'first'],
        lost: { lead: { names: [{ first: 'h' }, { first: null }] } },
      },
      {
        name: 'at an object in a list below an object',
        at: ['lead', 'names', 0],
        lost: { lead: { names: [null, { first: 'i' }] } },
      },
      {
        name: 'at no item that there is',
        at: ['tags', 7],
        lost: { tags: null },
        told: ['tags'],
      },
      { name: 'inside a structured value', at: ['more', 1], lost: { more: null }, told: ['more'] },
      {
        name: 'deep inside a structured value',
        at: ['more', 1, 0],
        lost: { more: null },
        told: ['more'],
      },
      { name: 'at a structured item', at: ['all', 0], lost: { all: [null, 'm'] } },
      {
        name: 'inside a structured item',
        at: ['all', 0, 'l'],
        lost: { all: [null, 'm'] },
        told: ['all', 0],
      },
    ];
    it.each(cases)('$name takes away that and no more', async ({ at, lost, told = at }) => {
      const gateway = await testGateway({
        engine,
        upstreams: {
          hr: {
            sdl,
            answer: () => ({
              data: { teams: structuredClone([team, team]) },
              errors: [{ message: 'no', path: ['teams', 0, ...at] }],
            }),
          },
        },
        rules: `{ version: 1, rules: [
        { name: open, allow: everyone, fields: { Query: ["*"], Team: ["*"], Lead: ["*"], Name: ["*"] } },
        { name: more, allow: everyone, fields: { Team: [more, all] } }] }`,
      });
      const { body } = await gateway.query(asked);
      expect(body.data).toEqual({ teams: [{ ...team, ...lost }, team] });
      const errors = body.errors?.map(({ path, extensions }) => [extensions.code, path]);
      expect(errors).toEqual([['UPSTREAM_FAILED', ['teams', 0, ...told]]]);
      await gateway.close();
    });
  },
);

describe('rows of a join', () => {
  const rows = '{ employees { id salary iban } }';
  const whole = (id: string) => ({ id, salary: Number(id) * 1000, iban: `IBAN-${id}` });
  const none = (id: string) => ({ id, salary: null, iban: null });
  const answers: { name: string; given: (ids: string[]) => unknown[]; missing: string[] }[] = [
    { name: 'left out', given: (ids) => ids.slice(1).map(pay), missing: ['1'] },
    {
      name: 'null',
      given: (ids) => ids.map((id) => (id === '2' ? null : pay(id))),
      missing: ['2'],
    },
    { name: 'in another order', given: (ids) => ids.toReversed().map(pay), missing: [] },
    // Which of the three is the right one nobody knows.
    {
      name: 'all of one person',
      given: (ids) => ids.map(() => pay('3')),
      missing: ['1', '2', '3'],
    },
    {
      name: 'of people not asked for',
      given: () => [pay('7'), pay('8')],
      missing: ['1', '2', '3'],
    },
  ];
  it.each(answers)('$name: no row gets the data of another', async ({ given, missing }) => {
    const mixed = played(payroll, { employeesById: ({ ids }: { ids: string[] }) => given(ids) });
    const gateway = await testGateway({ upstreams: { ...up, payroll: mixed }, joins, rules });
    const { body } = await gateway.query(rows);
    const employees = ['1', '2', '3'].map((id) => (missing.includes(id) ? none(id) : whole(id)));
    expect(body.data).toEqual({ employees });
  });

  it('left out: positions decide in the obvious gateway', async () => {
    const short = played(payroll, {
      employeesById: ({ ids }: { ids: string[] }) => [...ids.slice(1).map(pay), null],
    });
    const { body } = await obvious({ upstreams: { ...up, payroll: short }, joins }).query(
      '{ employees { id iban } }',
    );
    expect(body.data).toMatchObject({ employees: [{ id: '1', iban: 'IBAN-2' }, {}, {}] });
  });
});

it('a write that may not be null takes the errors of the others along with their data', async () => {
  const gateway = await testGateway({
    upstreams: {
      hr: {
        sdl: `
          type Query { x: Int }
          type Mutation { rename: Person count: Int! }
          type Person { name: String nick: String }`,
        // One root field at a time, as a mutation asks.
        answer: ({ query }) =>
          query.includes('count')
            ? { data: { count: null }, errors: [{ message: 'no', path: ['count'] }] }
            : {
                data: { rename: { name: null, nick: 'n' } },
                errors: [{ message: 'no', path: ['rename', 'name'] }],
              },
      },
    },
    rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
      Query: ["*"], Mutation: [rename, count], Person: ["*"] } }] }`,
  });
  const { body } = await gateway.query('mutation { rename { name nick } count }');
  expect(body.data).toBeNull();
  expect(body.errors?.map(({ path }) => path)).toEqual([['count']]);
  await gateway.close();
});

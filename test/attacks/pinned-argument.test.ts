/**
 * One tenant's data for another's user: the argument that says whose data is meant comes from the
 * token. Whatever a caller writes, and whoever asked the same before them, the upstream is sent their
 * own claim and nothing else, or nothing at all.
 */
import { createHash } from 'node:crypto';
import { buildSchema, getIntrospectionQuery, graphql } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { lockSchema } from '../../gateway/authorize/shield-lock.ts';
import { createConditionRules } from '../../gateway/authorize/shield-rules.ts';
import { createPersistedStore } from '../../gateway/limits/persisted-store.ts';
import { callerWith, policyOf } from '../authorize/policy-rig.ts';
import { type TestAnswer, type TestCaller, testGateway } from '../support/gateway.ts';
import { tokenOf } from '../support/tokens.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    employees(tenantId: ID!, limit: Int, name: String): [Employee!]
    org(tenants: [ID!], region: Region, size: Int): Org
    thing: Thing
    one(id: ID!, tenantId: String): Employee
  }
  type Mutation { hire(tenantId: ID!, name: String): Employee }
  enum Region { EU US }
  type Org { name: String }
  type Employee { id: ID! tenant: ID notes(tenantId: String, first: Int): [String!] }
  interface Thing { label(tenantId: ID): String }
  type Book implements Thing { label(tenantId: ID): String pages: Int }
  type Pen implements Thing { label(tenantId: ID): String }
`;
/** What each field of the upstream was given. */
const given: [field: string, args: Record<string, unknown>][] = [];
const note = (field: string, args: object) => {
  given.push([field, { ...args }]);
};
const employee = (tenant: unknown) => ({
  id: '1',
  tenant,
  notes: (args: { tenantId: string }) => {
    note('notes', args);
    return [`note of ${args.tenantId}`];
  },
});
const root = {
  employees: (args: { tenantId: string }) => {
    note('employees', args);
    return [employee(args.tenantId)];
  },
  org: (args: object) => {
    note('org', args);
    return { name: 'org' };
  },
  one: (args: { tenantId: string }) => {
    note('one', args);
    return employee(args.tenantId);
  },
  thing: {
    __typename: 'Book',
    label: (args: object) => {
      note('label', args);
      return 'label';
    },
  },
  hire: (args: { tenantId: string }) => {
    note('hire', args);
    return employee(args.tenantId);
  },
};

const staff = {
  openapi: '3.1.0',
  info: { title: 'Staff', version: '1' },
  paths: {
    '/tenants/{tenant}/staff': {
      get: {
        parameters: [
          { name: 'tenant', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'q', in: 'query', schema: { type: 'string' } },
        ],
        responses: {
          '200': {
            description: 'staff',
            content: {
              'application/json': { schema: { type: 'array', items: { type: 'string' } } },
            },
          },
        },
      },
    },
  },
};

const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [employees, org, thing, staff, one], Employee: ["*"], Org: ["*"], Thing: [label], Mutation: [hire] }, allow: authenticated }
  - name: tenants
    pin:
      "Query.employees(tenantId:)": claims.tenant_id
      "Query.one(tenantId:)": claims.org.unit
      "Query.staff(tenant:)": claims.tenant_id
      "Mutation.hire(tenantId:)": claims.tenant_id
      "Employee.notes(tenantId:)": claims.tenant_id
      "Thing.label(tenantId:)": claims.tenant_id
  - { name: orgs, pin: { "Query.org(tenants:)": claims.tenants, "Query.org(region:)": claims.region, "Query.org(size:)": claims.size } }
`;
const withoutRest = rules.replace(/.*Query.staff.*\n/, '').replace(', staff', '');
const persisted = createPersistedStore({
  enabled: true,
  entriesMax: 10,
  bytesMax: 100_000,
});
if (persisted === undefined) throw new Error('persisted queries are on');
const gateway = await testGateway({
  upstreams: { hr: played(sdl, root) },
  rest: {
    staff: {
      document: staff as never,
      operations: { 'Query.staff': 'GET /tenants/{tenant}/staff' } as never,
      answer: () => ({ status: 200, body: '["x"]' }),
    },
  },
  rules,
  batch: 5,
  persisted,
});

const a: TestCaller = { subject: 'a', claims: { tenant_id: 'a' } };
const b: TestCaller = { subject: 'b', claims: { tenant_id: 'b' } };
const codesOf = ({ body }: TestAnswer) =>
  (body.errors ?? []).map(({ extensions: { code, coordinate } }) => [code, coordinate]);

beforeEach(() => {
  given.length = 0;
  gateway.requests.length = 0;
  gateway.records.length = 0;
});

describe('whoever asked the same before', () => {
  const queries: { name: string; query: string; variables?: object; fields: string[] }[] = [
    { name: 'plainly', query: '{ employees { tenant } }', fields: ['employees'] },
    {
      name: 'with variables',
      query: 'query ($n: String, $l: Int) { employees(name: $n, limit: $l) { tenant } }',
      variables: { n: 'x', l: 3 },
      fields: ['employees'],
    },
    {
      name: 'under other names, twice',
      query: '{ x: employees { tenant } y: employees(name: "q") { tenant } }',
      fields: ['employees', 'employees'],
    },
    {
      name: 'in fragments',
      query:
        '{ ...F ... { employees { notes } } } fragment F on Query { employees { tenant n: notes(first: 1) } }',
      fields: ['employees', 'notes', 'notes'],
    },
    {
      name: 'below an interface',
      query: '{ thing { label ... on Book { l: label } } }',
      fields: ['label', 'label'],
    },
    { name: 'by writing', query: 'mutation { hire(name: "x") { tenant } }', fields: ['hire'] },
    {
      name: 'where a name of ours is declared by the caller',
      query:
        'query ($fg_pin0: String, $_fg_pin0: String) { employees(name: $fg_pin0) { tenant } two: employees(name: $_fg_pin0) { tenant } }',
      variables: { fg_pin0: 'q', _fg_pin0: 'r' },
      fields: ['employees', 'employees'],
    },
  ];
  it.each(queries)('asked $name', async ({ query, variables, fields }) => {
    for (let round = 0; round < 4; round += 1) {
      for (const caller of [a, b]) {
        given.length = 0;
        const about = { as: caller, ...(variables && { variables: { ...variables } }) };
        const answer = await gateway.query(query, about);
        expect(codesOf(answer)).toEqual([]);
        expect(given.map(([field]) => field).sort()).toEqual(fields);
        const own = caller.claims?.tenant_id;
        // The second lock sends what it does not open to the other engine.
        expect(gateway.records.at(-1)?.engineReason).toBeUndefined();
        expect(given.map(([, args]) => args.tenantId)).toEqual(fields.map(() => own));
        expect(answer.text).not.toContain(own === 'a' ? '"b"' : '"a"');
      }
    }
  });

  it('at the same moment', async () => {
    const query = '{ employees { tenant notes } }';
    const callers = Array.from({ length: 20 }, (_, index) => `t${index % 7}`);
    const answers = await Promise.all(
      callers.map((tenant) => gateway.query(query, { as: { claims: { tenant_id: tenant } } })),
    );
    expect(answers.map(({ body }) => body.data)).toEqual(
      callers.map((tenant) => ({ employees: [{ tenant, notes: [`note of ${tenant}`] }] })),
    );
  });

  it('by a hash', async () => {
    const query = '{ employees(name: "persisted") { tenant } }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const send = async (as: TestCaller, text?: string) => {
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      return post(as, { ...(text === undefined ? {} : { query: text }), extensions });
    };
    await send(a, query);
    await send(a);
    const { body } = await send(b);
    expect(body.data).toEqual({ employees: [{ tenant: 'b' }] });
  });

  it('in a list of operations', async () => {
    const list = [{ query: '{ employees { tenant } }' }, { query: '{ x: employees { tenant } }' }];
    for (const [as, tenant] of [[a, 'a'] as const, [b, 'b'] as const]) {
      const { body } = await post(as, list);
      expect(body).toEqual([{ data: { employees: [{ tenant }] } }, { data: { x: [{ tenant }] } }]);
    }
  });

  it('of a REST service, whose path it is', async () => {
    for (const as of [a, b, a, b]) await gateway.query('{ staff(q: "x") }', { as });
    expect(gateway.requests.map(({ query }) => query)).toEqual(
      ['a', 'b', 'a', 'b'].map((tenant) => `GET /tenants/${tenant}/staff?q=x`),
    );
  });
});

async function post(as: TestCaller, body: unknown): Promise<TestAnswer> {
  const headers = {
    authorization: `Bearer ${await tokenOf(as)}`,
    'content-type': 'application/json',
  };
  const text = JSON.stringify(body);
  const chunks = (async function* () {
    yield new TextEncoder().encode(text);
  })();
  return gateway.send({ headers, body: chunks });
}

describe('a caller who writes it', () => {
  const cases: { name: string; query: string; variables?: Record<string, unknown> }[] = [
    { name: 'as a literal', query: '{ employees(tenantId: "b") { tenant } }' },
    { name: 'as their own', query: '{ employees(tenantId: "a") { tenant } }' },
    {
      name: 'as a variable',
      query: 'query ($t: ID!) { employees(tenantId: $t) { tenant } }',
      variables: { t: 'b' },
    },
    {
      name: 'as a variable without a value',
      query: 'query ($t: ID) { one(id: "1", tenantId: $t) { tenant } }',
    },
    {
      name: 'as a default',
      query: 'query ($t: ID! = "b") { employees(tenantId: $t) { tenant } }',
    },
    { name: 'as null', query: '{ org(tenants: null) { name } }' },
    {
      name: 'in a fragment',
      query: '{ ...F } fragment F on Query { employees(tenantId: "b") { id } }',
    },
    { name: 'in a skipped field', query: '{ employees(tenantId: "b") @skip(if: true) { id } }' },
    { name: 'below', query: '{ employees { notes(tenantId: "b") } }' },
    { name: 'on an interface', query: '{ thing { label(tenantId: "b") } }' },
    { name: 'on a type of it', query: '{ thing { ... on Book { label(tenantId: "b") } } }' },
    { name: 'in a write', query: 'mutation { hire(tenantId: "b") { id } }' },
    { name: 'of a REST service', query: '{ staff(tenant: "b") }' },
    { name: 'misspelt', query: '{ employees(tenantid: "b") { tenant } }' },
  ];
  it.each(cases)('$name is refused as one who writes what is not there', async (one) => {
    const { query, variables } = one;
    const answer = await gateway.query(query, { as: a, ...(variables && { variables }) });
    expect(codesOf(answer)).toEqual([['GRAPHQL_VALIDATION_FAILED', undefined]]);
    expect(answer.text).not.toMatch(/did you mean/i);
    expect(gateway.requests).toEqual([]);
  });

  it('as a variable that nothing uses changes nothing', async () => {
    const variables = { tenantId: 'b', fg_pin0: 'b', 'Query.employees(tenantId:)': 'b' };
    const { body } = await gateway.query('{ employees { tenant } }', { as: a, variables });
    expect(body.data).toEqual({ employees: [{ tenant: 'a' }] });
  });

  it('finds it nowhere', async () => {
    const { text } = await gateway.query(getIntrospectionQuery({ inputValueDeprecation: true }), {
      as: a,
    });
    expect(text).toContain('"limit"');
    expect(text).not.toMatch(/tenantId|"tenants"|"region"|Region|"size"/);
  });
});

describe('a caller without the claim', () => {
  const cases: { name: string; claims: Record<string, unknown> }[] = [
    { name: 'absent', claims: {} },
    { name: 'empty', claims: { tenant_id: '' } },
    { name: 'null', claims: { tenant_id: null } },
    { name: 'a list', claims: { tenant_id: ['a'] } },
    { name: 'an object', claims: { tenant_id: { a: 'a' } } },
    { name: 'true', claims: { tenant_id: true } },
    { name: 'a fraction', claims: { tenant_id: 1.5 } },
  ];
  it.each(cases)('$name: refused at the field, and nothing is sent', async ({ claims }) => {
    const { status, body } = await gateway.query('{ employees { tenant } }', { as: { claims } });
    expect(status).toBe(200);
    expect(body.data).toEqual({ employees: null });
    expect(codesOf({ body } as TestAnswer)).toEqual([['FORBIDDEN', 'Query.employees']]);
    const write = await gateway.query('mutation { hire { id } }', { as: { claims } });
    expect([write.status, codesOf(write)]).toEqual([403, [['FORBIDDEN', 'Mutation.hire']]]);
    expect(gateway.requests).toEqual([]);
  });

  it('gets the rest', async () => {
    const { body } = await gateway.query('{ employees { id } thing { __typename } }', { as: {} });
    expect(body.data).toEqual({ employees: null, thing: { __typename: 'Book' } });
  });

  it('is not let through by a plan of who has it', async () => {
    const query = '{ employees(name: "same") { tenant } }';
    for (let round = 0; round < 3; round += 1) {
      expect(codesOf(await gateway.query(query, { as: a }))).toEqual([]);
      expect(codesOf(await gateway.query(query, { as: {} }))).toHaveLength(1);
    }
  });
});

describe('a claim', () => {
  const cases: { name: string; query: string; claims: object; expect: object | undefined }[] = [
    {
      name: 'a number as an ID',
      query: '{ employees { id } }',
      claims: { tenant_id: 7 },
      expect: { tenantId: '7' },
    },
    {
      name: 'a number is no text',
      query: '{ one(id: "1") { id } }',
      claims: { org: { unit: 7 } },
      expect: undefined,
    },
    {
      name: 'at a path',
      query: '{ one(id: "1") { id } }',
      claims: { org: { unit: 'u' } },
      expect: { id: '1', tenantId: 'u' },
    },
    {
      name: 'lists, values of enums and numbers',
      query: '{ org { name } }',
      claims: { tenants: ['x', 7], region: 'EU', size: 3 },
      expect: { tenants: ['x', '7'], region: 'EU', size: 3 },
    },
    {
      name: 'one for a list',
      query: '{ org { name } }',
      claims: { tenants: 'x', region: 'US', size: 0 },
      expect: { tenants: ['x'], region: 'US', size: 0 },
    },
    ...[
      { tenants: [], region: 'EU', size: 3 },
      { tenants: ['x', null], region: 'EU', size: 3 },
      { tenants: ['x', ''], region: 'EU', size: 3 },
      { tenants: [['x']], region: 'EU', size: 3 },
      { tenants: ['x'], region: 'eu', size: 3 },
      { tenants: ['x'], region: 'EU', size: '3' },
      { tenants: ['x'], region: 'EU', size: 2_147_483_648 },
      { tenants: ['x'], region: 'EU' },
    ].map((claims) => ({
      name: `that does not fit: ${JSON.stringify(claims)}`,
      query: '{ org { name } }',
      claims,
      expect: undefined,
    })),
  ];
  it.each(cases)('$name', async ({ query, claims, expect: args }) => {
    const answer = await gateway.query(query, { as: { claims: { ...claims } } });
    expect(given.map(([, sent]) => sent)).toEqual(args === undefined ? [] : [args]);
    expect(codesOf(answer).map(([code]) => code)).toEqual(args === undefined ? ['FORBIDDEN'] : []);
  });
});

describe('what counts arguments', () => {
  it('counts by the value that is sent', async () => {
    const counted = await testGateway({
      upstreams: { hr: played(sdl, root) },
      rules: withoutRest,
      rates: `
version: 1
rates:
  - { name: tenant, fields: { Query: [employees] }, per: args.tenantId, limit: 2, window: 1h }
`,
    });
    const query = '{ employees { tenant } }';
    const ask = async (as: TestCaller, subject: string) =>
      (await counted.query(query, { as: { ...as, subject } })).status;
    expect([await ask(a, 'one'), await ask(a, 'two'), await ask(a, 'three')]).toEqual([
      200, 200, 429,
    ]);
    expect(await ask(b, 'one')).toBe(200);
  });

  it('reckons with the size that is sent', async () => {
    const sized = await testGateway({
      upstreams: {
        hr: played('type Query { rows(limit: Int): [Row!] } type Row { id: ID }', {
          rows: [{ id: '1' }],
        }),
      },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [rows], Row: [id] }, allow: authenticated }
  - { name: limit, pin: { "Query.rows(limit:)": claims.limit } }
`,
      limits: { listSize: 50 },
    });
    const ask = (limit: number) => sized.query('{ rows { id } }', { as: { claims: { limit } } });
    expect((await ask(10)).body.data).toEqual({ rows: [{ id: '1' }] });
    const [small, large] = [await ask(20), await ask(40)];
    expect([small.status, large.status]).toEqual([200, 200]);
    const costs = sized.records.map(({ cost = 0 }) => cost);
    expect(costs[2]).toBeGreaterThan(costs[1] ?? 0);
    expect(codesOf(await ask(51))).toEqual([['LIST_TOO_LARGE', 'Query.rows']]);
  });
});

it('a value that a rule governs is none of who is pinned to it', async () => {
  const governed = await testGateway({
    upstreams: { hr: played(sdl, root) },
    rules: `${withoutRest}  - { name: eu, fields: { Region: [EU] }, allow: { scopes: [eu] } }\n`,
  });
  const claims = { tenants: ['x'], region: 'EU', size: 1 };
  const { body } = await governed.query('{ org { name } }', { as: { claims } });
  expect(body).toEqual({ data: { org: { name: 'org' } } });
  expect(governed.records.at(-1)).toMatchObject({ faults: [] });
  expect(governed.records.at(-1)?.engineReason).toBeUndefined();
});

it('nothing is sent where the first lock is out', async () => {
  const open = await testGateway({
    upstreams: { hr: played(sdl, root) },
    rules: withoutRest,
    decide: ({ grants: [first] }) => ({ kind: 'allow', rule: first?.rule as never }),
  });
  const { status, body } = await open.query('{ employees { tenant } }', { as: {} });
  expect([status, body.data]).toEqual([500, undefined]);
  expect(open.requests).toEqual([]);
});

describe('a field that a join brings', () => {
  const bonuses: unknown[] = [];
  const people =
    'type Query { person(id: ID!): Person people: [Person!] } type Person { id: ID! name: String boss: ID }';
  const pay =
    'type Query { peopleById(ids: [ID!]!): [Person] } type Person { id: ID! bonus(tenantId: ID!, year: Int): String }';
  const person = { id: '1', name: 'n', boss: '1' };
  const paid = {
    id: '1',
    bonus: ({ tenantId }: { tenantId: string }) => {
      bonuses.push(tenantId);
      return `bonus of ${tenantId}`;
    },
  };
  const joined = (pin: string) => ({
    upstreams: {
      hr: played(people, { person, people: [person] }),
      pay: played(pay, { peopleById: [paid] }),
    },
    joins: {
      Person: {
        key: 'id',
        hr: { field: 'person', argument: 'id' },
        pay: { field: 'peopleById', argument: 'ids', batch: true },
      },
    },
    links: { 'Person.chief': { upstream: 'hr', field: 'person', argument: 'id', from: 'boss' } },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [people, person, peopleById], Person: ["*"] }, allow: authenticated }
  - { name: tenants, pin: { "${pin}": claims.tenant_id } }
`,
  });

  it('is sent the claim of its own caller', async () => {
    const both = await testGateway(joined('Person.bonus(tenantId:)'));
    const query = '{ people { name bonus b: bonus(year: 1) chief { bonus } } }';
    for (const as of [a, b, a, b]) {
      bonuses.length = 0;
      const { body } = await both.query(query, { as });
      const own = `bonus of ${as.claims?.tenant_id}`;
      expect(body).toEqual({
        data: { people: [{ name: 'n', bonus: own, b: own, chief: { bonus: own } }] },
      });
      expect(new Set(bonuses)).toEqual(new Set([as.claims?.tenant_id]));
    }
    const { body } = await both.query(query, { as: {} });
    expect(codesOf({ body } as TestAnswer).map(([code]) => code)).toContain('FORBIDDEN');
    expect(body.data).toMatchObject({ people: [{ name: 'n', bonus: null }] });
  });

  it.each([
    ['Query.person(id:)', 'the join of Person'],
    ['Query.peopleById(ids:)', 'the join of Person'],
  ])('asks nothing by a key that is pinned: %s refuses to start', async (pin, by) => {
    await expect(testGateway(joined(pin))).rejects.toThrow(
      `${pin} cannot be pinned: ${by} asks this field by key, and sends no claim`,
    );
  });
});

describe('the second lock on the schema', () => {
  const open = 'type Query { me(t: ID, list: [Team!]): String } enum Team { HR IT }';
  const policy = policyOf(
    open,
    `
- { name: open, fields: { Query: [me] }, allow: everyone }
- { name: pins, pin: { "Query.me(t:)": claims.t, "Query.me(list:)": claims.teams } }
`,
  );
  const schema = buildSchema(open);
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    field.resolve = () => 'seen';
  }
  lockSchema(schema, policy, createConditionRules(policy.conditions));

  const cases: { name: string; query: string; claims: object; seen: boolean }[] = [
    {
      name: 'the caller’s own',
      query: '{ me(t: "a", list: [HR, IT]) }',
      claims: { t: 'a', teams: ['HR', 'IT'] },
      seen: true,
    },
    {
      name: 'another value',
      query: '{ me(t: "b", list: [HR, IT]) }',
      claims: { t: 'a', teams: ['HR', 'IT'] },
      seen: false,
    },
    {
      name: 'another list',
      query: '{ me(t: "a", list: [HR]) }',
      claims: { t: 'a', teams: ['HR', 'IT'] },
      seen: false,
    },
    { name: 'none', query: '{ me(list: [HR]) }', claims: { t: 'a', teams: ['HR'] }, seen: false },
    { name: 'without the claim', query: '{ me(t: "a", list: [HR]) }', claims: {}, seen: false },
  ];
  it.each(cases)('$name', async ({ query, claims, seen }) => {
    const caller = callerWith({ claims: { ...claims } });
    const record = {
      caller,
      verdicts: undefined,
      country: undefined,
      networks: [],
      startedAtMs: 0,
    };
    const { data } = await graphql({ schema, source: query, contextValue: { record } });
    expect(data).toEqual({ me: seen ? 'seen' : null });
  });
});

describe('a pin on what would be a filter on something classified', () => {
  it('is the gateway’s own: it needs no grant of the field that it means', async () => {
    const classified = await testGateway({
      upstreams: { hr: played(sdl, root) },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [employees], Employee: [id] }, allow: authenticated }
  - { name: tenancy, class: tenancy, fields: { Employee: [tenant] }, allow: { scopes: [tenancy] } }
  - { name: tenants, pin: { "Query.employees(tenantId:)": claims.tenant_id } }
`,
    });
    const answer = await classified.query('{ employees { id tenant } }', { as: a });
    expect(codesOf(answer)).toEqual([['FORBIDDEN', 'Employee.tenant']]);
    expect(given).toEqual([['employees', { tenantId: 'a' }]]);
    expect(classified.records.at(-1)?.engineReason).toBeUndefined();
  });
});

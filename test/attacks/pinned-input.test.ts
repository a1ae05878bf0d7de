/**
 * An input field that says whose data is meant, fixed from the token: however the object around it is
 * written, from wherever it comes and whatever a caller sends beside it, the upstream is given their own
 * claim, or nothing at all.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Decide } from '../../gateway/authorize/decide.ts';
import { type TestCaller, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    staff(filter: Filter, limit: Int): [Staff!]
    found(by: By): Staff
  }
  type Mutation {
    hire(input: Hire!): Staff
    move(input: Move!): Staff
  }
  input Filter { tenant: ID name: String kind: Kind ids: [ID!] }
  input By { filter: Filter id: ID }
  input Hire { tenant: ID! name: String! source: String tags: [String] }
  input Move { id: ID! to: Place! }
  input Place { tenant: ID! desk: String }
  enum Kind { A B }
  type Staff { id: ID! name: String }
`;
const given: [string, unknown][] = [];
const note = (name: string) => (args: object) => {
  given.push([name, JSON.parse(JSON.stringify(args))]);
  return { id: '1', name: 'n' };
};
const root = {
  staff: (args: object) => [note('staff')(args)],
  found: note('found'),
  hire: note('hire'),
  move: note('move'),
};
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Staff: ["*"], Mutation: [hire, move], Hire: [name, tags], Move: [id, to], Place: [desk] }, allow: authenticated }
  - name: tenants
    pin:
      "Query.staff(filter.tenant:)": claims.tenant
      "Query.found(by.filter.tenant:)": claims.tenant
      "Mutation.hire(input.tenant:)": claims.tenant
      "Mutation.hire(input.source:)": claims.app
      "Mutation.move(input.to.tenant:)": claims.tenant
`;
const upstreams = { hr: played(sdl, root) };
const gateway = await testGateway({ upstreams, rules, anonymous: 'refuse' });
const me: TestCaller = { claims: { tenant: 'a', app: 'web' } };
const other: TestCaller = { claims: { tenant: 'b', app: 'web' } };

beforeEach(() => {
  given.length = 0;
  gateway.requests.length = 0;
  gateway.records.length = 0;
});

describe('the upstream is given the claim', () => {
  const cases: { name: string; query: string; variables?: object; expect: object }[] = [
    {
      name: 'in an object that is written out',
      query: 'mutation { hire(input: { name: "x", tags: ["t"] }) { id } }',
      expect: { input: { name: 'x', tags: ['t'], tenant: 'a', source: 'web' } },
    },
    {
      name: 'beside variables in it',
      query: 'mutation ($n: String!) { hire(input: { name: $n }) { id } }',
      variables: { n: 'x' },
      expect: { input: { name: 'x', tenant: 'a', source: 'web' } },
    },
    {
      name: 'in a variable',
      query: 'mutation ($in: Hire!) { hire(input: $in) { id } }',
      variables: { in: { name: 'x' } },
      expect: { input: { name: 'x', tenant: 'a', source: 'web' } },
    },
    {
      name: "in a variable's default",
      query: 'mutation ($in: Hire! = { name: "x" }) { hire(input: $in) { id } }',
      expect: { input: { name: 'x', tenant: 'a', source: 'web' } },
    },
    {
      name: 'in an inner variable',
      query: 'mutation ($to: Place!) { move(input: { id: 1, to: $to }) { id } }',
      variables: { to: { desk: 'd' } },
      expect: { input: { id: '1', to: { desk: 'd', tenant: 'a' } } },
    },
    {
      name: 'deep in a variable',
      query: 'mutation ($in: Move!) { move(input: $in) { id } }',
      variables: { in: { id: '1', to: {} } },
      expect: { input: { id: '1', to: { tenant: 'a' } } },
    },
    {
      name: 'where nothing is given',
      query: '{ staff { id } }',
      expect: { filter: { tenant: 'a' } },
    },
    {
      name: 'in the place of null',
      query: '{ staff(filter: null) { id } }',
      expect: { filter: { tenant: 'a' } },
    },
    {
      name: 'in the place of a variable that is not sent',
      query: 'query ($f: Filter) { staff(filter: $f) { id } }',
      expect: { filter: { tenant: 'a' } },
    },
    {
      name: 'in the place of a variable that is null',
      query: 'query ($f: Filter = { name: "x" }) { staff(filter: $f) { id } }',
      variables: { f: null },
      expect: { filter: { tenant: 'a' } },
    },
    {
      name: 'through what is left out on the way',
      query: 'query ($b: By) { found(by: $b) { id } }',
      variables: { b: { id: '1' } },
      expect: { by: { id: '1', filter: { tenant: 'a' } } },
    },
    {
      name: 'beside an enum',
      query: 'query ($f: Filter = { kind: B }) { staff(filter: $f) { id } }',
      expect: { filter: { kind: 'B', tenant: 'a' } },
    },
  ];
  // Two such ids are one as numbers.
  const long = '9007199254740993';
  const ids: typeof cases = [
    {
      name: 'beside a long id',
      query: `mutation { move(input: { id: ${long}, to: {} }) { id } }`,
      expect: { input: { id: long, to: { tenant: 'a' } } },
    },
    {
      name: "beside a long id in a variable's default",
      query: `mutation ($in: Move! = { id: ${long}, to: {} }) { move(input: $in) { id } }`,
      expect: { input: { id: long, to: { tenant: 'a' } } },
    },
    {
      name: 'beside long ids in a list, and deep down',
      query: `query ($b: By = { id: ${long}, filter: { ids: [${long}, 1], name: "x" } }) { found(by: $b) { id } }`,
      expect: { by: { id: long, filter: { ids: [long, '1'], name: 'x', tenant: 'a' } } },
    },
    {
      name: 'beside a long id in the place of a list',
      query: `query ($f: Filter = { ids: ${long} }) { staff(filter: $f) { id } }`,
      expect: { filter: { ids: [long], tenant: 'a' } },
    },
  ];
  it.each([...cases, ...ids])('$name', async ({ query, variables, expect: wanted }) => {
    for (let time = 0; time < 3; time += 1) {
      const about = { ...(variables && { variables: { ...variables } }) };
      expect((await gateway.query(query, { as: me, ...about })).body.errors).toBeUndefined();
      expect(given.at(-1)?.[1]).toEqual(wanted);
      // The same plan, for somebody else.
      await gateway.query(query, { as: other, ...about });
      const theirs = JSON.stringify(wanted).replace('"tenant":"a"', '"tenant":"b"');
      expect(given.at(-1)?.[1]).toEqual(JSON.parse(theirs));
    }
    expect(gateway.records.every(({ engineReason }) => engineReason === undefined)).toBe(true);
  });

  it('each its own, of fields that share a variable', async () => {
    const query =
      'mutation ($in: Hire!, $m: Move!) { a: hire(input: $in) { id } b: hire(input: $in) { id } move(input: $m) { id } }';
    const variables = { in: { name: 'x' }, m: { id: '1', to: {} } };
    await gateway.query(query, { as: me, variables });
    const hired = { input: { name: 'x', tenant: 'a', source: 'web' } };
    expect(given.map(([, args]) => args)).toEqual([
      hired,
      hired,
      { input: { id: '1', to: { tenant: 'a' } } },
    ]);
  });
});

it('each claim goes where it is pinned, though all share one variable', async () => {
  const apart = await testGateway({
    upstreams: {
      hr: played(
        `type Query { rooms(filter: Filter): String desks(filter: Filter): String pair(of: Pair): String }
         input Filter { tenant: ID name: String }
         input Pair { left: Filter right: Filter }`,
        { rooms: note('rooms'), desks: note('desks'), pair: note('pair') },
      ),
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: ["*"] }, allow: authenticated }
  - name: tenants
    pin:
      "Query.rooms(filter.tenant:)": claims.tenant
      "Query.desks(filter.tenant:)": claims.app
      "Query.pair(of.left.tenant:)": claims.app
      "Query.pair(of.right.tenant:)": claims.tenant
`,
  });
  await apart.query(
    'query ($f: Filter) { rooms(filter: $f) desks(filter: $f) pair(of: { left: $f, right: $f }) }',
    { as: me, variables: { f: { name: 'n' } } },
  );
  const [mine, web] = ['a', 'web'].map((tenant) => ({ tenant, name: 'n' }));
  expect(Object.fromEntries(given)).toEqual({
    rooms: { filter: mine },
    desks: { filter: web },
    pair: { of: { left: web, right: mine } },
  });
});

describe('a caller', () => {
  const tries: { name: string; query: string; variables?: object }[] = [
    { name: 'writes it', query: 'mutation { hire(input: { name: "x", tenant: "b" }) { id } }' },
    {
      name: 'sends it',
      query: 'mutation ($in: Hire!) { hire(input: $in) { id } }',
      variables: { in: { name: 'x', tenant: 'b' } },
    },
    {
      name: 'sends it deep down',
      query: 'query ($b: By) { found(by: $b) { id } }',
      variables: { b: { filter: { tenant: 'b' } } },
    },
    { name: 'writes it in a filter', query: '{ staff(filter: { tenant: "b" }) { id } }' },
  ];
  it.each(tries)('who $name is told that there is no such field', async ({ query, variables }) => {
    const { body, text } = await gateway.query(query, {
      as: me,
      ...(variables && { variables: { ...variables } }),
    });
    expect(body.data).toBeUndefined();
    expect(['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']).toContain(
      body.errors?.[0]?.extensions.code,
    );
    expect(text).not.toContain('did you mean');
    expect(given).toEqual([]);
  });

  it('who names variables of ours gives nothing by them', async () => {
    const variables = { fg_pin0: { name: 'y', tenant: 'b' }, fg_pin1: 'b', in: { name: 'x' } };
    const query = 'mutation ($in: Hire!) { hire(input: $in) { id } }';
    await gateway.query(query, { as: me, variables });
    const own = 'mutation ($fg_pin0: Hire!) { hire(input: $fg_pin0) { id } }';
    await gateway.query(own, { as: me, variables: { fg_pin0: { name: 'x' }, _fg_pin1: 'b' } });
    const wanted = { input: { name: 'x', tenant: 'a', source: 'web' } };
    expect(given.map(([, args]) => args)).toEqual([wanted, wanted]);
  });

  it('without the claim, or with one that does not fit, is refused before anything is asked', async () => {
    const query = 'mutation { hire(input: { name: "x" }) { id } }';
    for (const claims of [
      {},
      { app: 'web' },
      { tenant: '', app: 'web' },
      { tenant: ['a'], app: 'web' },
    ]) {
      expect((await gateway.query(query, { as: { claims } })).status).toBe(403);
      const read = await gateway.query('{ staff { id } }', { as: { claims } });
      expect(read.body.data).toEqual({ staff: null });
    }
    expect(gateway.requests).toEqual([]);
  });

  it('sees no such field', () => {
    const type = gateway.publicSchema.getType('Hire');
    expect(type && 'getFields' in type && Object.keys(type.getFields())).toEqual(['name', 'tags']);
  });
});

describe('a write that an object decides', () => {
  it('is judged by what the caller gives, beside what is put into it', async () => {
    const mine = new Set(['1', '9007199254740993']);
    const owned = await testGateway({
      upstreams: {
        hr: played(
          sdl.replace('found(by: By): Staff', 'found(by: By): Staff one(id: ID!): Staff'),
          {
            ...root,
            one: ({ id }: { id: string }) => ({ id, name: mine.has(id) ? 'mine' : 'theirs' }),
          },
        ),
      },
      rules: `${rules}
  - { name: own, fields: { Mutation: [move] }, object: "Query.one(id: args.input.id)", require: { when: object.name == "mine" } }
`.replace('Query: ["*"]', 'Query: [staff, found]'),
    });
    const literal = (id: string) => `mutation { move(input: { id: "${id}", to: {} }) { id } }`;
    const variable = 'mutation ($in: Move!) { move(input: $in) { id } }';
    const sent = (id: string) => ({ as: me, variables: { in: { id, to: {} } } });
    const byDefault = (id: string) =>
      `mutation ($in: Move! = { id: ${id}, to: {} }) { move(input: $in) { id } }`;
    expect((await owned.query(literal('2'), { as: me })).body.data).toEqual({ move: null });
    expect((await owned.query(variable, sent('2'))).body.data).toEqual({ move: null });
    expect((await owned.query(byDefault('2'), { as: me })).body.data).toEqual({ move: null });
    expect(given).toEqual([]);
    await owned.query(byDefault('9007199254740993'), { as: me });
    expect(given.splice(0).map(([, args]) => args)).toEqual([
      { input: { id: '9007199254740993', to: { tenant: 'a' } } },
    ]);
    await owned.query(literal('1'), { as: me });
    await owned.query(variable, sent('1'));
    expect(given.map(([, args]) => args)).toEqual([
      { input: { id: '1', to: { tenant: 'a' } } },
      { input: { id: '1', to: { tenant: 'a' } } },
    ]);
  });
});

describe('a REST upstream', () => {
  const bodies: unknown[] = [];
  const staff = {
    openapi: '3.1.0',
    info: { title: 'Staff', version: '1' },
    paths: {
      '/staff': {
        get: { responses: { 200: { description: 'ok' } } },
        post: {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['tenant-id', 'name'],
                  properties: { 'tenant-id': { type: 'string' }, name: { type: 'string' } },
                },
              },
            },
          },
          responses: {
            200: {
              description: 'ok',
              content: {
                'application/json': {
                  schema: { type: 'object', properties: { id: { type: 'string' } } },
                },
              },
            },
          },
        },
      },
    },
  };

  it('is given it in the body, under its own name', async () => {
    const rest = await testGateway({
      upstreams,
      rest: {
        staff: {
          document: staff,
          operations: { 'Query.none': 'GET /staff', 'Mutation.addStaff': 'POST /staff' },
          answer: ({ body }) => {
            bodies.push(JSON.parse(body ?? '{}'));
            return { status: 200, body: '{"id":"1"}' };
          },
        },
      },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [staff], Staff: [id], Mutation: [addStaff], AddStaffInput: [name], AddStaffResponse: [id] }, allow: authenticated }
  - { name: p, pin: { "Mutation.addStaff(input.tenantId:)": claims.tenant } }
`,
    });
    const literal = 'mutation { addStaff(input: { name: "x" }) { id } }';
    const variable = 'mutation ($in: AddStaffInput!) { addStaff(input: $in) { id } }';
    const answers = [
      await rest.query(literal, { as: me }),
      await rest.query(variable, { as: other, variables: { in: { name: 'y' } } }),
    ];
    expect(answers.map(({ body }) => body.errors)).toEqual([undefined, undefined]);
    expect(bodies).toEqual([
      { name: 'x', 'tenant-id': 'a' },
      { name: 'y', 'tenant-id': 'b' },
    ]);
  });
});

describe.each(['compiled', 'reference'] as const)('the second lock of the %s engine', (engine) => {
  const allowEverything: Decide = (policy) => {
    const rule = policy.grants[0]?.rule;
    if (rule === undefined) throw new Error(`no rule lists ${policy.coordinate}`);
    return { kind: 'allow', rule };
  };

  it('lets nothing through that has no claim, or not this one', async () => {
    const open = await testGateway({
      upstreams,
      rules,
      anonymous: 'refuse',
      engine,
      decide: allowEverything,
    });
    const query = 'mutation { hire(input: { name: "x" }) { id } }';
    const { status } = await open.query(query, { as: { claims: { app: 'web' } } });
    expect(status).toBe(500);
    expect(given).toEqual([]);
    await open.query(query, { as: me });
    expect(given).toHaveLength(1);
  });
});

describe('what cannot always be given refuses to start', () => {
  const opened = (pin: string, more = '') =>
    testGateway({
      upstreams: {
        hr: played(
          `${sdl.replace('hire(input: Hire!)', `hire(input: Hire!, list: [Hire], maybe: Hire, said: Hire = { tenant: "t", name: "n" }, one: One)`)}
           input One @oneOf { tenant: ID, name: String }`,
          root,
        ),
      },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Staff: ["*"], Mutation: [hire] }, allow: authenticated }
  - { name: p, pin: { "${pin}": claims.tenant } }
${more}`,
    }).then(
      () => 'it starts',
      (error: unknown) => String(error),
    );
  const cases = [
    { pin: 'Mutation.hire(input.tenent:)', wanted: 'no Hire.tenent (did you mean Hire.tenant?)' },
    { pin: 'Mutation.hire(input.name.x:)', wanted: 'String! is no input object' },
    { pin: 'Mutation.hire(list.tenant:)', wanted: '[Hire] is no input object' },
    {
      pin: 'Mutation.hire(maybe.tenant:)',
      wanted: 'maybe may be left out, and Hire.name is required',
    },
    { pin: 'Mutation.hire(said.tenant:)', wanted: 'said has a default' },
    { pin: 'Mutation.hire(one.tenant:)', wanted: 'of One one field alone' },
    {
      pin: 'Mutation.hire(input.tenant:)',
      wanted: 'can be given at Mutation.hire(list.tenant:) too: pin it there as well',
    },
    {
      pin: 'Query.staff(filter.tenant:)',
      wanted: 'can be given at Query.found(by.filter.tenant:) too',
    },
  ];
  it.each(cases)('$pin', async ({ pin, wanted }) => {
    expect(await opened(pin)).toContain(wanted);
  });

  it('beside a rule that allows it, or a condition that looks at it', async () => {
    const allows = '  - { name: q, fields: { Place: [tenant] }, allow: everyone }';
    expect(await opened('Mutation.move(input.to.tenant:)', allows)).toContain(
      'is pinned, so nobody',
    );
    const looks =
      '  - { name: q, fields: { Mutation: [move] }, allow: { when: args.input.to.tenant == claims.x } }';
    expect(await opened('Mutation.move(input.to.tenant:)', looks)).toContain(
      'is pinned: look at claims.tenant',
    );
  });

  const startsWith = (types: string, pin: string) =>
    testGateway({
      upstreams: { hr: played(`type Query { a: Int } ${types}`, {}) },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [a] }, allow: everyone }
  - { name: p, pin: { "${pin}": claims.tenant } }
`,
    }).then(
      () => 'it starts',
      (error: unknown) => String(error),
    );

  it('where an object holds one of its own type, and that the field further down', async () => {
    const types = `
      type Mutation { move(input: Step): Boolean }
      input Step { to: Place desk: String next: Step }
      input Place { tenant: ID desk: String }`;
    expect(await startsWith(types, 'Mutation.move(input.to.tenant:)')).toContain(
      'can be given at Mutation.move(input.next.to.tenant:) too: pin it there as well',
    );
  });

  it('in good time, however many types hold each other', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `T${index}`);
    const all = names.map((name) => `${name.toLowerCase()}: ${name}`).join(' ');
    const types = `
      type Mutation { move(to: Place): Boolean tangle(input: T0): Boolean }
      input Place { tenant: ID desk: String }
      ${names.map((name) => `input ${name} { ${all} }`).join('\n')}`;
    expect(await startsWith(types, 'Mutation.move(to.tenant:)')).toBe('it starts');
    const reached = types.replace('input T9 {', 'input T9 { place: Place');
    expect(await startsWith(reached, 'Mutation.move(to.tenant:)')).toContain(
      'can be given at Mutation.tangle(input.t9.place.tenant:) too',
    );
  });
});

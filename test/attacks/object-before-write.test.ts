/**
 * Rules that look at the object before a write: everything by which a write could be judged by
 * another object than the one it changes, or by one that is not so any more.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    staff(id: ID!): Staff
    number(id: Int!): Staff
    staffOf(ids: [ID!]!): [Staff]!
    account(id: ID!): Account
  }
  type Mutation {
    rename(id: ID!, name: String): Staff
    promote(id: ID = "1", boss: ID): Staff
    retire(ids: [ID]): Int!
    change(input: Change): Staff
    pay(from: ID!, to: ID!): Boolean
    renumber(id: Int!): Boolean
    hire(name: String!, tenant: ID): Staff
    ping: Boolean
  }
  input Change { id: ID, name: String, other: ID }
  type Staff { id: ID! name: String boss: ID tenant: ID secret: String }
  type Account { id: ID! owner: ID }
`;

interface Person {
  id: string;
  name: string;
  boss: string | null;
  tenant: string;
  secret: string;
}
const person = (id: string, boss: string | null, tenant = 'a'): Person => ({
  id,
  name: `name-${id}`,
  boss,
  tenant,
  secret: `secret-${id}`,
});

const reads = {
  rename: 'Query.staff(id: args.id)',
  retire: 'Query.staffOf(ids: args.ids)',
  change: 'Query.staff(id: args.input.id)',
};
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [staff, staffOf, account], Staff: [id, name], Change: [id, name, other], Mutation: [ping] }, allow: everyone }
  - name: own-reports
    fields: { Mutation: [rename, promote] }
    object: "${reads.rename}"
    allow: { any: [{ scopes: [hr] }, { when: object.boss == claims.sub }] }
  - { name: retire, fields: { Mutation: [retire] }, object: "${reads.retire}", allow: { when: object.boss == claims.sub } }
  - { name: change, fields: { Mutation: [change] }, object: "${reads.change}", allow: { when: object.boss == claims.sub } }
  - { name: pay, fields: { Mutation: [pay] }, allow: everyone }
  - { name: pay-from, fields: { Mutation: [pay] }, object: "Query.account(id: args.from)", require: { when: object.owner == claims.sub } }
  - { name: pay-to, fields: { Mutation: [pay] }, object: "Query.account(id: args.to)", require: { when: object.owner != 'nobody' } }
  - { name: renumber, fields: { Mutation: [renumber] }, object: "Query.number(id: args.id)", allow: { when: object.boss == claims.sub } }
`;

/** @param lie changes what the upstream answers, as text */
async function open(
  about: {
    rules?: string;
    lie?: (text: string, query: string) => string;
    people?: Person[];
    batch?: number;
  } = {},
) {
  const people = about.people ?? [person('1', 'me'), person('2', 'me'), person('3', 'other')];
  const find = (id: string | number) => people.find((one) => one.id === String(id));
  const written: string[] = [];
  const change = (id: string | undefined, about: Partial<Person>) => {
    const found = find(id ?? '');
    written.push(`${id} ${JSON.stringify(about)}`);
    return found && Object.assign(found, about);
  };
  const hr = played(
    sdl,
    {
      staff: ({ id }: { id: string }) => find(id),
      number: ({ id }: { id: number }) => find(id),
      staffOf: ({ ids }: { ids: string[] }) => ids.map((id) => find(id) ?? null),
      account: ({ id }: { id: string }) => ({ id, owner: id.startsWith('my') ? 'me' : 'nobody' }),
      rename: ({ id, name }: { id: string; name: string }) => change(id, { name }),
      promote: ({ id, boss }: { id: string; boss: string }) => change(id, { boss }),
      retire: ({ ids }: { ids: string[] }) => ids.filter((id) => change(id, {})).length,
      change: ({ input }: { input: Partial<Person> }) => change(input.id, input),
      pay: ({ from, to }: { from: string; to: string }) => written.push(`${from} to ${to}`) > 0,
      renumber: ({ id }: { id: number }) => change(String(id), {}) !== undefined,
      hire: ({ tenant }: { tenant: string }) => written.push('hire') && person('9', 'me', tenant),
      ping: () => true,
    },
    { lenient: true },
  );
  const gateway = await testGateway({
    upstreams: {
      hr: {
        ...hr,
        answer: async (request) => {
          const text = JSON.stringify(await hr.answer(request));
          return JSON.parse(about.lie?.(text, request.query) ?? text);
        },
      },
    },
    rules: about.rules ?? rules,
    ...(about.batch !== undefined && { batch: about.batch }),
  });
  return { gateway, written, people };
}

const me = { subject: 'me' };
const codes = (errors: { path?: unknown; extensions: { code: string } }[] | undefined) =>
  errors?.map(({ path, extensions }) => [path, extensions.code]);

describe('a write that the object decides', () => {
  it('is done where the object grants it, after one read of what the rule looks at alone', async () => {
    const { gateway, written } = await open();
    const { body } = await gateway.query('mutation { rename(id: "1", name: "x") { id name } }', {
      as: me,
    });
    expect(body).toEqual({ data: { rename: { id: '1', name: 'x' } } });
    expect(written).toEqual(['1 {"name":"x"}']);
    expect(gateway.requests).toHaveLength(2);
    const [read, write] = gateway.requests;
    expect(read?.query).toMatch(/^query/);
    expect(read?.query).toContain('boss');
    expect(read?.query).not.toMatch(/name|secret|tenant/);
    expect(write?.query).toMatch(/^mutation/);
    expect(write?.query).not.toContain('boss');
  });

  it('is refused in its place where it does not, and nothing of it is sent', async () => {
    const { gateway, written } = await open();
    const { body, text, status } = await gateway.query(
      'mutation { ping mine: rename(id: "3", name: "x") { id name } }',
      { as: me },
    );
    expect(status).toBe(200);
    expect(body.data).toEqual({ ping: true, mine: null });
    expect(codes(body.errors)).toEqual([[['mine'], 'FORBIDDEN']]);
    expect(text).not.toContain('other');
    expect(written).toEqual([]);
    const [record] = gateway.records;
    expect(record?.verdicts?.denied).toEqual(['Mutation.rename']);
    expect(record?.denials.map(({ coordinate, rule }) => [coordinate, rule])).toEqual([
      ['Mutation.rename', 'own-reports'],
    ]);
    expect(record?.upstreamCallCount).toBe(2);
  });

  it('answers fields that objects decide by what it has written', async () => {
    const { gateway } = await open({
      rules: `${rules}
  - { name: secrets, fields: { Staff: [secret] }, allow: { when: object.boss == claims.sub } }
`,
    });
    for (const [as, secret] of [
      [{ subject: 'other' }, 'secret-3'],
      [me, null],
    ] as const) {
      const query = 'mutation { rename(id: "3", name: "x") { secret } }';
      const { body } = await gateway.query(query, { as: { ...as, scopes: ['hr'] } });
      expect(body.data).toEqual({ rename: { secret } });
      expect(gateway.requests.splice(0)).toHaveLength(1);
    }
  });

  it('is not read for whom it does not decide', async () => {
    const { gateway, written } = await open();
    const hr = { scopes: ['hr'] };
    await gateway.query('mutation { rename(id: "3", name: "x") { id } }', { as: hr });
    expect(written).toHaveLength(1);
    expect(gateway.requests).toHaveLength(1);
    const lost = await gateway.query('mutation { rename(id: "3", name: "y") { id } }', { as: {} });
    // Nobody's boss is the boss of whom no token names.
    expect(codes(lost.body.errors)).toEqual([[['rename'], 'FORBIDDEN']]);
    expect(written).toHaveLength(1);
  });
});

describe('the object that is read', () => {
  const refused = [
    { name: 'is not there', query: 'mutation { w: rename(id: "7", name: "x") { id } }' },
    { name: 'has nothing to compare', query: 'mutation { w: rename(id: "4", name: "x") { id } }' },
    { name: 'is named by nothing', query: 'mutation { w: change(input: { name: "x" }) { id } }' },
    { name: 'is named by null', query: 'mutation { w: change(input: null) { id } }' },
    { name: 'is named by no argument', query: 'mutation { w: change { id } }' },
    { name: 'is named by empty text', query: 'mutation { w: rename(id: "", name: "x") { id } }' },
    { name: 'is null inside', query: 'mutation { w: change(input: { id: null }) { id } }' },
    { name: 'is no object of an empty list', query: 'mutation { w: retire(ids: []) }' },
    { name: 'is null', query: 'mutation { w: retire(ids: null) }' },
    { name: 'is of nobody in a list', query: 'mutation { w: retire(ids: ["1", null]) }' },
    { name: 'is not there in a list', query: 'mutation { w: retire(ids: ["1", "7"]) }' },
    { name: 'is another in a list', query: 'mutation { w: retire(ids: ["1", "3"]) }' },
  ];
  it.each(refused)('refuses where it $name', async ({ query }) => {
    const { gateway, written } = await open({
      people: [person('1', 'me'), person('3', 'other'), person('4', null)],
    });
    const { body } = await gateway.query(query, { as: me });
    expect(body.data).toEqual({ w: null });
    expect(codes(body.errors)).toEqual([[['w'], 'FORBIDDEN']]);
    expect(written).toEqual([]);
    expect(gateway.records[0]?.faults).toEqual([]);
  });

  const spellings: { name: string; query: string; variables?: object; sent: string }[] = [
    {
      name: 'a number',
      query: 'mutation { rename(id: 1, name: "x") { id } }',
      sent: '1 {"name":"x"}',
    },
    {
      name: 'a variable that is a number',
      query: 'mutation ($id: ID!) { rename(id: $id, name: "x") { id } }',
      variables: { id: 1 },
      sent: '1 {"name":"x"}',
    },
    {
      name: "the operation's default",
      query: 'mutation ($id: ID! = "1") { rename(id: $id, name: "x") { id } }',
      sent: '1 {"name":"x"}',
    },
    {
      name: "the schema's default",
      query: 'mutation { promote(boss: "9") { id } }',
      sent: '1 {"boss":"9"}',
    },
    {
      name: "the schema's default behind a variable that is not sent",
      query: 'mutation ($id: ID) { promote(id: $id, boss: "9") { id } }',
      sent: '1 {"boss":"9"}',
    },
    { name: 'a list of one', query: 'mutation { retire(ids: 1) }', sent: '1 {}' },
    { name: 'one twice', query: 'mutation { retire(ids: ["1"]) }', sent: '1 {}' },
    {
      name: 'inside a variable',
      query: 'mutation ($in: Change) { change(input: $in) { id } }',
      variables: { in: { id: 1, name: 'x' } },
      sent: '1 {"id":"1","name":"x"}',
    },
    { name: 'a whole number', query: 'mutation { renumber(id: 1) }', sent: '1 {}' },
  ];
  it.each(spellings)('is the one that is written: $name', async ({ query, variables, sent }) => {
    const { gateway, written } = await open();
    const { body } = await gateway.query(query, {
      as: me,
      ...(variables && { variables: { ...variables } }),
    });
    expect(body.errors).toBeUndefined();
    expect(written).toEqual([sent]);
    const [read] = gateway.requests;
    expect(
      Object.values(read?.variables ?? {})
        .flat()
        .map(String),
    ).toEqual(['1']);
  });

  it('is not the one of another argument', async () => {
    const { gateway, written } = await open();
    const query = 'mutation ($from: ID!, $to: ID!) { pay(from: $from, to: $to) }';
    const ask = async (from: string, to: string) => {
      const { body } = await gateway.query(query, { as: me, variables: { from, to } });
      return body.data?.pay;
    };
    expect(await ask('theirs', 'mine')).toBeNull();
    expect(await ask('mine', 'theirs')).toBeNull();
    expect(written).toEqual([]);
    expect(await ask('my-1', 'my-2')).toBe(true);
    expect(written).toEqual(['my-1 to my-2']);
    const [, second] = gateway.requests.slice(-3);
    expect(second?.query).toMatch(/^query/);
  });
});

describe('an upstream that answers the read wrongly', () => {
  const lies: { name: string; lie: (text: string) => string }[] = [
    { name: 'with another id', lie: (text) => text.replace('"fgw_id":"1"', '"fgw_id":"2"') },
    { name: 'without an id', lie: (text) => text.replace(',"fgw_id":"1"', '') },
    { name: 'with a rounded id', lie: (text) => text.replace('"fgw_id":"1"', '"fgw_id":1e300') },
    { name: 'with a list', lie: (text) => text.replace(/(\{"fgw_boss[^}]*\})/, '[$1]') },
    {
      name: 'with another type',
      lie: (text) => text.replace('"fgw_boss":"me"', '"fgw_boss":["me"]'),
    },
    { name: 'with null', lie: (text) => text.replace(/\{"fgw_boss[^}]*\}/, 'null') },
    {
      name: 'with a field under its own name',
      lie: (text) => text.replace('"fgw_boss"', '"boss"'),
    },
    {
      name: 'with an error beside it',
      lie: (text) => text.replace(/\}$/, ',"errors":[{"message":"secret","path":["fgw_staff"]}]}'),
    },
    {
      name: 'with an error at what is looked at',
      lie: (text) =>
        text.replace(/\}$/, ',"errors":[{"message":"secret","path":["fgw_staff","fgw_boss"]}]}'),
    },
    { name: 'with no answer', lie: () => '{"errors":[{"message":"secret"}]}' },
    { name: 'with something else', lie: () => '[]' },
  ];
  it.each(lies)('has nothing written: $name', async ({ lie }) => {
    const { gateway, written } = await open({
      lie: (text, query) => (query.startsWith('query') ? lie(text) : text),
    });
    const { body, text } = await gateway.query(
      'mutation { w: rename(id: "1", name: "x") { id } ping }',
      { as: me },
    );
    expect(body.data).toEqual({ w: null, ping: true });
    expect(codes(body.errors)).toEqual([[['w'], 'FORBIDDEN']]);
    expect(text).not.toContain('secret');
    expect(written).toEqual([]);
    expect(gateway.records[0]?.faults).toEqual([]);
  });

  const row = /\{"fgw_boss[^}]*\}/;
  const listLies: { name: string; lie: (text: string) => string; writes?: string[] }[] = [
    { name: 'control: with both', lie: (text) => text, writes: ['1 {}', '2 {}'] },
    { name: 'with one of two', lie: (text) => text.replace(/,\{"fgw_boss[^}]*\}/, '') },
    { name: 'with one twice', lie: (text) => text.replace('"fgw_id":"2"', '"fgw_id":"1"') },
    { name: 'with none', lie: (text) => text.replace(/\[.*\]/, '[]') },
    { name: 'with an object', lie: (text) => text.replace(/\[.*\]/, row.exec(text)?.[0] ?? '') },
    {
      name: 'with one more',
      lie: (text) => text.replace(row, '$&,{"fgw_boss":"me","fgw_id":"5"}'),
    },
  ];
  it.each(listLies)('has nothing of a list written: $name', async ({ lie, writes = [] }) => {
    const { gateway, written } = await open({
      lie: (text, query) => (query.startsWith('query') ? lie(text) : text),
    });
    const { body } = await gateway.query('mutation { w: retire(ids: ["1", "2"]) }', { as: me });
    expect(written).toEqual(writes);
    expect(body.data).toEqual({ w: writes.length === 0 ? null : 2 });
    expect(gateway.records[0]?.faults).toEqual([]);
  });

  it('is a failure in the record, and a refusal to the caller', async () => {
    const { gateway } = await open({
      lie: (text, query) => (query.startsWith('query') ? '{"errors":[{"message":"x"}]}' : text),
    });
    const { body } = await gateway.query('mutation { rename(id: "1", name: "x") { id } }', {
      as: me,
    });
    expect(codes(body.errors)).toEqual([[['rename'], 'FORBIDDEN']]);
    expect(gateway.records[0]?.upstreamFailures).toBe(1);
    expect(gateway.records[0]?.failures?.[0]).toMatch(/^upstream hr: /);
  });

  it('sends more than was asked for, which goes nowhere', async () => {
    const { gateway } = await open({
      lie: (text, query) =>
        query.startsWith('query') ? text.replace('"fgw_id"', '"secret":"s3","fgw_id"') : text,
    });
    const { text, body } = await gateway.query('mutation { rename(id: "1") { id } }', { as: me });
    expect(body.errors).toBeUndefined();
    expect(text).not.toContain('s3');
    expect(gateway.records[0]?.delivered).toEqual([]);
  });
});

describe('several writes', () => {
  it('are each judged by what the one before has left', async () => {
    const { gateway, written } = await open();
    const { body } = await gateway.query(
      `mutation {
        a: promote(id: "1", boss: "else") { id }
        b: rename(id: "1", name: "late") { id }
        c: rename(id: "2", name: "x") { id }
      }`,
      { as: me },
    );
    expect(body.data).toEqual({ a: { id: '1' }, b: null, c: { id: '2' } });
    expect(codes(body.errors)).toEqual([[['b'], 'FORBIDDEN']]);
    expect(written).toEqual(['1 {"boss":"else"}', '2 {"name":"x"}']);
    expect(gateway.requests.map(({ query }) => query.slice(0, 5))).toEqual([
      'query',
      'mutat',
      'query',
      'query',
      'mutat',
    ]);
  });

  it('are each judged by what the one before has made possible', async () => {
    const { gateway, written } = await open({
      rules: `${rules}  - { name: hr, fields: { Mutation: ["promote(boss:)"] }, allow: everyone }\n`,
      people: [person('1', 'me')],
    });
    const { body } = await gateway.query(
      'mutation { a: promote(boss: "you") { id } b: promote(boss: "me") { id } }',
      { as: me },
    );
    expect(body.data).toEqual({ a: { id: '1' }, b: null });
    expect(written).toHaveLength(1);
  });

  it('have no name by which one could take the decision of another', async () => {
    const { gateway, written } = await open();
    const { body } = await gateway.query(
      `mutation ($skip: Boolean! = true) {
        fgw_staff: rename(id: "3", name: "a") { id }
        ...Mine
        rename(id: "1", name: "c") { __typename fgw_boss: id }
        promote: rename(id: "3", name: "d") @skip(if: $skip) { id }
      }
      fragment Mine on Mutation { change: rename(id: "2", name: "b") { id } }`,
      { as: me },
    );
    expect(body.data).toEqual({
      fgw_staff: null,
      change: { id: '2' },
      rename: { __typename: 'Staff', fgw_boss: '1' },
    });
    expect(codes(body.errors)).toEqual([[['fgw_staff'], 'FORBIDDEN']]);
    expect(written).toEqual(['2 {"name":"b"}', '1 {"name":"c"}']);
  });

  it('of a list of operations are each judged', async () => {
    const { gateway, written } = await open({ batch: 3 });
    const operation = (id: string) => ({ query: `mutation { rename(id: "${id}") { id } }` });
    const body = JSON.stringify([operation('1'), operation('3'), operation('2')]);
    const token = await gateway.tokenOf(me);
    const sent = await gateway.send({
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: (async function* () {
        yield Buffer.from(body);
      })(),
    });
    const answers = JSON.parse(sent.text) as { data: { rename: unknown } }[];
    expect(answers.map(({ data }) => data.rename)).toEqual([{ id: '1' }, null, { id: '2' }]);
    expect(written.map((one) => one[0])).toEqual(['1', '2']);
  });

  it('read anew each time, for the same caller and the same arguments', async () => {
    const { gateway, written, people } = await open();
    const query = 'mutation { rename(id: "1", name: "x") { id } }';
    await gateway.query(query, { as: me });
    await gateway.query(query, { as: me });
    const [first] = people;
    if (first) first.boss = 'else';
    const { body } = await gateway.query(query, { as: me });
    expect(body.data).toEqual({ rename: null });
    expect(written).toHaveLength(2);
    const query2 = 'mutation { a: rename(id: "2") { id } b: rename(id: "2") { id } }';
    gateway.requests.length = 0;
    await gateway.query(query2, { as: me });
    expect(gateway.requests.filter((one) => one.query.startsWith('query'))).toHaveLength(2);
  });
});

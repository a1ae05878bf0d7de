/** What operations are charged, through the whole gateway: occurrences, requests, arguments. */
import { GraphQLInputObjectType } from 'graphql';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { played } from '../attacks/obvious.ts';
import { type QueryOptions, testGateway } from '../support/gateway.ts';
import { startRedis, until } from '../support/redis.ts';
import { memoryStore, redisStore } from './charges.ts';
import { recordingStore } from './recording-store.ts';

const sdl = /* GraphQL */ `
  type Query { me: Person node: Node anyone: Any people: [Person] free: Int secret: String }
  type Mutation { login(email: String = "no@x.test", code: Int): Boolean, signIn(input: In!): Boolean }
  input In { email: String, inner: [In] }
  interface Node { id: ID }
  union Any = Person | Bot
  type Person implements Node { id: ID name(as: String): String friend: Person near: Node }
  type Bot implements Node { id: ID name(as: String): String owner: Person }
`;
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me, node, anyone, people, free], Mutation: ["*"], Node: [id], Person: ["*"], Bot: ["*"], In: [email, inner] }, allow: everyone }
  - { name: secret, fields: { Query: [secret] }, allow: { scopes: [secret] } }
`;
const rate = (text: string): string =>
  `version: 1\nrates: [{ limit: 1000, window: 1m, ${text} }]\n`;
const names = 'fields: { Person: [name], Bot: [name] }';

const store = recordingStore();
beforeEach(() => {
  store.charges.length = 0;
});

const upstreams = {
  u: played(sdl, { me: { id: 1 }, login: true, signIn: true, people: [{ id: 1 }, { id: 2 }] }),
};
async function gatewayOf(rates: string) {
  return testGateway({ upstreams, rules, rates, store });
}

type Case = {
  name: string;
  query: string;
  about?: QueryOptions;
  expect: number[];
};

async function charged(rates: string, { query, about = {} }: Pick<Case, 'query' | 'about'>) {
  const gateway = await gatewayOf(rates);
  const { status } = await gateway.query(query, about);
  expect([200, 403]).toContain(status);
  return store.charges.map(({ amount }) => amount);
}

describe('occurrences', () => {
  const friend = (levels: number): string =>
    levels === 0 ? '{ name }' : `{ name friend ${friend(levels - 1)} }`;
  const cases: Case[] = [
    { name: 'none', query: '{ free }', expect: [] },
    { name: 'one', query: '{ me { name } }', expect: [1] },
    { name: 'the same twice is once', query: '{ me { name name } me { name } }', expect: [1] },
    { name: 'aliases', query: '{ me { a: name b: name name } }', expect: [3] },
    { name: 'aliases above', query: '{ a: me { name } b: me { name } }', expect: [2] },
    { name: 'nested', query: `{ me ${friend(4)} }`, expect: [5] },
    {
      name: 'a fragment, as often as it is spread',
      query: 'fragment F on Person { name } { a: me { ...F } b: me { ...F } c: me { ...F ...F } }',
      expect: [3],
    },
    {
      name: 'a fragment of fragments',
      query: `fragment F on Person { a: name b: name }
        fragment G on Person { ...F friend { ...F } } { x: me { ...G } y: me { ...G } }`,
      expect: [8],
    },
    {
      name: '@include(if: false) and @skip',
      query: '{ me { name @include(if: false) b: name @skip(if: true) c: name @skip(if: false) } }',
      expect: [1],
    },
    {
      name: '@include by variable',
      query: 'query ($on: Boolean!) { me { a: name @include(if: $on) b: name @skip(if: $on) id } }',
      about: { variables: { on: true } },
      expect: [1],
    },
    {
      name: 'other operations of the document',
      query: 'query A { me { name } } query B { me { a: name b: name } }',
      about: { operationName: 'A' },
      expect: [1],
    },
    { name: 'a selection on the type', query: '{ node { ... on Person { name } } }', expect: [1] },
    {
      name: 'behind an interface, the dearest type',
      query: '{ node { ... on Person { a: name b: name } ... on Bot { name } } }',
      expect: [2],
    },
    {
      name: 'behind a union, what the other type has below it',
      query:
        '{ anyone { ... on Person { name } ... on Bot { owner { a: name b: name c: name } } } }',
      expect: [3],
    },
    {
      name: 'an interface in a list',
      query: '{ people { near { ... on Bot { name } } } }',
      expect: [1],
    },
  ];
  test.each(cases)('$name', async ({ expect: wanted, ...given }) => {
    expect(await charged(rate(`name: a, per: address, ${names}`), given)).toEqual(wanted);
  });

  test('of an interface field count at its implementations', async () => {
    const rates = rate('name: a, per: address, fields: { Node: [id] }');
    expect(await charged(rates, { query: '{ node { id } me { id } }' })).toEqual([2]);
  });

  test('do not count what authorisation took out', async () => {
    const rates = rate('name: a, per: address, fields: { Query: [secret] }');
    const query = '{ secret free }';
    expect(await charged(rates, { query })).toEqual([]);
    expect(await charged(rates, { query, about: { as: { scopes: ['secret'] } } })).toEqual([1]);
  });
});

describe('requests', () => {
  const cases: Case[] = [
    {
      name: 'one, however often it occurs',
      query: '{ a: me { name } b: me { name } }',
      expect: [1],
    },
    { name: 'none where it does not occur', query: '{ free }', expect: [] },
  ];
  test.each(cases)('that touch fields: $name', async ({ expect: wanted, ...given }) => {
    const rates = rate(`name: a, per: address, counts: requests, ${names}`);
    expect(await charged(rates, given)).toEqual(wanted);
  });

  const whole: Case[] = [
    { name: 'per address, before anybody is known', query: '{ free }', expect: [1] },
    { name: 'also where the document is wrong', query: '{', expect: [1] },
    { name: 'once with aliases', query: '{ a: free b: free }', expect: [1] },
    { name: 'introspection as well', query: '{ __typename }', expect: [1] },
  ];
  test.each(whole)('$name', async ({ expect: wanted, ...given }) => {
    expect(await charged(rate('name: a, per: address'), given)).toEqual(wanted);
  });

  test('per caller only once the caller is known and the document is good', async () => {
    const rates = rate('name: a, per: caller');
    expect(await charged(rates, { query: '{' })).toEqual([]);
    expect(await charged(rates, { query: '{ free }' })).toEqual([1]);
  });
});

describe('`for`', () => {
  const cases: { name: string; given: string; as?: object; expect: number[] }[] = [
    {
      name: 'a scope the caller has',
      given: '{ scopes: [p] }',
      as: { scopes: ['p'] },
      expect: [1],
    },
    { name: 'a scope the caller has not', given: '{ scopes: [p] }', as: {}, expect: [] },
    {
      name: 'a claim',
      given: '{ claims: { tier: [free] } }',
      as: { claims: { tier: 'free' } },
      expect: [1],
    },
    { name: 'the authenticated, for a stranger', given: 'authenticated', expect: [] },
    { name: 'everyone, for a stranger', given: 'everyone', expect: [1] },
  ];
  test.each(cases)('$name', async ({ given, as, expect: wanted }) => {
    const rates = rate(`name: a, per: address, for: ${given}`);
    const about = as === undefined ? {} : { as };
    expect(await charged(rates, { query: '{ free }', about })).toEqual(wanted);
  });

  test.each(cases)('$name, counted by an argument', async ({ given, as, expect: wanted }) => {
    const rates = rate(`name: a, per: args.email, fields: { Mutation: [login] }, for: ${given}`);
    const about = as === undefined ? {} : { as };
    const query = 'mutation { login(email: "a") }';
    expect(await charged(rates, { query, about })).toEqual(wanted);
  });
});

test.each(['memory', 'Redis'])(
  'a rate that comes into force begins without what it counted in shadow mode, in %s',
  async (kind) => {
    const server = kind === 'Redis' ? await startRedis() : undefined;
    const prefix = `test:${crypto.randomUUID()}:`;
    const counting = server === undefined ? memoryStore() : redisStore(server.url, { prefix });
    const open = (more: string) => {
      const rates = `version: 1\nrates: [{ name: tight, per: address, limit: 1, window: 1h${more} }]\n`;
      return testGateway({ upstreams, rules, rates, store: counting });
    };
    const one = { rate: 'ready', key: 'x', limit: 9, windowMs: 1_000, amount: 0 };
    await until('the store', async () => (await counting.charge([one])).ok === true);
    const shadowed = await open(', shadow: { until: 2999-12-31 }');
    for (let count = 0; count < 2; count += 1) await shadowed.query('{ free }');
    const inForce = await open('');
    const statuses = [await inForce.query('{ free }'), await inForce.query('{ free }')];
    await counting.close();
    await server?.stop();
    expect(statuses.map(({ status }) => status)).toEqual([200, 429]);
  },
);

describe('arguments', () => {
  const byEmail = rate('name: a, per: args.email, fields: { Mutation: [login] }');
  const keysAndAmounts = async (rates: string, query: string, about: QueryOptions = {}) => {
    await charged(rates, { query, about });
    return store.charges.map(({ key, amount }) => `${key.replace(/^argument\d+:/, '')} ${amount}`);
  };
  const cases: (Omit<Case, 'expect'> & { expect: string[] })[] = [
    { name: 'a literal', query: 'mutation { login(email: "A@x.test") }', expect: ['a@x.test 1'] },
    {
      name: 'a variable',
      query: 'mutation ($e: String) { login(email: $e) }',
      about: { variables: { e: 'A@x.test ' } },
      expect: ['a@x.test 1'],
    },
    {
      name: 'the default of a variable',
      query: 'mutation ($e: String = "a@x.test") { login(email: $e) }',
      expect: ['a@x.test 1'],
    },
    { name: 'the default of the argument', query: 'mutation { login }', expect: ['no@x.test 1'] },
    {
      name: 'the default of the argument behind an absent variable',
      query: 'mutation ($e: String) { login(email: $e) }',
      expect: ['no@x.test 1'],
    },
    { name: 'null', query: 'mutation { login(email: null) }', expect: [' 1'] },
    {
      name: 'two spellings together',
      query: 'mutation { a: login(email: "A@x.test") b: login(email: " a@X.test") }',
      expect: ['a@x.test 2'],
    },
    {
      name: 'two identities apart',
      query: 'mutation { a: login(email: "a") b: login(email: "b") c: login(email: "a", code: 1) }',
      expect: ['a 2', 'b 1'],
    },
  ];
  test.each(cases)('$name', async ({ query, about, expect: wanted }) => {
    expect(await keysAndAmounts(byEmail, query, about)).toEqual(wanted);
  });

  test('beside another identity: both together name the bucket', async () => {
    const rates = rate('name: a, per: [args.code, args.email], fields: { Mutation: [login] }');
    const logins = 'a: login(email: "a", code: 1) b: login(email: "b", code: 1)';
    await charged(rates, { query: `mutation { ${logins} c: login(email: "a", code: 1) }` });
    const mixed = rate('name: a, per: [address, args.email], fields: { Mutation: [login] }');
    await charged(mixed, { query: `mutation { ${logins} }` });
    expect(store.charges.map(({ key, amount }) => [key, amount])).toEqual([
      ['argument1:1|argument1:a', 2],
      ['argument1:1|argument1:b', 1],
      [expect.stringMatching(/^address.*\|argument1:a$/), 1],
      [expect.stringMatching(/^address.*\|argument1:b$/), 1],
    ]);
  });

  const input = rate('name: a, per: args.input.email, fields: { Mutation: [signIn] }');
  const inside: (Omit<Case, 'expect'> & { expect: string[] })[] = [
    { name: 'literal', query: 'mutation { signIn(input: { email: "A" }) }', expect: ['a 1'] },
    {
      name: 'a variable for the whole',
      query: 'mutation ($i: In!) { signIn(input: $i) }',
      about: { variables: { i: { email: 'A' } } },
      expect: ['a 1'],
    },
    {
      name: 'a default for the whole',
      query: 'mutation ($i: In! = { email: "A" }) { signIn(input: $i) }',
      expect: ['a 1'],
    },
    {
      name: 'a variable inside',
      query: 'mutation ($e: String = "A") { signIn(input: { email: $e }) }',
      expect: ['a 1'],
    },
    { name: 'absent', query: 'mutation { signIn(input: {}) }', expect: [' 1'] },
  ];
  test.each(inside)('of an input object: $name', async ({ query, about, expect: wanted }) => {
    const gateway = await gatewayOf(input);
    const { status } = await gateway.query(query, about);
    expect(status).toBe(200);
    expect(store.charges.map(({ key, amount }) => `${key.split(':')[1]} ${amount}`)).toEqual(
      wanted,
    );
  });

  test('are made whole once for each use, however many rates look at them', async () => {
    const looksWith = async (count: number) => {
      const one = (at: number) =>
        `{ name: r${at}, limit: 1000, window: 1m, per: args.input.email, fields: { Mutation: [signIn] } }`;
      const rates = Array.from({ length: count }, (_, at) => one(at));
      const gateway = await gatewayOf(`version: 1\nrates: [${rates.join(', ')}]\n`);
      const query =
        'mutation { a: signIn(input: { email: "A" }) b: signIn(input: { email: "B" }) }';
      for (let turn = 0; turn < 3; turn += 1) await gateway.query(query);
      store.charges.length = 0;
      const looks = vi.spyOn(GraphQLInputObjectType.prototype, 'getFields');
      expect((await gateway.query(query)).status).toBe(200);
      const { length } = looks.mock.calls;
      looks.mockRestore();
      expect(store.charges.map(({ key }) => key.split(':')[1]).sort()).toEqual([
        ...'a'.repeat(count),
        ...'b'.repeat(count),
      ]);
      return length;
    };
    const few = await looksWith(1);
    expect(few).toBeGreaterThan(0);
    expect(await looksWith(5)).toBe(few);
  });

  test('behind an interface count once, in the dearest bucket of each identity', async () => {
    const rates = rate(`name: a, per: args.as, ${names}`);
    const same = '{ node { ... on Person { name(as: "x") } ... on Bot { name(as: "x") } } }';
    expect(await keysAndAmounts(rates, same)).toEqual(['x 1']);
    store.charges.length = 0;
    const apart =
      '{ node { ... on Person { name(as: "x") y: name(as: "y") } ... on Bot { name(as: "z") } } }';
    expect((await keysAndAmounts(rates, apart)).sort()).toEqual(['x 1', 'y 1', 'z 1']);
  });
});

describe('a rate refuses to start with', () => {
  const cases: { name: string; given: string; expect: RegExp[] }[] = [
    {
      name: 'a field that is not there',
      given: 'name: a, per: address, fields: { Mutation: [logon] }',
      expect: [/rates\/test\.yaml:2:\d+: .*login/],
    },
    {
      name: 'a class that nothing has',
      given: 'name: a, per: address, class: pay, counts: records',
      expect: [/rates\/test\.yaml:2:\d+: .*"pay"/],
    },
    {
      name: 'an argument that is not there',
      given: 'name: a, per: args.emial, fields: { Mutation: [login] }',
      expect: [/rates\/test\.yaml:2:\d+: .*Mutation\.login.*"email"/],
    },
    {
      name: 'an argument that one of its fields has not',
      given: 'name: a, per: args.email, fields: { Mutation: [login, signIn] }',
      expect: [/Mutation\.signIn/],
    },
    {
      name: 'a path that leads nowhere',
      given: 'name: a, per: args.input.mail, fields: { Mutation: [signIn] }',
      expect: [/In .*"email"/],
    },
    {
      name: 'a path through a list',
      given: 'name: a, per: args.input.inner.email, fields: { Mutation: [signIn] }',
      expect: [/list/],
    },
    {
      name: 'two of them',
      given: 'name: a, per: address, fields: { Mutation: [logon] }, class: pay',
      expect: [/login/, /"pay"/],
    },
  ];
  test.each(cases)('$name', async ({ given, expect: texts }) => {
    const failed: unknown = await gatewayOf(rate(given)).catch((error: unknown) => error);
    if (!(failed instanceof ConfigError)) throw new Error('it started', { cause: failed });
    expect(failed.problems).toHaveLength(texts.length);
    for (const text of texts) expect(failed.message).toMatch(text);
  });
});

/**
 * Guessing passwords: five sign-ins a minute for one e-mail address, however the guesses are
 * spelled or spread. What is refused is refused as a whole, before an upstream hears of it.
 */
import { RedisStore as EnvelopRedisStore, useRateLimiter } from '@envelop/rate-limiter';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { RateStore } from '../../gateway/rates/store.ts';
import { of, redisStore } from '../rates/charges.ts';
import { recordingStore } from '../rates/recording-store.ts';
import { type QueryOptions, type TestGateway, testGateway } from '../support/gateway.ts';
import { type RedisServer, startRedis, until } from '../support/redis.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { door(id: ID): Door doors: [Door] me: ID }
  type Mutation { login(email: String, password: String): Boolean }
  interface Door { id: ID knock(email: String): Boolean }
  type Front implements Door { id: ID knock(email: String): Boolean }
  type Back implements Door { id: ID knock(email: String): Boolean }
`;
let ran = 0;
const run = () => {
  ran += 1;
  return true;
};
const front = { __typename: 'Front', id: 1, knock: run };
const root = { login: run, door: front, doors: [front], me: 1 };
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Mutation: [login], Door: ["*"], Front: ["*"], Back: ["*"] }, allow: everyone }
`;
const rates = `
version: 1
rates:
  - { name: login-email, fields: { Mutation: [login], Door: [knock] }, per: args.email, limit: 5, window: 1m }
  - { name: login-address, fields: { Mutation: [login] }, per: address, limit: 200, window: 1m }
`;
const upstreams = { accounts: played(sdl, root) };
const limits = { aliases: 200, fields: 1_000, rootFields: 200, tokens: 10_000, cost: 100_000 };
const gatewayOn = (store: RateStore) => testGateway({ upstreams, rules, rates, store, limits });

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');
const guess = (at: number): string => `a${at}: login(email: "ada@x.test", password: "${at}")`;
const login = 'mutation ($p: String) { login(email: "ada@x.test", password: $p) }';

beforeEach(() => {
  ran = 0;
});

describe('a control', () => {
  it('without rates, a hundred aliases run', async () => {
    await obvious({ upstreams }).query(`mutation { ${times(100, guess)} }`);
    expect(ran).toBe(100);
  });

  it('with the limiter and its own Redis store, 200 at once all run', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    const someone = crypto.randomUUID();
    const limiter = useRateLimiter({
      identifyFn: () => someone,
      store: new EnvelopRedisStore(client),
      configByField: [
        { type: 'Mutation', field: 'login', max: 5, window: '1m', identityArgs: ['email'] },
      ],
    });
    const naive = obvious({ upstreams, plugins: [limiter] });
    await Promise.all(Array.from({ length: 200 }, () => naive.query(login)));
    expect(ran).toBeGreaterThan(5);
  });
});

/** Every way to say it a hundred times in one request. */
const inOne: { name: string; query: string; about?: QueryOptions }[] = [
  { name: 'aliases', query: `mutation { ${times(100, guess)} }` },
  {
    name: 'a fragment of aliases',
    query: `fragment F on Mutation { ${times(100, guess)} } mutation { ...F }`,
  },
  {
    name: 'a fragment that is spread a hundred times',
    query: `fragment F on Front { knock(email: "ada@x.test") }
      { ${times(100, (at) => `a${at}: door(id: ${at}) { ...F }`)} }`,
  },
  {
    name: 'an interface',
    query: `{ door { ${times(100, (at) => `a${at}: knock(email: "ada@x.test")`)} } }`,
  },
  {
    name: 'an interface under aliases',
    query: `{ ${times(100, (at) => `a${at}: door(id: ${at}) { knock(email: "ada@x.test") }`)} }`,
  },
  {
    name: 'the default of a variable',
    query: `mutation ($e: String = "ada@x.test") { ${times(100, (at) => `a${at}: login(email: $e)`)} }`,
  },
  {
    name: 'a variable',
    query: `mutation ($e: String) { ${times(100, (at) => `a${at}: login(email: $e)`)} }`,
    about: { variables: { e: 'ada@x.test' } },
  },
  { name: 'nothing as identity', query: `mutation { ${times(100, (at) => `a${at}: login`)} }` },
  {
    name: 'null as identity',
    query: `mutation { ${times(100, (at) => `a${at}: login(email: null)`)} }`,
  },
  {
    name: 'other spellings of one identity',
    query: `mutation { ${times(100, (at) => `a${at}: login(email: "${at % 2 ? 'ADA' : ' ada'}@x.test${'\u200b'.repeat(at % 3)}")`)} }`,
  },
];

describe('in one request, none runs', () => {
  it.each(inOne)('$name', async ({ query, about }) => {
    const store = recordingStore();
    const gateway = await gatewayOn(store);
    const answer = await gateway.query(query, about);
    expect(answer.status).toBe(429);
    expect(answer.body.data).toBeUndefined();
    expect(answer.body.errors?.map(({ extensions }) => extensions.code)).toEqual(['RATE_LIMITED']);
    expect(answer.headers['retry-after']).toBe('60');
    expect(answer.headers['ratelimit-policy']).toContain('"login-email";q=5;w=60');
    expect(answer.headers.ratelimit).toMatch(/^"login-email";r=\d+;t=\d+$/);
    expect(gateway.requests).toEqual([]);
    expect(ran).toBe(0);
    expect(gateway.records.map(({ refusal }) => refusal?.reason)).toEqual(['rates/limited']);
  });

  it('and the refusal charges nobody: five still may', async () => {
    const gateway = await gatewayOn(recordingStore());
    await gateway.query(`mutation { ${times(100, guess)} }`);
    const { status } = await gateway.query(`mutation { ${times(5, guess)} }`);
    expect([status, ran]).toEqual([200, 5]);
  });

  it('a batch of a hundred is refused before it is read', async () => {
    const gateway = await gatewayOn(recordingStore());
    const body = JSON.stringify(Array.from({ length: 100 }, () => ({ query: login })));
    async function* chunks() {
      yield new TextEncoder().encode(body);
    }
    const headers = { 'content-type': 'application/json' };
    const { status } = await gateway.send({ headers, body: chunks() });
    expect([status, ran, gateway.records.at(-1)?.refusal?.reason]).toEqual([400, 0, 'admit/batch']);
  });

  it('what does not run is not counted', async () => {
    const gateway = await gatewayOn(recordingStore());
    const victim = `mutation Big { ${times(100, guess)} } query Small { me }`;
    await gateway.query(victim, { operationName: 'Small' });
    await gateway.query(
      `mutation { ${times(100, (at) => `${guess(at)} @include(if: false)`)} a: login(email: "bo") }`,
    );
    ran = 0;
    await gateway.query(`mutation { ${times(5, guess)} }`);
    expect(ran).toBe(5);
  });
});

/** 200 requests at once, from as many addresses. */
async function rush(gateways: readonly TestGateway[], query = login): Promise<number[]> {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, at) => {
      const gateway = gateways[at % gateways.length];
      if (gateway === undefined) throw new Error('no gateway');
      return gateway.query(query, { variables: { p: String(at) }, peer: `192.0.2.${at}` });
    }),
  );
  return answers.map(({ status }) => status);
}

describe('200 requests at once: exactly five run', () => {
  const spellings = [
    { name: 'a literal', query: login },
    { name: 'a default', query: 'mutation ($e: String = "Ada@x.test ") { login(email: $e) }' },
    { name: 'an interface', query: '{ door { knock(email: "ada@x.test") } }' },
    { name: 'nothing', query: 'mutation { login }' },
  ];
  it.each(spellings)('on memory: $name', async ({ query }) => {
    const statuses = await rush([await gatewayOn(recordingStore())], query);
    expect(ran).toBe(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(195);
  });

  describe('on one Redis', () => {
    let server: RedisServer;
    const stores: RateStore[] = [];
    beforeAll(async () => {
      server = await startRedis();
    });
    afterAll(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await server?.stop();
    });
    async function connected(prefix: string): Promise<RateStore> {
      const store = redisStore(server.url, { prefix });
      stores.push(store);
      await until('Redis', async () => (await store.charge([of({ amount: 0 })])).ok === true);
      return store;
    }

    it.each(spellings)('$name', async ({ query }) => {
      const gateway = await gatewayOn(await connected(`test:${crypto.randomUUID()}:`));
      const statuses = await rush([gateway], query);
      expect(ran).toBe(5);
      expect(statuses.filter((status) => status === 429)).toHaveLength(195);
    });

    it('through four gateways', async () => {
      const prefix = `test:${crypto.randomUUID()}:`;
      const four = await Promise.all(
        Array.from({ length: 4 }, async () => gatewayOn(await connected(prefix))),
      );
      await rush(four);
      expect(ran).toBe(5);
    });
  });
});

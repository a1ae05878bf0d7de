/** Rates where they meet the rest of the walk: a store that is down, a reload, addresses, headers. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { RateStore } from '../../gateway/rates/store.ts';
import { of, redisStore } from '../rates/charges.ts';
import { recordingStore } from '../rates/recording-store.ts';
import { type TestGateway, testGateway } from '../support/gateway.ts';
import { startRedis, until } from '../support/redis.ts';
import { played } from './obvious.ts';

const sdl = 'type Query { me: ID ssn: String } type Mutation { login(email: String): Boolean }';
const upstreams = { u: played(sdl, { me: 1, ssn: '900-11-1111', login: true }) };
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me], Mutation: [login] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Query: [ssn] }, allow: everyone }
`;
const written = (...rates: string[]): string =>
  `version: 1\nrates:\n${rates.map((rate) => `  - { window: 1m, ${rate} }\n`).join('')}`;
const gatewayOn = (store: RateStore, ...rates: string[]): Promise<TestGateway> =>
  testGateway({ upstreams, rules, rates: written(...rates), store });

const reasonOf = (gateway: TestGateway) => gateway.records.at(-1)?.refusal?.reason;

let store: ReturnType<typeof recordingStore>;
beforeEach(() => {
  store = recordingStore();
});

describe('a store that is down', () => {
  const unavailable: RateStore = {
    charge: async () => ({ ok: 'unavailable' }),
    giveBack: () => undefined,
    close: async () => undefined,
  };
  const cases = [
    { name: 'a rate of the address', given: 'name: a, per: address, limit: 5' },
    { name: 'a rate of the caller', given: 'name: a, per: caller, limit: 5' },
    { name: 'a field', given: 'name: a, per: address, limit: 5, fields: { Query: [ssn] }' },
    {
      name: 'records',
      given: 'name: a, per: caller, limit: 5, class: government-id, counts: records',
    },
  ];
  it.each(cases)('refuses before anything is fetched: $name', async ({ given }) => {
    const gateway = await gatewayOn(unavailable, given);
    const answer = await gateway.query('{ ssn }');
    expect([answer.status, reasonOf(gateway)]).toEqual([503, 'rates/store-down']);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.body.data).toBeUndefined();
    expect(gateway.requests).toEqual([]);
  });

  it('lets go what no rate counts', async () => {
    const gateway = await gatewayOn(
      unavailable,
      'name: a, per: address, limit: 5, fields: { Query: [ssn] }',
    );
    expect((await gateway.query('{ me }')).body).toEqual({ data: { me: '1' } });
  });

  it('that throws is our fault, and refuses', async () => {
    const broken: RateStore = { ...unavailable, charge: () => Promise.reject(new Error('broken')) };
    const gateway = await gatewayOn(broken, 'name: a, per: caller, limit: 5');
    expect((await gateway.query('{ me }')).status).toBe(500);
    expect([gateway.requests, reasonOf(gateway)]).toEqual([[], 'gateway/internal']);
  });

  it('is a real Redis, killed', async () => {
    const server = await startRedis({ own: true });
    onTestFinished(() => server.stop());
    const real = redisStore(server.url, { timeoutMs: 1_000 });
    onTestFinished(() => real.close());
    await until('Redis', async () => (await real.charge([of({ amount: 0 })])).ok === true);
    const gateway = await gatewayOn(real, 'name: a, per: caller, limit: 5');
    expect((await gateway.query('{ me }')).status).toBe(200);
    await server.kill();
    gateway.requests.length = 0;
    expect((await gateway.query('{ me }')).status).toBe(503);
    expect([gateway.requests, reasonOf(gateway)]).toEqual([[], 'rates/store-down']);
  });
});

describe('a reload', () => {
  const statuses = async (gateway: TestGateway, count: number) => {
    const answers: number[] = [];
    for (let at = 0; at < count; at += 1) {
      answers.push((await gateway.query('mutation { login(email: "a") }')).status);
    }
    return answers;
  };
  const login = 'name: login, per: args.email, fields: { Mutation: [login] }';
  const cases = [
    { name: 'the same limit', again: `${login}, limit: 3`, expect: [429, 429] },
    { name: 'a larger limit, by the difference', again: `${login}, limit: 4`, expect: [200, 429] },
    { name: 'a smaller limit', again: `${login}, limit: 2`, expect: [429, 429] },
    {
      name: 'other fields beside it',
      again: 'name: login, per: args.email, fields: { Mutation: ["*"] }, limit: 3',
      expect: [429, 429],
    },
    {
      name: 'another name, which is another rate',
      again: `${login}, limit: 1`.replace('login', 'new'),
      expect: [200, 429],
    },
  ];
  it.each(cases)('refills nothing under one name: $name', async ({ again, expect: wanted }) => {
    expect(await statuses(await gatewayOn(store, `${login}, limit: 3`), 4)).toEqual([
      200, 200, 200, 429,
    ]);
    expect(await statuses(await gatewayOn(store, again), 2)).toEqual(wanted);
  });
});

describe('the rate of an address', () => {
  it('is charged before a token is looked at', async () => {
    const gateway = await gatewayOn(store, 'name: a, per: address, limit: 1');
    await gateway.query('{ me }');
    const headers = { authorization: 'Bearer not-a-token' };
    expect((await gateway.query('{ me }', { headers })).status).toBe(429);
    expect(gateway.records.at(-1)).toMatchObject({ stage: 'admit', caller: undefined });
    expect((await gateway.query('{ me }', { peer: '192.0.2.9' })).status).toBe(200);
  });

  it('counts requests that are refused later', async () => {
    const gateway = await gatewayOn(store, 'name: a, per: address, limit: 2');
    await gateway.query('{');
    await gateway.query('{ me }', { headers: { authorization: 'Bearer x' } });
    expect((await gateway.query('{ me }')).status).toBe(429);
  });

  const pairs = [
    {
      name: 'two IPv6 addresses of one /64',
      peers: ['2001:db8::1', '2001:db8::ffff:1'],
      expect: 429,
    },
    { name: 'two /64', peers: ['2001:db8::1', '2001:db8:0:1::1'], expect: 200 },
    {
      name: 'an IPv4 address and its mapped form',
      peers: ['192.0.2.1', '::ffff:192.0.2.1'],
      expect: 429,
    },
    { name: 'two IPv4 addresses', peers: ['192.0.2.1', '192.0.2.2'], expect: 200 },
  ];
  it.each(pairs)('is one or two: $name', async ({ peers, expect: status }) => {
    const gateway = await gatewayOn(store, 'name: a, per: address, limit: 1');
    const answers = [];
    for (const peer of peers) answers.push((await gateway.query('{ me }', { peer })).status);
    expect(answers).toEqual([200, status]);
  });
});

describe('all buckets of a request', () => {
  it('are charged together: one that refuses leaves the others as they were', async () => {
    const gateway = await gatewayOn(
      store,
      'name: wide, per: caller, limit: 3',
      'name: narrow, per: args.email, limit: 1, fields: { Mutation: [login] }',
    );
    const statuses = [];
    for (const email of ['a', 'a', 'a', 'b', 'c', 'd']) {
      statuses.push((await gateway.query(`mutation { login(email: "${email}") }`)).status);
    }
    expect(statuses).toEqual([200, 429, 429, 200, 200, 429]);
  });

  it('stand in the record, and what is near its limit is marked', async () => {
    const gateway = await gatewayOn(
      store,
      'name: at-the-door, per: address, limit: 100',
      'name: ssn, per: caller, limit: 11, fields: { Query: [ssn] }',
    );
    await gateway.query(`{ ${Array.from({ length: 10 }, (_, at) => `a${at}: ssn`).join(' ')} }`);
    expect(gateway.records.at(-1)?.charges).toEqual([
      { rate: 'at-the-door', amount: 1, remaining: 99, near: false },
      { rate: 'ssn', amount: 10, remaining: 1, near: true },
    ]);
    expect(gateway.records.at(-1)?.localRates).toBe(false);
  });

  it('say which of them refused, and no other that has nothing left', async () => {
    const gateway = await gatewayOn(
      store,
      'name: at-the-door, per: address, limit: 2',
      'name: ssn, per: caller, limit: 11, fields: { Query: [ssn] }',
    );
    const query = `{ ${Array.from({ length: 10 }, (_, at) => `a${at}: ssn`).join(' ')} }`;
    expect((await gateway.query(query)).status).toBe(200);
    expect((await gateway.query(query)).status).toBe(429);
    expect(gateway.records.at(-1)?.charges).toEqual([
      { rate: 'at-the-door', amount: 1, remaining: 0, near: true },
      { rate: 'ssn', amount: 10, remaining: 1, near: true, exhausted: true },
    ]);
  });

  it('say nothing of a budget of records that would have taken less', async () => {
    const gateway = await gatewayOn(
      store,
      'name: often, per: caller, limit: 1, fields: { Query: [ssn] }',
      'name: many, per: caller, limit: 3, counts: records, fields: { Query: [ssn] }',
    );
    expect((await gateway.query('{ ssn }')).status).toBe(200);
    expect((await gateway.query('{ a: ssn b: ssn c: ssn }')).status).toBe(429);
    expect(gateway.records.at(-1)?.charges).toEqual([
      { rate: 'often', amount: 3, remaining: 0, near: true, exhausted: true },
      { rate: 'many', amount: 3, remaining: 2, near: false },
    ]);
  });

  it('are told in the header fields of answers and refusals', async () => {
    const gateway = await gatewayOn(
      store,
      'name: me, per: caller, limit: 1, fields: { Query: [me] }',
    );
    const first = await gateway.query('{ me }');
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"me";q=1;w=60',
      ratelimit: '"me";r=0;t=61',
    });
    const second = await gateway.query('{ me }');
    expect(second.headers).toMatchObject({ ratelimit: '"me";r=0;t=61', 'retry-after': '61' });
    expect(JSON.stringify(gateway.records.at(-1)?.charges)).not.toContain('127.0.0.1');
  });
});

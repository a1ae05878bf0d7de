/**
 * Rates in shadow mode: they refuse nothing, take nothing from what others have left, are in no header, and
 * their own counts are those that they would have in force.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../gateway/rates/memory-store.ts';
import { createRedisStore } from '../../gateway/rates/redis-store.ts';
import type { RateStore } from '../../gateway/rates/store.ts';
import { testGateway } from '../support/gateway.ts';
import { startRedis, until } from '../support/redis.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { hello: String login(email: String): String both: Both }
  type Both { hello: String ssn: String }
`;
const people = { hello: 'hi', login: 'ok', both: { hello: 'hi', ssn: '1' } };
const rules = `
version: 1
rules:
  - { name: all, fields: { Query: ["*"], Both: [hello] }, allow: everyone }
  - { name: numbers, class: government-id, fields: { Both: [ssn] }, allow: everyone }
`;
const shadow = 'shadow: { until: 2999-12-31 }';
const enforced = `
version: 1
rates:
  - { name: calls, per: caller, limit: 4, window: 1h }
`;
const shadowed = `${enforced}
  - { name: tight, per: caller, limit: 2, window: 1h, ${shadow} }
  - { name: at-the-door, per: address, limit: 3, window: 1h, ${shadow} }
  - { name: by-mail, fields: { Query: [login] }, per: args.email, limit: 1, window: 1h, ${shadow} }
  - { name: greetings, fields: { Query: [hello] }, per: caller, limit: 2, window: 1h, counts: occurrences, ${shadow} }
`;
const as = { scopes: [], claims: { sub: 'ada' } };
const queries = [
  '{ hello }',
  '{ a: hello b: hello c: hello }',
  '{ x: login(email: "A@b.c") y: login(email: "a@b.c ") }',
  '{ hello }',
  '{ hello }',
  '{ hello }',
];

async function run(rates: string, store: RateStore) {
  const gateway = await testGateway({
    upstreams: { hr: played(sdl, people) },
    rules,
    rates,
    store,
  });
  const answers: unknown[] = [];
  for (const query of queries) {
    const { status, headers, text } = await gateway.query(query, { as });
    const { 'x-request-id': _, 'retry-after': retry, ratelimit = '', ...rest } = headers;
    // Seconds pass.
    const said = {
      ...rest,
      ratelimit: ratelimit.replace(/t=\d+/, 't'),
      retries: retry !== undefined,
    };
    const id = gateway.records.at(-1)?.id ?? '';
    answers.push({
      status,
      said,
      text: text.replaceAll(id, 'ID').replace(/"retryAfter\w*":\d+/, ''),
    });
  }
  const { records, requests } = gateway;
  return {
    answers,
    requests,
    charges: records.map(({ charges }) => charges),
    shadows: records.map(({ shadows }) =>
      shadows?.map(({ rule, coordinates }) => [rule, ...coordinates]),
    ),
  };
}

let redis: Awaited<ReturnType<typeof startRedis>>;
beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

let count = 0;
const stores = {
  memory: async (): Promise<RateStore> => createMemoryStore({ clock: () => performance.now() }),
  redis: async (): Promise<RateStore> => {
    count += 1;
    const store = createRedisStore({
      urls: redis.url,
      secret: 'a secret of at least sixteen bytes',
      prefix: `shadow-rates-${count}:`,
      report: () => undefined,
      onStoreDown: 'refuse',
      timeoutMs: 2_000,
    });
    const first = { rate: 'first', key: '', limit: 1, windowMs: 1_000, amount: 0 };
    await until('Redis', async () => (await store.charge([first])).ok === true);
    return store;
  },
};

describe.each(Object.entries(stores))('%s', (_, create) => {
  it('answers as if they were not there, and tells of each that would have refused', async () => {
    const [one, other] = [await create(), await create()];
    const was = await run(enforced, one);
    const is = await run(shadowed, other);
    expect(is.answers).toEqual(was.answers);
    expect(is.requests).toEqual(was.requests);
    expect(is.charges).toEqual(was.charges);
    expect(is.shadows).toEqual([
      undefined,
      // One of two is left, and three are asked for.
      [['greetings', 'Query.hello']],
      [['tight'], ['by-mail', 'Query.login']],
      [['at-the-door'], ['tight']],
      // Refused by the rate in force: this one was taken at the door, and nothing else counted.
      [['at-the-door'], ['tight'], ['greetings', 'Query.hello']],
      [['at-the-door'], ['tight'], ['greetings', 'Query.hello']],
    ]);
    await Promise.all([one.close(), other.close()]);
  });

  it('refuse together as they would: what one in force refuses, none has counted', async () => {
    const store = await create();
    const charge = (name: string, amount: number, inShadow = false) => ({
      rate: name,
      key: 'k',
      limit: 2,
      windowMs: 60_000,
      amount,
      ...(inShadow && { inShadow: true }),
    });
    const refused = await store.charge([charge('real', 3), charge('shadow', 2, true)]);
    expect(refused).toMatchObject({ ok: false, refused: 0 });
    const both = await store.charge([charge('real', 1), charge('shadow', 2, true)]);
    expect(both).toMatchObject({ ok: true, granted: [1, 2], remaining: [1, 0] });
    const over = await store.charge([charge('shadow', 1, true), charge('real', 1)]);
    expect(over).toMatchObject({ ok: true, granted: [0, 1], remaining: [0, 0] });
    await store.close();
  });
});

describe('a store that does not answer', () => {
  const down: RateStore = {
    charge: async () => ({ ok: 'unavailable' }),
    giveBack: () => undefined,
    close: async () => undefined,
  };

  it('refuses nothing that is counted in shadow mode alone', async () => {
    const alone = `version: 1\nrates:\n  - { name: tight, per: caller, limit: 2, window: 1h, ${shadow} }\n`;
    const { answers, shadows } = await run(alone, down);
    expect(answers).toHaveLength(queries.length);
    expect(answers.map((one) => (one as { status: number }).status)).toEqual(
      queries.map(() => 200),
    );
    expect(shadows).toEqual(queries.map(() => undefined));
  });

  it('refuses what it refused before', async () => {
    const [was, is] = [await run(enforced, down), await run(shadowed, down)];
    expect(is.answers).toEqual(was.answers);
  });
});

it('keeps the keys of rates in shadow mode apart: they take no room of those in force', () => {
  const store = createMemoryStore({ clock: () => 0, keysMax: 2 });
  const charge = (key: string, inShadow: boolean) => ({
    rate: 'r',
    key,
    limit: 1,
    windowMs: 60_000,
    amount: 1,
    ...(inShadow && { inShadow }),
  });
  for (let index = 0; index < 100; index += 1) store.charge([charge(`k${index}`, true)]);
  expect(store.sizes()).toEqual({ keys: 0, shared: 0 });
  expect(store.charge([charge('a', false)])).toMatchObject({ ok: true });
});

describe('refuses to start', () => {
  it.each([
    ['a field with a class', 'fields: { Both: [ssn] }, per: caller'],
    ['among others', 'fields: { Query: [hello], Both: ["*"] }, per: caller'],
    ['a class', 'class: government-id, per: caller'],
    ['records', 'fields: { Both: [hello] }, per: caller, counts: records'],
  ])('%s', async (_, about) => {
    const rates = `version: 1\nrates:\n  - { name: r, ${about}, limit: 1, window: 1h, ${shadow} }\n`;
    const made = testGateway({ upstreams: { hr: played(sdl, people) }, rules, rates });
    await expect(made).rejects.toMatchObject({
      problems: [expect.objectContaining({ code: 'conflict', line: 3 })],
    });
  });

  it('a name that another rate has', async () => {
    const rates = `${enforced}  - { name: calls, per: caller, limit: 1, window: 1h, ${shadow} }\n`;
    const { loadRates } = await import('../../gateway/rates/rates-file.ts');
    const { mkdir, writeFile } = await import('node:fs/promises');
    const folder = await tempFolder('rates');
    await mkdir(`${folder}/rates`);
    await writeFile(`${folder}/rates/a.yaml`, rates);
    await expect(loadRates(folder)).rejects.toMatchObject({
      problems: [expect.objectContaining({ code: 'duplicate-name' })],
    });
  });
});

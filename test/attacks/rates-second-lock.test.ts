/**
 * The second lock of rates: with the first one taken out, the reference engine still refuses. What
 * the first lock lets through, it lets through as well.
 */
import { buildSchema, parse } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DelegationContext } from '../../gateway/delegate/upstream.ts';
import { createRateLimitPlugin, type LockStore } from '../../gateway/engine/rate-limit-plugin.ts';
import { createAnonymousCaller } from '../../gateway/identify/to-caller.ts';
import { toBucketKey } from '../../gateway/rates/bucket-key.ts';
import type { CompiledRate } from '../../gateway/rates/rate.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import { recordingStore } from '../rates/recording-store.ts';
import { newOperation } from '../support/new-operation.ts';
import { createRawEngine, type RawEngine } from '../support/raw-engine.ts';

const schema = buildSchema(`
  type Query { door: Door }
  type Mutation { login(email: String, id: ID): Boolean strict(email: String!): Boolean }
  interface Door { knock(email: String): Boolean }
  type Front implements Door { knock(email: String): Boolean }
  type Back implements Door { knock(email: String): Boolean }
`);
let ran = 0;
const run = () => {
  ran += 1;
  return true;
};
const front = { __typename: 'Front', knock: run };
const fields = { ...schema.getMutationType()?.getFields(), ...schema.getQueryType()?.getFields() };
for (const [name, field] of Object.entries(fields))
  field.resolve = name === 'door' ? () => front : run;

function rateOf(about: Partial<CompiledRate>): CompiledRate {
  return {
    name: 'login-email',
    per: [{ kind: 'argument', path: ['email'] }],
    counts: 'occurrences',
    limit: 5,
    windowMs: 60_000,
    forAll: true,
    coordinates: new Set(['Mutation.login', 'Mutation.strict']),
    applies: () => true,
    source: { file: 'rates/a.yaml', line: 1, column: 1 },
    ...about,
  };
}

function engineWith(store: LockStore, rates = [rateOf({})], depthMax = 3): RawEngine {
  const keyOf = (rate: CompiledRate, from: Parameters<typeof toBucketKey>[1]) =>
    toBucketKey(rate.per, from);
  const lock = createRateLimitPlugin({ rates, store, schema, depthMax, keyOf });
  return createRawEngine({ schema, depthMax, plugins: [lock] });
}

const context: DelegationContext = {
  record: { caller: createAnonymousCaller(), clientAddress: '192.0.2.1' } as RequestRecord,
  signal: new AbortController().signal,
  deadlineMs: Number.MAX_SAFE_INTEGER,
  inboundHeaders: {},
};

function ask(engine: RawEngine, text: string, variables: Record<string, unknown> = {}) {
  const document = parse(text);
  const [definition] = document.definitions;
  const declared = definition?.kind === 'OperationDefinition' ? definition.variableDefinitions : [];
  const operation = newOperation('mutation', {
    document,
    variableNames: (declared ?? []).map(({ variable }) => variable.name.value),
  });
  return engine.execute(operation, variables, context);
}

const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, at) => `fg_a${at}: ${field}`).join(' ');

beforeEach(() => {
  ran = 0;
});

describe('with the first lock taken out', () => {
  const cases: { name: string; given: string; rates?: CompiledRate[] }[] = [
    { name: 'aliases', given: `mutation { ${aliases(100, 'login(email: "a")')} }` },
    {
      name: 'other spellings',
      given: `mutation { ${aliases(50, 'login(email: "a")')} fg_b: login(email: "A ") }`,
    },
    { name: 'nothing as identity', given: `mutation { ${aliases(100, 'login')} }` },
    {
      name: 'the default of a variable',
      given: `mutation ($e: String = "a") { ${aliases(100, 'login(email: $e)')} }`,
    },
    {
      name: 'two fields of one rate',
      given: `mutation { ${aliases(6, 'login(email: "a")')} ${aliases(6, 'strict(email: "a")').replaceAll('fg_a', 'fg_b')} }`,
    },
    {
      name: 'the field of a type, reached through its interface',
      given: `{ door { ${aliases(100, 'knock(email: "a")')} } }`,
      rates: [rateOf({ coordinates: new Set(['Front.knock']) })],
    },
  ];
  it.each(cases)('none of a hundred runs: $name', async ({ given, rates }) => {
    const { data, errors } = await ask(engineWith(recordingStore(), rates), given);
    expect([data, ran]).toEqual([null, 0]);
    expect(errors.map(({ code, why }) => [code, why])).toEqual([
      ['FORBIDDEN', 'rates: refused by the second lock'],
    ]);
  });

  it('of 200 at once, at most twice the limit run', async () => {
    const engine = engineWith(recordingStore());
    const login = 'mutation ($e: String) { login(email: $e) }';
    await Promise.all(Array.from({ length: 200 }, () => ask(engine, login, { e: 'a' })));
    expect(ran).toBe(10);
  });

  it.each([
    { name: 'is down', charge: () => ({ ok: 'unavailable' as const }) },
    { name: 'refuses', charge: () => ({ ok: false as const }) },
  ])('nothing runs where the store $name', async ({ charge }) => {
    const { errors } = await ask(engineWith({ charge }), 'mutation { login(email: "a") }');
    expect([errors.length, ran]).toEqual([1, 0]);
  });

  it('nothing runs where the store throws', async () => {
    const charge = () => Promise.reject(new Error('broken'));
    await expect(ask(engineWith({ charge }), 'mutation { login }')).rejects.toThrow();
    expect(ran).toBe(0);
  });
});

describe('what the first lock lets through', () => {
  const login = 'mutation ($e: String! = "a") { strict(email: $e) }';

  it('runs, also where a default stands for a variable that may not be null', async () => {
    const { data, errors } = await ask(engineWith(recordingStore()), login);
    expect([data, errors, ran]).toEqual([{ strict: true }, [], 1]);
  });

  it('runs window after window, also where one is late', async () => {
    const store = recordingStore();
    const engine = engineWith(store);
    const first = rateOf({});
    for (let window = 0; window < 10; window += 1) {
      for (let at = 0; at < 5; at += 1) {
        const { name: rate, limit, windowMs } = first;
        expect(store.charge([{ rate, key: 'a', limit, windowMs, amount: 1 }]).ok).toBe(true);
      }
      // Even windows are executed at their end, odd ones at their start: ten within a moment.
      if (window % 2 === 0) store.clock.nowMs += 60_001;
      for (let at = 0; at < 5; at += 1) expect((await ask(engine, login)).errors).toEqual([]);
      if (window % 2 === 1) store.clock.nowMs += 60_001;
    }
    expect(ran).toBe(50);
  });

  it('runs behind an interface whose types are all written, in two windows at once', async () => {
    const rates = [rateOf({ coordinates: new Set(['Front.knock', 'Back.knock']), limit: 1 })];
    const engine = engineWith(recordingStore(), rates);
    const knock = 'knock(email: "a")';
    const given = `{ door { ... on Front { ${knock} } ... on Back { ${knock} } } }`;
    for (let window = 0; window < 2; window += 1) {
      expect((await ask(engine, given)).errors).toEqual([]);
    }
  });

  it.each([
    { name: 'of records', given: { counts: 'records' as const } },
    { name: 'of requests', given: { counts: 'requests' as const } },
    { name: 'for others', given: { applies: () => false } },
  ])('runs past rates $name', async ({ given }) => {
    const engine = engineWith(recordingStore(), [rateOf({ ...given, limit: 1 })]);
    const { errors } = await ask(engine, `mutation { ${aliases(10, 'login(email: "a")')} }`);
    expect([errors, ran]).toEqual([[], 10]);
  });

  it('leaves no trace in the counts of the first lock', async () => {
    const store = recordingStore();
    await ask(engineWith(store), login);
    expect(store.charges.map(({ rate }) => rate)).toEqual(['second-lock login-email']);
  });
});

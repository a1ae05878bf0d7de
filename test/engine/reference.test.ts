/** The reference engine: what it makes of errors, when it rejects, and its own limit of depth. */
import { setImmediate } from 'node:timers/promises';
import { buildSchema, GraphQLError, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { DelegationContext } from '../../gateway/delegate/upstream.ts';
import { SecondLockRefusal, UpstreamFailure } from '../../gateway/errors.ts';
import type { AuthorizedOperation } from '../../gateway/plan/plan.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import { newOperation } from '../support/new-operation.ts';
import { createRawEngine } from '../support/raw-engine.ts';

type Resolve = (args: Record<string, unknown>, context: DelegationContext) => unknown;

function schemaOf(resolvers: Record<string, Resolve>): GraphQLSchema {
  const schema = buildSchema(`
    type Query { a: String strict: String! t: T ts: [T] echo(v: In, w: Int): String }
    type Mutation { a: String } type T { a: String strict: String! t: T } input In { x: Int }
  `);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve = resolvers[`${type.name}.${field.name}`];
      if (resolve !== undefined) field.resolve = (_source, args, context) => resolve(args, context);
    }
  }
  return schema;
}

const engineOf = (resolvers: Record<string, Resolve>, depthMax = 10) =>
  createRawEngine({ schema: schemaOf(resolvers), depthMax });

const operationOf = (text: string, variableNames: string[] = []) =>
  newOperation('query', { document: parse(text), variableNames });

const contextWith = (signal: AbortSignal = new AbortController().signal): DelegationContext => ({
  record: {} as RequestRecord,
  signal,
  deadlineMs: Number.MAX_SAFE_INTEGER,
  inboundHeaders: {},
});

const failed = new UpstreamFailure({ upstream: 'hris', why: 'status 500' });
const late = new UpstreamFailure({ upstream: 'pay', why: 'no answer', code: 'UPSTREAM_TIMEOUT' });
const secret = '900-11-2222';
const wrap = (error: Error) => new GraphQLError(`wrapped ${secret}`, { originalError: error });

const errors: { name: string; given: () => unknown; expect: string[] }[] = [
  { name: 'a failure', given: () => failed, expect: ['UPSTREAM_FAILED'] },
  { name: 'a timeout', given: () => late, expect: ['UPSTREAM_TIMEOUT'] },
  { name: 'a failure in a GraphQL error', given: () => wrap(failed), expect: ['UPSTREAM_FAILED'] },
  {
    name: 'a failure deep in GraphQL errors',
    given: () => wrap(wrap(wrap(late))),
    expect: ['UPSTREAM_TIMEOUT'],
  },
  {
    name: 'several failures of one place',
    given: () => new AggregateError([failed, wrap(late)]),
    expect: ['UPSTREAM_FAILED'],
  },
  {
    name: 'several in a GraphQL error',
    given: () => wrap(new AggregateError([wrap(late)])),
    expect: ['UPSTREAM_TIMEOUT'],
  },
  { name: 'the second lock', given: () => new SecondLockRefusal(), expect: ['FORBIDDEN'] },
  {
    name: 'the second lock in a GraphQL error',
    given: () => wrap(new SecondLockRefusal()),
    expect: ['FORBIDDEN'],
  },
  {
    name: 'the second lock behind a failure and a fault',
    given: () => new AggregateError([failed, new Error(secret), wrap(new SecondLockRefusal())]),
    expect: ['FORBIDDEN'],
  },
  {
    name: 'a failure beside a fault',
    given: () => new AggregateError([failed, new Error(secret)]),
    expect: ['UPSTREAM_FAILED'],
  },
  { name: 'a fault', given: () => new TypeError(secret), expect: ['INTERNAL'] },
  {
    name: 'a GraphQL error of somebody',
    given: () => new GraphQLError(secret, { extensions: { code: 'UPSTREAM_FAILED' } }),
    expect: ['INTERNAL'],
  },
  {
    name: 'a GraphQL error that sets a status',
    given: () => new GraphQLError(secret, { extensions: { http: { status: 418 } } }),
    expect: ['INTERNAL'],
  },
  {
    name: 'a fault in a GraphQL error beside a failure',
    given: () => wrap(new AggregateError([failed, new Error(secret)])),
    expect: ['INTERNAL'],
  },
  { name: 'a text', given: () => secret, expect: ['INTERNAL'] },
  {
    name: 'an object that calls itself a failure',
    given: () =>
      Object.assign(new Error(secret), { name: 'UpstreamFailure', code: 'UPSTREAM_FAILED' }),
    expect: ['INTERNAL'],
  },
  {
    name: 'a message whose lines look like a stack',
    given: () => new Error(`x\n    at ${secret}\n    at y`),
    expect: ['INTERNAL'],
  },
];

describe('where an error is told', () => {
  const cases = [
    { name: 'the caller’s alias', given: 'fg_me', expect: [['ts', 0, 'me']] },
    { name: 'a key of an implementation', given: 'fg12_boss', expect: [['ts', 0, 'boss']] },
    { name: 'an alias that looks like ours', given: 'fg_fg0_id', expect: [['ts', 0, 'fg0_id']] },
    {
      name: 'an alias that looks like an id for the record',
      given: 'fg_fgs_a',
      expect: [['ts', 0, 'fgs_a']],
    },
    { name: 'nowhere: an id for the record alone', given: 'fgs_a', expect: [] },
    { name: 'nowhere: one of several implementations', given: 'fgs3_a', expect: [] },
  ];
  test.each(cases)('$name', async ({ given, expect: paths }) => {
    const fail = () => {
      throw failed;
    };
    const engine = engineOf({ 'T.a': fail, 'Query.ts': () => [{}] });
    const { errors: told } = await engine.execute(
      operationOf(`{ ts { ${given}: a } }`),
      {},
      contextWith(),
    );
    expect(told.filter(({ isInner }) => !isInner).map(({ path }) => path)).toEqual(paths);
    // The operator hears of all.
    expect(told).toMatchObject([{ code: failed.code, why: failed.message }]);
  });
});

describe('an error', () => {
  const rethrow = (given: () => unknown) => () => {
    throw given();
  };

  test.each(errors)('$name', async ({ given, expect: codes }) => {
    const engine = engineOf({ 'T.a': rethrow(given), 'Query.ts': () => [null, {}] });
    const result = await engine.execute(operationOf('{ ts { fg_a: a } }'), {}, contextWith());
    expect(JSON.stringify(result.data)).toBe('{"ts":[null,{"fg_a":null}]}');
    expect(result.errors.map(({ code }) => code)).toEqual(codes);
    for (const { path } of result.errors) expect(path).toEqual(['ts', 1, 'a']);
    expect(JSON.stringify(result.errors)).not.toContain(secret);
  });

  test('of an upstream says for the operator which', async () => {
    const engine = engineOf({ 'Query.a': rethrow(() => wrap(failed)) });
    const result = await engine.execute(operationOf('{ a }'), {}, contextWith());
    expect(result.errors[0]?.why).toContain('hris');
    expect(result.errors[0]?.why).toContain('status 500');
  });

  test('as a value is an error, too', async () => {
    const engine = engineOf({ 'Query.a': () => failed, 'Query.t': () => ({ a: late }) });
    const result = await engine.execute(operationOf('{ a t { a } }'), {}, contextWith());
    expect(result.errors.map(({ code, path }) => `${code} ${path?.join('.')}`).sort()).toEqual([
      'UPSTREAM_FAILED a',
      'UPSTREAM_TIMEOUT t.a',
    ]);
  });

  test('of the second lock is told although a failure took its place away', async () => {
    const engine = engineOf({
      'Query.t': () => ({}),
      'T.t': () => ({}),
      'T.a': rethrow(() => new SecondLockRefusal()),
      'T.strict': async () => {
        await setImmediate();
        throw failed;
      },
    });
    const result = await engine.execute(operationOf('{ t { t { a } strict } }'), {}, contextWith());
    expect(JSON.stringify(result.data)).toBe('{"t":null}');
    expect(result.errors.map(({ code }) => code)).toEqual(['FORBIDDEN']);
  });

  test('leaves the neighbours their data', async () => {
    const engine = engineOf({ 'Query.a': rethrow(() => failed), 'Query.t': () => ({ a: 'x' }) });
    const result = await engine.execute(operationOf('{ a t { a } }'), {}, contextWith());
    expect(JSON.stringify(result.data)).toBe('{"a":null,"t":{"a":"x"}}');
  });
});

describe('an execution', () => {
  test('runs nothing where there is nothing to run', async () => {
    const operation = { ...operationOf('{ a }'), document: undefined };
    expect(await engineOf({}).execute(operation, {}, contextWith())).toEqual({
      data: {},
      errors: [],
    });
  });

  test('gets the variables that the document declares, own ones, and no others', async () => {
    const engine = engineOf({ 'Query.echo': (args) => JSON.stringify(args) });
    const document = 'query ($v: In, $w: Int) { echo(v: $v, w: $w) }';
    const given = Object.assign(Object.create({ w: 1 }), { v: { x: 2 }, z: 3 });
    const { data } = await engine.execute(operationOf(document, ['v', 'w']), given, contextWith());
    expect(data).toEqual({ echo: '{"v":{"x":2}}' });
  });

  test('hands its context to the resolvers', async () => {
    const engine = engineOf({ 'Query.a': (_args, context) => String(context.deadlineMs) });
    const { data } = await engine.execute(operationOf('{ a }'), {}, contextWith());
    expect(data).toEqual({ a: String(Number.MAX_SAFE_INTEGER) });
  });
});

describe('an abort', () => {
  test('before it begins rejects with its reason, and runs nothing', async () => {
    const calls: string[] = [];
    const engine = engineOf({ 'Query.a': () => calls.push('a') });
    const reason = new Error('gone');
    const aborted = engine.execute(
      operationOf('{ a }'),
      {},
      contextWith(AbortSignal.abort(reason)),
    );
    await expect(aborted).rejects.toBe(reason);
    expect(calls).toEqual([]);
  });

  test('while a resolver runs rejects, and starts no further one', async () => {
    const controller = new AbortController();
    const reason = new Error('gone');
    const further: string[] = [];
    const engine = engineOf({
      'Query.t': async () => {
        controller.abort(reason);
        return {};
      },
      'T.a': () => further.push('a'),
    });
    const aborted = engine.execute(operationOf('{ t { a } }'), {}, contextWith(controller.signal));
    await expect(aborted).rejects.toBe(reason);
    expect(further).toEqual([]);
  });

  test('in the last resolver rejects, though all data is there', async () => {
    const controller = new AbortController();
    const reason = new Error('gone');
    const engine = engineOf({
      'Query.a': () => {
        controller.abort(reason);
        return 'x';
      },
    });
    const aborted = engine.execute(operationOf('{ a }'), {}, contextWith(controller.signal));
    await expect(aborted).rejects.toBe(reason);
  });

  test('of one request leaves another alone', async () => {
    const engine = engineOf({ 'Query.a': () => 'x' });
    const operation = operationOf('{ a }');
    await engine.execute(operation, {}, contextWith(AbortSignal.abort())).catch(() => undefined);
    expect((await engine.execute(operation, {}, contextWith())).data).toEqual({ a: 'x' });
  });
});

describe('validation, the second lock of the document', () => {
  const nested = (levels: number) => `${'{ t '.repeat(levels - 1)}{ a }${' }'.repeat(levels - 1)}`;

  test('lets a document of the allowed depth pass', async () => {
    const result = await engineOf({ 'Query.t': () => null }, 3).execute(
      operationOf(nested(3)),
      {},
      contextWith(),
    );
    expect(result).toMatchObject({ errors: [] });
  });

  test('refuses a deeper one, before anything runs', async () => {
    const calls: string[] = [];
    const engine = engineOf({ 'Query.t': () => calls.push('t') }, 3);
    await expect(engine.execute(operationOf(nested(4)), {}, contextWith())).rejects.toThrow();
    expect(calls).toEqual([]);
  });

  test('counts through inline fragments', async () => {
    const engine = engineOf({ 'Query.t': () => null }, 3);
    const deep = operationOf('{ ... { t { ... on T { t { t { a } } } } } }');
    await expect(engine.execute(deep, {}, contextWith())).rejects.toThrow();
  });

  test('refuses what does not fit the schema', async () => {
    const unfit = operationOf('{ closed }');
    await expect(engineOf({}).execute(unfit, {}, contextWith())).rejects.toThrow();
  });

  /** Directives of a variable are read by validation alone. */
  function countingOperation(): { operation: AuthorizedOperation; count: () => number } {
    let reads = 0;
    const operation = operationOf('query ($w: Int) { echo(w: $w) }', ['w']);
    const [definition] = operation.document?.definitions ?? [];
    if (definition?.kind !== 'OperationDefinition') throw new Error('no operation');
    Object.defineProperty(definition.variableDefinitions?.[0], 'directives', {
      enumerable: true,
      get: () => {
        reads += 1;
        return [];
      },
    });
    return { operation, count: () => reads };
  }

  test('happens once per document', async () => {
    const engine = engineOf({ 'Query.echo': () => 'x' });
    const [first, second] = [countingOperation(), countingOperation()];
    await engine.execute(first.operation, {}, contextWith());
    const once = first.count();
    expect(once).toBeGreaterThan(0);
    await engine.execute(first.operation, { w: 1 }, contextWith());
    expect(first.count()).toBe(once);
    // The same text is another document; a document that was seen is no pass for it.
    await engine.execute(second.operation, {}, contextWith());
    expect(second.count()).toBe(once);
  });

  test('that fails is done again, and fails again', async () => {
    const engine = engineOf({}, 2);
    const deep = operationOf(nested(3));
    await expect(engine.execute(deep, {}, contextWith())).rejects.toThrow();
    await expect(engine.execute(deep, {}, contextWith())).rejects.toThrow();
  });
});

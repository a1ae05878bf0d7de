/**
 * Many operations in one request where lists are allowed: each entry must be decided, counted and
 * recorded as if it had come alone, and a list must be no way to anything else.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { createInFlight } from '../../gateway/admit/in-flight.ts';
import { createAnonymousCaller } from '../../gateway/identify/to-caller.ts';
import { createBatching } from '../../gateway/walk/batch.ts';
import { splitList } from '../../gateway/walk/batch-split.ts';
import { type TestAnswer, type TestGateway, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

let ran = 0;
const upstreams = {
  accounts: played(
    'type Query { me: ID ssn: ID big(n: Float): ID } type Mutation { login(email: String): ID }',
    {
      me: 1,
      big: 1,
      login: () => {
        ran += 1;
        return 1;
      },
    },
  ),
};
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me, big], Mutation: [login] }, allow: everyone }
  - { name: closed, fields: { Query: [ssn] }, allow: { scopes: [ssn] } }
`;
const rates = `
version: 1
rates:
  - { name: login-email, fields: { Mutation: [login] }, per: args.email, limit: 5, window: 1m }
  - { name: per-address, per: address, limit: 150, window: 1m }
`;

beforeEach(() => {
  ran = 0;
});

const open = (about: Partial<Parameters<typeof testGateway>[0]> = {}): Promise<TestGateway> =>
  testGateway({ upstreams, rules, rates, batch: 100, ...about });

const headers = { 'content-type': 'application/json' };
const bytes = (text: string) => new TextEncoder().encode(text);
async function* chunks(text: string, size = text.length): AsyncGenerator<Uint8Array> {
  const all = bytes(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

type Entry = TestAnswer['body'];
async function send(gateway: TestGateway, given: unknown, size?: number) {
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  const answer = await gateway.send({ headers, body: chunks(text, size) });
  const body: unknown = answer.body;
  const entries = Array.isArray(body) ? (body as Entry[]) : undefined;
  return { ...answer, entries, codes: (entries ?? [answer.body]).map(codeOf) };
}

const codeOf = ({ errors }: Entry): string => errors?.[0]?.extensions.code ?? 'ok';
const reasons = (gateway: TestGateway) => gateway.records.map(({ refusal }) => refusal?.reason);

const me = { query: '{ me }' };
const login = { query: 'mutation { login(email: "ada@x.test") }' };
const many = (count: number, entry: unknown = me) => Array.from({ length: count }, () => entry);

it('a control: with batching on and no limit by argument, a hundred sign-ins run', async () => {
  const yoga = obvious({ upstreams });
  const aliases = Array.from({ length: 100 }, (_, at) => `a${at}: login(email: "ada@x.test")`);
  await yoga.query(`mutation { ${aliases.join(' ')} }`);
  expect(ran).toBe(100);
});

describe('each entry', () => {
  it('is charged: of a hundred sign-ins five run', async () => {
    const gateway = await open();
    const { status, codes } = await send(gateway, many(100, login));
    expect(status).toBe(200);
    expect(ran).toBe(5);
    expect(codes.filter((code) => code === 'ok')).toHaveLength(5);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(95);
    await Promise.all([send(gateway, many(50, login)), send(gateway, login)]);
    expect(ran).toBe(5);
  });

  it('counts for its address as one request', async () => {
    const gateway = await open();
    const first = await send(gateway, many(100));
    const second = await send(gateway, many(100));
    expect(new Set(first.codes)).toEqual(new Set(['ok']));
    expect(second.codes.filter((code) => code === 'ok')).toHaveLength(50);
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    expect((await send(gateway, me)).status).toBe(429);
  });

  it.each(['first', 'last'])(
    'waits for as long as the one that waits longest, the %s',
    async (at) => {
      const hourly =
        '  - { name: big-hour, fields: { Query: [big] }, per: address, limit: 1, window: 1h }\n';
      const gateway = await open({ rates: rates + hourly });
      const long = many(2, { query: '{ big }' });
      const short = many(6, login);
      const { headers } = await send(
        gateway,
        at === 'first' ? [...long, ...short] : [...short, ...long],
      );
      expect(Number(headers['retry-after'])).toBeGreaterThan(60);
    },
  );

  it('has a place in flight', async () => {
    const inFlight = createInFlight({ perCallerMax: 3, keysMax: 10 });
    const gateway = await open({ inFlight });
    const { codes } = await send(gateway, many(10));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(3);
    expect(codes.filter((code) => code === 'TOO_MANY_IN_FLIGHT')).toHaveLength(7);
    expect((await send(gateway, many(3))).codes).toEqual(['ok', 'ok', 'ok']);
  });

  it('has a record, an id and a decision of its own, and its answer in its place', async () => {
    const gateway = await open();
    const given = [me, { query: '{ ssn }' }, { query: '{ nope }' }, { query: '{' }, 7, login];
    const { codes, entries } = await send(gateway, given);
    expect(codes).toEqual([
      'ok',
      'FORBIDDEN',
      'GRAPHQL_VALIDATION_FAILED',
      'GRAPHQL_PARSE_FAILED',
      'BAD_REQUEST',
      'ok',
    ]);
    expect(entries?.[0]).toEqual({ data: { me: '1' } });
    expect(gateway.records).toHaveLength(6);
    expect(new Set(gateway.records.map(({ id }) => id)).size).toBe(6);
    expect(gateway.requests.map(({ query }) => query).join()).not.toContain('ssn');
  });

  it('is spelled as it was sent: what rounding would change is refused in a list too', async () => {
    const gateway = await open();
    const exact = '{"query":"query($n: Float){ big(n: $n) }","variables":{"n":1e400}}';
    const alone = await send(gateway, exact);
    const { codes } = await send(gateway, `[${exact}, {"query":"{ me }"}]`);
    expect(codes).toEqual([codeOf(alone.body), 'ok']);
    expect(codes[0]).not.toBe('ok');
  });
});

describe('what is refused as a whole', () => {
  it.each([
    { name: 'an empty list', given: [] },
    { name: 'a list over the limit', given: many(101) },
    { name: 'a long list of nothing', given: many(10_000, 1) },
  ])('$name', async ({ given }) => {
    const gateway = await open();
    const { status, entries } = await send(gateway, given);
    expect({ status, entries }).toEqual({ status: 400, entries: undefined });
    expect(reasons(gateway)).toEqual(['admit/batch']);
    expect(gateway.requests).toEqual([]);
  });

  it.each(['[{"query":"{ me }"}', '[{"query":"{ me }"},]', '[{"query":"{ me }"}]]', '[1 2]'])(
    'a list that is no JSON: %s',
    async (given) => {
      const gateway = await open();
      expect((await send(gateway, given)).status).toBe(400);
      expect(reasons(gateway)).toEqual(['admit/body-malformed']);
    },
  );

  it.each([1, 7, 1_000_000])('a body past the size, in pieces of %i', async (size) => {
    const gateway = await open({ limits: { bodyBytes: 1_000 } });
    const { status, entries } = await send(gateway, many(99), size);
    expect({ status, entries }).toEqual({ status: 413, entries: undefined });
    expect(reasons(gateway)).toEqual(['admit/body-too-large']);
  });

  it('bytes that are no UTF-8', async () => {
    const gateway = await open();
    const body = (async function* () {
      yield new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]);
    })();
    expect((await gateway.send({ headers, body })).status).toBe(400);
    expect(reasons(gateway)).toEqual(['admit/body-malformed']);
  });

  it('any list, where lists are off', async () => {
    const gateway = await open({ batch: 0 });
    expect((await send(gateway, [me])).status).toBe(400);
    expect(reasons(gateway)).toEqual(['admit/batch']);
  });

  it('a list by GET', async () => {
    const gateway = await open();
    const search = `query=${encodeURIComponent(JSON.stringify([me]))}`;
    const { body } = await gateway.send({ method: 'GET', search });
    expect(codeOf(body)).toBe('GRAPHQL_PARSE_FAILED');
    expect(gateway.requests).toEqual([]);
  });

  it('a list in a list, in its place', async () => {
    const gateway = await open();
    const { codes } = await send(gateway, [[login, login], me, [[login]]]);
    expect(codes).toEqual(['BAD_REQUEST', 'ok', 'BAD_REQUEST']);
    expect(reasons(gateway).filter((one) => one === 'admit/batch')).toHaveLength(2);
    expect(ran).toBe(0);
  });

  it('a request that was refused before its list was read', async () => {
    const gateway = await open({ anonymous: 'refuse' });
    const { status, entries } = await send(gateway, [me, me]);
    expect({ status, entries }).toEqual({ status: 401, entries: undefined });
    expect(gateway.records).toHaveLength(1);
  });
});

it('a list that ends after its request was refused starts nothing', async () => {
  const gateway = await open({ limits: { timeoutMs: 50 } });
  const rest = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const body = (async function* () {
    yield bytes(`[${JSON.stringify(login)},`);
    await rest.promise;
    yield bytes(`${JSON.stringify(login)}]`);
    read.resolve();
  })();
  const { status } = await gateway.send({ headers, body });
  expect(status).toBe(408);
  rest.resolve();
  // Whether anybody still reads it or not.
  const turns = (async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
  })();
  await Promise.race([read.promise, turns]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(gateway.records).toHaveLength(1);
  expect(ran).toBe(0);
});

describe('one operation', () => {
  it.each([1, 3, 1_000])('in a list is answered with a list, in pieces of %i', async (size) => {
    const gateway = await open();
    const { entries } = await send(gateway, ` \n[${JSON.stringify(me)}]\t`, size);
    expect(entries).toEqual([{ data: { me: '1' } }]);
  });

  it.each([1, 3, 1_000])('alone is answered alone, in pieces of %i', async (size) => {
    const gateway = await open();
    const { entries, body } = await send(gateway, ` \n${JSON.stringify(me)}`, size);
    expect(entries).toBeUndefined();
    expect(body).toEqual({ data: { me: '1' } });
  });
});

describe('cutting a list', () => {
  it.each([
    ['[1,2]', ['1', '2']],
    ['[ {"a":[1,2]} , "x,]" ]', [' {"a":[1,2]} ', ' "x,]" ']],
    ['["\\"]",[[]],{"b":"\\\\"}]', ['"\\"]"', '[[]]', '{"b":"\\\\"}']],
    ['[]', undefined],
    ['{"a":[1]}', undefined],
    ['[1,2,3,4]', undefined],
    ['[1', undefined],
  ] as const)('%s', (text, expected) => expect(splitList(text, 3)).toEqual(expected));
});

describe('who calls', () => {
  it('is found out by the first operation, and the others are theirs', async () => {
    const seen: unknown[] = [];
    const anonymous = createAnonymousCaller();
    const gateway = createBatching(
      {
        async handle(inbound, send, takeText) {
          const caller = inbound.caller ?? anonymous;
          for await (const piece of inbound.body) {
            takeText?.(new TextDecoder().decode(piece), caller);
          }
          seen.push(inbound.caller);
          await send({ status: 200, headers: {}, body: '{}' });
        },
      },
      { operationsMax: 2 },
    );
    const inbound = {
      method: 'POST',
      path: '/graphql',
      search: '',
      rawHeaders: [],
      headers,
      peer: '127.0.0.1',
      signal: new AbortController().signal,
      body: chunks('[{"query":"{ me }"},{"query":"{ big }"}]'),
    };
    await gateway.handle(inbound, async () => ({ aborted: false }));
    expect(seen).toHaveLength(2);
    expect(seen.filter((caller) => caller === anonymous)).toHaveLength(1);
  });
});

/**
 * Introspection: answers that are nearly right, a provider that is slow, down, hostile or somewhere
 * else, and tokens that try to reach an endpoint that is not theirs. No answer, no caller.
 */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
import type { IntrospectionConfig } from '../../gateway/identify/introspection-answer.ts';
import { inactiveMs, questionsMax, waitingMax } from '../../gateway/identify/introspection-door.ts';
import { createSigningKey, signToken, startMs, toVerdict } from '../identify/loopback-issuer.ts';

interface Provider {
  readonly url: string;
  /** What was asked, in order. */
  readonly asked: { token: string | null; authorization: string | undefined }[];
  answer: unknown;
  behave: RequestListener | undefined;
  close(): Promise<void>;
}

const active = {
  active: true,
  token_type: 'Bearer',
  sub: 'ada',
  client_id: 'portal',
  scope: 'hr:read',
  exp: startMs / 1000 + 300,
};

async function startProvider(): Promise<Provider> {
  const provider: Omit<Provider, 'url' | 'close'> = {
    asked: [],
    answer: active,
    behave: undefined,
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    provider.asked.push({
      token: form.get('token'),
      authorization: request.headers.authorization,
    });
    if (provider.behave) provider.behave(request, response);
    else
      response.end(
        typeof provider.answer === 'string' ? provider.answer : JSON.stringify(provider.answer),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(provider, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

let first: Provider;
let second: Provider;
beforeAll(async () => {
  [first, second] = await Promise.all([startProvider(), startProvider()]);
});
afterEach(() => {
  for (const provider of [first, second]) {
    provider.asked.length = 0;
    provider.answer = active;
    provider.behave = undefined;
  }
});
afterAll(() => Promise.all([first.close(), second.close()]));

const entry = (
  provider: Provider,
  more: Partial<IntrospectionConfig> = {},
): IntrospectionConfig => ({
  url: provider.url,
  issuer: 'https://idp.example',
  audience: undefined,
  clientId: 'gate way',
  clientSecret: 's:cret',
  cacheMs: 30_000,
  timeoutMs: 1000,
  jwt: false,
  scopes: 'scope',
  roles: 'roles',
  client: 'client_id',
  leewayMs: 0,
  ...more,
});

function open(
  entries: IntrospectionConfig[],
  more: Partial<Parameters<typeof createIdentify>[0]> = {},
) {
  let nowMs = startMs;
  const problems: string[] = [];
  const step = createIdentify(
    { introspection: entries, anonymous: 'allow', now: () => nowMs, ...more },
    { report: (problem) => problems.push(problem) },
  );
  onTestFinished(() => step.close());
  const use = async (token: string, network = '192.0.2.1') =>
    step.identify({ raw: ['Authorization', `Bearer ${token}`], network });
  return {
    problems,
    use,
    verdict: async (token: string, network?: string) => toVerdict(await use(token, network)),
    advance: (ms: number) => (nowMs += ms),
  };
}

const answers: {
  name: string;
  given: unknown;
  expect: string;
  config?: Partial<IntrospectionConfig>;
}[] = [
  { name: 'control', given: active, expect: 'caller' },
  {
    name: 'control: the audience',
    given: { ...active, aud: ['x', 'graph'] },
    expect: 'caller',
    config: { audience: ['graph'] },
  },
  { name: 'not active', given: { active: false }, expect: 'identify/token-inactive' },
  {
    name: 'not active, but full',
    given: { ...active, active: false },
    expect: 'identify/token-inactive',
  },
  ...['true', 1, [true], {}, null].map((value) => ({
    name: `active ${JSON.stringify(value)}`,
    given: { ...active, active: value },
    expect: 'identify/introspection-unavailable',
  })),
  { name: 'no word on it', given: { sub: 'ada' }, expect: 'identify/introspection-unavailable' },
  {
    name: 'active and not',
    given: '{"active":false,"active":true,"token_type":"Bearer"}',
    expect: 'identify/introspection-unavailable',
  },
  { name: 'a list', given: [active], expect: 'identify/introspection-unavailable' },
  { name: 'HTML', given: '<html>', expect: 'identify/introspection-unavailable' },
  { name: 'nothing', given: '', expect: 'identify/introspection-unavailable' },
  { name: 'over', given: { ...active, exp: startMs / 1000 }, expect: 'identify/token-expired' },
  { name: 'exp as text', given: { ...active, exp: '9999999999' }, expect: 'identify/token-claims' },
  {
    name: 'exp without an end',
    given: JSON.stringify(active).replace(/"exp":\d+/, '"exp":1e999'),
    expect: 'identify/token-claims',
  },
  {
    name: 'not yet',
    given: { ...active, nbf: startMs / 1000 + 9 },
    expect: 'identify/token-claims',
  },
  {
    name: 'another issuer',
    given: { ...active, iss: 'https://other.example' },
    expect: 'identify/token-claims',
  },
  {
    name: 'another audience',
    given: { ...active, aud: 'x' },
    expect: 'identify/token-claims',
    config: { audience: ['graph'] },
  },
  {
    name: 'no audience',
    given: active,
    expect: 'identify/token-claims',
    config: { audience: ['graph'] },
  },
  {
    name: 'a refresh token',
    given: { ...active, token_type: undefined },
    expect: 'identify/token-claims',
  },
  {
    name: 'a refresh token by another name',
    given: { ...active, token_use: 'refresh_token' },
    expect: 'identify/token-claims',
  },
  {
    name: 'a binding nobody can prove',
    given: { ...active, cnf: { kid: 'a' } },
    expect: 'identify/token-binding',
  },
  {
    name: 'a DPoP token without the key it is bound to',
    given: { ...active, token_type: 'dpop' },
    expect: 'identify/token-binding',
  },
];

describe('an introspection answer', () => {
  test.each(answers)('$name', async ({ given, expect: expected, config }) => {
    first.answer = given;
    const { verdict } = open([entry(first, config)]);
    expect(await verdict('opaque')).toBe(expected);
    expect(await verdict('opaque')).toBe(expected);
  });

  test('says who calls, under the ceiling, and is asked for with our credentials', async () => {
    const { use } = open([entry(first, { may: { scopes: ['hr:*'], roles: [] } })]);
    first.answer = { ...active, scope: 'hr:read payroll:read' };
    const caller = await use('op/aq+ue~==');
    if (caller instanceof Refusal) throw new Error(caller.reason);
    expect(caller).toMatchObject({
      issuer: 'https://idp.example',
      subject: 'ada',
      client: 'portal',
    });
    expect([...caller.scopes]).toEqual(['hr:read']);
    const basic = Buffer.from('gate+way:s%3Acret').toString('base64');
    expect(first.asked).toEqual([{ token: 'op/aq+ue~==', authorization: `Basic ${basic}` }]);
  });
});

describe('the memory of answers', () => {
  test.each([
    { name: 'said no', behave: undefined, expect: 'identify/token-inactive' },
    {
      name: 'gave none',
      behave: (_: unknown, response: { destroy(): void }) => response.destroy(),
      expect: 'identify/introspection-unavailable',
    },
  ])('a clock that goes back and forth brings no answer back after one that $name', async (one) => {
    const { verdict, advance } = open([entry(first)]);
    expect(await verdict('opaque')).toBe('caller');
    first.answer = { active: false };
    first.behave = one.behave;
    advance(-10_000);
    expect(await verdict('opaque')).toBe(one.expect);
    advance(20_000);
    expect(await verdict('opaque')).toBe(one.expect);
  });

  test('lasts as configured, and never longer than the token', async () => {
    const { verdict, advance } = open([entry(first)]);
    first.answer = { ...active, exp: startMs / 1000 + 40 };
    expect(await verdict('a')).toBe('caller');
    advance(29_999);
    expect(await verdict('a')).toBe('caller');
    expect(first.asked.length).toBe(1);
    advance(1);
    expect(await verdict('a')).toBe('caller');
    expect(first.asked.length).toBe(2);
    advance(10_000);
    expect(await verdict('a')).toBe('identify/token-expired');
  });

  test('a token that is withdrawn falls with the answer', async () => {
    const { verdict, advance } = open([entry(first)]);
    expect(await verdict('a')).toBe('caller');
    first.answer = { active: false };
    advance(30_000);
    expect(await verdict('a')).toBe('identify/token-inactive');
  });

  test('a refusal is remembered for moments', async () => {
    const { verdict, advance } = open([entry(first)]);
    first.answer = { active: false };
    await verdict('a');
    first.answer = active;
    advance(inactiveMs - 1);
    expect(await verdict('a')).toBe('identify/token-inactive');
    advance(1);
    expect(await verdict('a')).toBe('caller');
    expect(first.asked.length).toBe(2);
  });

  test('a clock that is put back makes a refusal last no longer', async () => {
    const { verdict, advance } = open([entry(first)]);
    first.answer = { active: false };
    await verdict('a');
    first.answer = active;
    advance(-1);
    expect(await verdict('a')).toBe('caller');
  });

  test('a failure is not remembered, and nothing old is used instead', async () => {
    const { verdict, advance, problems } = open([entry(first)]);
    expect(await verdict('a')).toBe('caller');
    advance(30_000);
    first.behave = (_, response) => void response.destroy();
    expect(await verdict('a')).toBe('identify/introspection-unavailable');
    expect(await verdict('a')).toBe('identify/introspection-unavailable');
    expect(problems.length).toBe(1);
    first.behave = undefined;
    expect(await verdict('a')).toBe('caller');
  });

  test('one question per token, however many requests', async () => {
    const { verdict } = open([entry(first, { cacheMs: 0 })]);
    await Promise.all(Array.from({ length: 50 }, () => verdict('a')));
    expect(first.asked.length).toBe(1);
    await verdict('a');
    expect(first.asked.length).toBe(2);
  });

  test('a flood of made-up tokens asks so many questions at once and no more', async () => {
    let most = 0;
    const waiting: (() => void)[] = [];
    first.behave = (_, response) => {
      waiting.push(() => response.end('{"active":false}'));
      most = Math.max(most, waiting.length);
      if (waiting.length === 16) for (const answer of waiting.splice(0)) answer();
    };
    const { verdict } = open([entry(first)]);
    const verdicts = await Promise.all(
      Array.from({ length: 500 }, (_, at) => verdict(`t${at}`, `192.0.2.${at % 8}`)),
    );
    const refused = verdicts.filter((one) => one === 'identify/introspection-unavailable');
    expect(refused.length).toBe(500 - questionsMax);
    expect(first.asked.length).toBe(questionsMax);
    expect(most).toBeLessThanOrEqual(16);
  });

  test('of a provider that hangs few requests wait, were it for one token', async () => {
    const asked = Promise.withResolvers<() => void>();
    first.behave = (_, response) => asked.resolve(() => response.end(JSON.stringify(active)));
    const { verdict } = open([entry(first, { timeoutMs: 20_000 })]);
    const waiting = Array.from({ length: waitingMax }, (_, at) =>
      verdict('a', `192.0.2.${at % 8}`),
    );
    const answer = await asked.promise;
    expect([await verdict('a'), await verdict('b', '192.0.2.9')]).toEqual(
      Array(2).fill('identify/introspection-unavailable'),
    );
    answer();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['caller']));
    expect(await verdict('a')).toBe('caller');
    first.behave = undefined;
    expect(await verdict('b')).toBe('caller');
  });
});

describe('one network', () => {
  test.each([
    ['asks so many questions at once', (at: number) => `t${at}`, questionsMax],
    ['has so many requests waiting', () => 'a', waitingMax],
  ])('%s that others still get an answer', async (_, tokenOf, max) => {
    const answers: (() => void)[] = [];
    first.behave = (_request, response) => answers.push(() => response.end(JSON.stringify(active)));
    const { verdict } = open([entry(first, { timeoutMs: 20_000 })]);
    const flood = Array.from({ length: 1_000 }, (_, at) => verdict(tokenOf(at), '192.0.2.1'));
    const other = verdict('other', '192.0.2.2');
    const done = Promise.all([...flood, other]);
    const timer = setInterval(() => {
      for (const answer of answers.splice(0)) answer();
    }, 5);
    onTestFinished(() => clearInterval(timer));
    const verdicts = await done;
    expect(verdicts.at(-1)).toBe('caller');
    expect(verdicts.filter((one) => one === 'caller').length).toBe(max * 0.75 + 1);
    // All places are free again.
    expect(await verdict('after', '192.0.2.1')).toBe('caller');
  });
});

const evil: { name: string; given: RequestListener }[] = [
  {
    name: 'refuses',
    given: (_, response) => void response.writeHead(500).end(JSON.stringify(active)),
  },
  {
    name: 'does not know us',
    given: (_, response) => void response.writeHead(401).end('{"active":true}'),
  },
  { name: 'hangs up', given: (_, response) => void response.destroy() },
  { name: 'never answers', given: () => undefined },
  { name: 'stalls half way', given: (_, response) => void response.write('{"active":') },
  {
    name: 'drowns us',
    given: (_, response) => void response.end(`${JSON.stringify(active)}${' '.repeat(70_000)}`),
  },
  {
    name: 'sends us elsewhere',
    given: (_, response) => void response.writeHead(307, { location: second.url }).end(),
  },
];

describe('a provider', () => {
  test.each(evil)('that $name lets nobody in', async ({ given }) => {
    first.behave = given;
    const { verdict } = open([entry(first, { timeoutMs: 150 })]);
    expect(await verdict('a')).toBe('identify/introspection-unavailable');
    expect(second.asked).toEqual([]);
  });
});

describe('which endpoint is asked', () => {
  test('by prefix, and never two', async () => {
    const { verdict } = open([entry(first, { prefix: 'a_' }), entry(second, { issuer: 'b' })]);
    first.answer = { active: false };
    expect(await verdict('a_1')).toBe('identify/token-inactive');
    expect(second.asked).toEqual([]);
    expect(await verdict('b_1')).toBe('caller');
    expect(first.asked.length).toBe(1);
  });

  test('none where no prefix fits', async () => {
    const { verdict } = open([entry(first, { prefix: 'a_' })]);
    expect(await verdict('b_1')).toBe('identify/token-claims');
    expect(first.asked).toEqual([]);
  });

  test('no token that could be read as a JSON Web Token goes around its issuer', async () => {
    const key = await createSigningKey('k1');
    const jwt = [
      {
        issuer: 'https://idp.example',
        audience: 'graph',
        jwks: 'http://127.0.0.1:9/unused',
        algorithms: ['ES256'],
        scopes: 'scope',
        roles: 'roles',
        client: 'azp',
        leewayMs: 0,
      },
    ];
    const { verdict } = open([entry(first)], { jwt });
    const token = await signToken({ key });
    const [head = '', body = '', signature = ''] = token.split('.');
    const spaced = Buffer.from(` \n${Buffer.from(head, 'base64url')}`).toString('base64url');
    for (const spelt of [
      token,
      `${token}==`,
      `${head}.${body}`,
      `${head}.${body}.${signature}.x`,
      `${head}.${body}.${signature}.${signature}.${signature}`,
      `${spaced}.${body}.${signature}`,
      `${Buffer.from(head, 'base64url').toString('base64')}.${body}.${signature}`,
      `${head}.`,
      await signToken({ key, claims: { iss: 'https://other.example' } }),
    ]) {
      expect(await verdict(spelt)).not.toBe('caller');
    }
    expect(first.asked).toEqual([]);
  });

  test('JSON Web Tokens of its own issuer, where that is configured', async () => {
    const { verdict } = open([entry(first, { jwt: true })]);
    const key = await createSigningKey('k1');
    expect(await verdict(await signToken({ key }))).toBe('caller');
    expect(await verdict(await signToken({ key, claims: { iss: 'x' } }))).toBe(
      'identify/token-claims',
    );
    expect(first.asked.length).toBe(1);
  });
});

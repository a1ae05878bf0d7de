/** The gateway's own token for an upstream, from a real token endpoint: cached, renewed, refused. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createTransport,
  type TransportOptions,
} from '../../gateway/delegate/transport/transport.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext, startHttp } from '../support/delegation.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const secret = 's:e c/r&e=t';

interface Token {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** `token` answers the nth request for one; `accepts` says whether the upstream takes a token. */
async function rig(about: {
  token?: (count: number) => Token | Promise<Token>;
  accepts?: (token: string) => boolean;
  options?: Partial<TransportOptions>;
}) {
  const world = { nowMs: Date.now() };
  const forms: string[] = [];
  const credentials: (string | undefined)[] = [];
  const tokens: string[] = [];
  const bodies: string[] = [];
  const idp = await startHttp(async (request, response, form) => {
    forms.push(form);
    credentials.push(request.headers.authorization);
    const count = forms.length;
    const body = { access_token: `token-${count}`, token_type: 'Bearer', expires_in: 600 };
    const answer = (await about.token?.(count)) ?? {};
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/json',
      ...answer.headers,
    });
    const text = answer.body ?? body;
    response.end(typeof text === 'string' ? text : JSON.stringify(text));
  });
  const upstream = await startHttp((request, response, body) => {
    bodies.push(`${request.headers['content-type']} ${body}`);
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    tokens.push(token);
    response.writeHead(about.accepts?.(token) === false ? 401 : 200);
    response.end('{}');
  });
  const transport = createTransport(
    {
      upstream: 'up',
      url: upstream.url,
      timeoutMs: 2_000,
      responseBytesMax: 1_000,
      oauth: {
        tokenUrl: `${idp.url}/token`,
        clientId: 'gate:way',
        clientSecret: secret,
        scope: 'a b',
        audience: 'pay',
      },
      ...about.options,
    },
    { now: () => world.nowMs },
  );
  opened.push(idp, upstream, transport);
  const context = () => newContext({ deadlineMs: world.nowMs + 60_000 });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const send = (using = context()) =>
    transport
      .send({ method: 'POST', path: '/', label: 'query', headers, body: 'a=%26' }, using)
      .then(
        ({ status }) => String(status),
        (error: unknown) => (error instanceof UpstreamFailure ? error.why : String(error)),
      );
  return { world, forms, credentials, tokens, bodies, send, context };
}

it('asks as RFC 6749 says, and sends what it gets', async () => {
  const { send, forms, credentials, tokens } = await rig({});
  expect(await send()).toBe('200');
  expect(forms).toEqual(['grant_type=client_credentials&scope=a+b&audience=pay']);
  const pair = Buffer.from(credentials[0]?.replace('Basic ', '') ?? '', 'base64').toString();
  expect(pair).toBe('gate%3Away:s%3Ae+c%2Fr%26e%3Dt');
  expect(tokens).toEqual(['token-1']);
});

describe('a token', () => {
  it('is renewed shortly before it expires, and used until the new one is there', async () => {
    const { send, world, forms, tokens } = await rig({});
    await send();
    world.nowMs += 569_000;
    await send();
    expect(forms).toHaveLength(1);
    world.nowMs += 2_000;
    await send();
    expect(tokens).toEqual(['token-1', 'token-1', 'token-1']);
    await vi.waitFor(async () => {
      await send();
      expect(tokens.at(-1)).toBe('token-2');
    });
    expect(forms).toHaveLength(2);
  });

  it('that is good for a while goes on while the endpoint is slow or down, and no longer', async () => {
    const { promise, resolve } = Promise.withResolvers<Token>();
    const { send, world, forms, tokens } = await rig({
      token: (count) => (count === 1 ? {} : promise),
    });
    await send();
    world.nowMs += 571_000;
    expect(await send()).toBe('200');
    await vi.waitFor(() => expect(forms).toHaveLength(2));
    resolve({ status: 500 });
    await vi.waitFor(async () => {
      world.nowMs += 1_001;
      await send();
      expect(forms.length).toBeGreaterThan(2);
    });
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    world.nowMs += 25_000;
    expect(await send()).toBe('no token: status 500');
  });

  it.each([
    { name: 'no length of life', life: undefined, usedMs: 53_000 },
    { name: 'a life as text', life: '100', usedMs: 89_000 },
    { name: 'a life that is none', life: -5, usedMs: 53_000 },
    { name: 'a life of nothing', life: 0, usedMs: 800 },
    { name: 'a life of a millisecond', life: 0.001, usedMs: 800 },
    { name: 'a life of years', life: 1e12, usedMs: 24 * 3_600_000 - 31_000 },
  ])('of $name', async ({ life, usedMs }) => {
    const { send, world, tokens } = await rig({
      token: (count) => ({
        body: { access_token: `token-${count}`, token_type: 'bearer', expires_in: life },
      }),
    });
    await send();
    world.nowMs += usedMs;
    await send();
    world.nowMs += 10_000;
    if (life === 1e12) world.nowMs += 30_000;
    await send();
    expect(tokens).toEqual(['token-1', 'token-1', 'token-2']);
  });

  it('is renewed when the clock went back', async () => {
    const { send, world, tokens } = await rig({});
    await send();
    world.nowMs -= 3_600_000;
    await send();
    expect(tokens).toEqual(['token-1', 'token-2']);
  });

  it('is asked for once by a hundred calls', async () => {
    const { send, forms } = await rig({});
    const answers = await Promise.all(Array.from({ length: 100 }, () => send()));
    expect(new Set(answers)).toEqual(new Set(['200']));
    expect(forms).toHaveLength(1);
  });

  it('that is refused is renewed once, whoever was refused with it', async () => {
    const { send, forms, tokens } = await rig({ accepts: (token) => token !== 'token-1' });
    expect(await Promise.all(Array.from({ length: 10 }, () => send()))).toEqual(
      Array.from({ length: 10 }, () => '200'),
    );
    expect(forms).toHaveLength(2);
    expect(tokens.filter((token) => token === 'token-1').length).toBeLessThanOrEqual(10);
  });

  it('that is always refused is a failure, and no flood of the token endpoint', async () => {
    const { send, forms, tokens, bodies, world } = await rig({ accepts: () => false });
    expect(await send()).toBe('401');
    expect(tokens).toEqual(['token-1', 'token-2']);
    expect(bodies).toEqual(Array(2).fill('application/x-www-form-urlencoded a=%26'));
    for (let call = 0; call < 20; call += 1) expect(await send()).toBe('401');
    expect(forms).toHaveLength(2);
    world.nowMs += 5_001;
    await send();
    expect(forms).toHaveLength(3);
  });
});

describe('a token endpoint', () => {
  const cases: { name: string; given: Token; expect: string }[] = [
    { name: 'that refuses', given: { status: 401, body: { error: secret } }, expect: 'status 401' },
    {
      name: 'that redirects',
      given: { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      expect: 'redirect refused',
    },
    { name: 'that talks', given: { body: `hello ${secret}` }, expect: 'the answer is not JSON' },
    { name: 'that says null', given: { body: 'null' }, expect: 'the answer is no object' },
    { name: 'without a token', given: { body: {} }, expect: 'the answer holds none' },
    {
      name: 'whose token is two headers',
      given: { body: { access_token: 'a\r\nx: y', token_type: 'bearer' } },
      expect: 'the answer holds none',
    },
    {
      name: 'whose token is of another kind',
      given: { body: { access_token: 'a', token_type: 'DPoP' } },
      expect: 'the token is no bearer token',
    },
    {
      name: 'that sends too much',
      given: { body: { access_token: 'a'.repeat(100_000), token_type: 'bearer' } },
      expect: 'answer too large',
    },
  ];
  it.each(cases)('$name', async ({ given, expect: wanted }) => {
    const { send, tokens, context } = await rig({ token: () => given });
    const using = context();
    const why = await send(using);
    expect(why).toBe(`no token: ${wanted}`);
    expect(tokens).toEqual([]);
    const calls = using.record.upstreamCalls;
    expect(calls).toMatchObject([{ upstream: 'up', operation: 'query', status: 0, failure: why }]);
    expect(JSON.stringify(calls)).not.toContain(secret);
  });

  it('that is down is not asked by every call', async () => {
    const { send, forms, world } = await rig({
      token: (count) => (count === 1 ? { status: 500 } : {}),
    });
    expect(await send()).toBe('no token: status 500');
    expect(await send()).toBe('no token: status 500');
    expect(forms).toHaveLength(1);
    world.nowMs += 1_001;
    expect(await send()).toBe('200');
  });

  it('that never answers is waited for within bounds', async () => {
    const { send } = await rig({
      token: () => new Promise(() => undefined),
      options: { timeoutMs: 100 },
    });
    expect(await send()).toBe('no token: timeout');
  });

  it('holds no caller past the caller’s own time, nor after the caller went', async () => {
    const { promise, resolve } = Promise.withResolvers<Token>();
    const { send, world, forms, context } = await rig({ token: () => promise });
    const gone = new AbortController();
    const patient = send();
    const late = send(newContext({ deadlineMs: world.nowMs + 50 }));
    const left = send({ ...context(), signal: gone.signal });
    gone.abort();
    expect(await left).toBe('cancelled');
    expect(await late).toBe('timeout');
    resolve({});
    expect(await patient).toBe('200');
    expect(forms).toHaveLength(1);
  });
});

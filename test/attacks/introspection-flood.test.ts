/**
 * A flood of made-up tokens, over real connections, while the provider that is asked about them
 * takes its time: one network has its share of the questions, two have all of them, and whoever is
 * known already is served as ever.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { questionsMax } from '../../gateway/identify/introspection-door.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const shareMax = questionsMax * 0.75;
const otherMax = questionsMax - shareMax;
const patience = { timeout: 60_000 };
/** One after the other, as the gateway sheds requests where it has too much to do. */
const betweenMs = 5;
const againMs = 500;

/** A provider that knows the tokens that begin with `good`, and can hold its answers back. */
async function playProvider() {
  const held: (() => void)[] = [];
  let isHolding = false;
  const { url, close } = await playUpstream((_request, response, body) => {
    const isActive = new URLSearchParams(body).get('token')?.startsWith('good') === true;
    const answer = (): void => {
      response.end(JSON.stringify({ active: isActive, token_type: 'Bearer', sub: 'ada' }));
    };
    if (isHolding) held.push(answer);
    else answer();
  });
  return {
    url,
    close,
    hold: (): void => {
      isHolding = true;
    },
    release: (): void => {
      isHolding = false;
      for (const answer of held.splice(0)) answer();
    },
  };
}

async function serveGateway() {
  const provider = await playProvider();
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[{"name":"Ada"}]}}');
  });
  const files = smallFiles(upstream.url);
  const identity = `identity:
  introspection:
    - url: ${provider.url}/introspect
      issuer: https://idp.example.test
      clientId: gateway
      clientSecret: secret
      timeout: 30s
      cache: 5m
`;
  const gateway = await serveFiles({
    ...files,
    'gateway.yaml': files['gateway.yaml']?.replace(/identity: .*\n/, identity) ?? '',
    'policies/network/proxies.yaml': 'version: 1\ntrustedProxies: ["127.0.0.0/8", "::1"]\n',
  });
  onTestFinished(async () => {
    await provider.close();
    await gateway.close();
    await upstream.close();
  });
  const askOnce = async (token: string, address: string): Promise<string> => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'x-forwarded-for': address,
      },
      body: '{"query":"{ staff { name } }"}',
    });
    const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    return errors?.[0]?.extensions.code ?? 'served';
  };
  /** `served`, or the code of the error; again where the gateway had too much to do. */
  const ask = async (token: string, address: string): Promise<string> => {
    let outcome = await askOnce(token, address);
    while (outcome === 'OVERLOADED') {
      await sleep(againMs);
      outcome = await askOnce(token, address);
    }
    return outcome;
  };
  /** Many requests, each with a token of its own. */
  const flood = (count: number, address: string) => {
    const outcomes: string[] = [];
    const all = Array.from({ length: count }, async (_, at) => {
      await sleep(at * betweenMs);
      outcomes.push(await ask(`made-up-${crypto.randomUUID()}-${at}`, address));
    });
    const ended = Promise.all(all);
    return {
      /** How many found no place so far. */
      refused: () => outcomes.filter((outcome) => outcome === 'UNAVAILABLE').length,
      /** How many the provider was asked about in the end, and called inactive. */
      inactive: async () => {
        await ended;
        return outcomes.filter((outcome) => outcome === 'UNAUTHENTICATED').length;
      },
    };
  };
  return { provider, ask, flood };
}

it('one network takes its share of the questions, and two take all', {
  timeout: 120_000,
}, async () => {
  const { provider, ask, flood } = await serveGateway();
  expect(await ask('good-known', '192.0.2.1')).toBe('served');

  provider.hold();
  const first = flood(shareMax + 20, '192.0.2.1');
  await expect.poll(first.refused, patience).toBeGreaterThanOrEqual(20);
  expect(await ask('good-new', '192.0.2.1')).toBe('UNAVAILABLE');
  const second = flood(otherMax + 10, '192.0.2.2');
  await expect.poll(second.refused, patience).toBeGreaterThanOrEqual(10);
  expect(await ask('good-new', '192.0.2.3')).toBe('UNAVAILABLE');
  expect(await ask('good-known', '192.0.2.3')).toBe('served');

  provider.release();
  expect(await first.inactive()).toBeLessThanOrEqual(shareMax);
  expect(await second.inactive()).toBeLessThanOrEqual(otherMax);
  expect(await ask('good-new', '192.0.2.3')).toBe('served');
});

it('the addresses of one /64 share a share, and others are asked about', {
  timeout: 120_000,
}, async () => {
  const { provider, ask, flood } = await serveGateway();
  expect(await ask('good-known', '192.0.2.1')).toBe('served');
  provider.hold();
  const floods = ['2001:db8:1:2::1', '2001:db8:1:2:3::1'].map((address) =>
    flood(shareMax / 2 + 10, address),
  );
  const refused = () => floods.reduce((sum, one) => sum + one.refused(), 0);
  await expect.poll(refused, patience).toBeGreaterThanOrEqual(20);
  expect(await ask('good-same', '2001:db8:1:2:ffff::9')).toBe('UNAVAILABLE');
  const others = ['2001:db8:1:3::1', '192.0.2.7'].map((address, at) => ask(`good-${at}`, address));
  // By then the others have come as well, and take their places while the flood has its share.
  expect(await ask('good-known', '192.0.2.1')).toBe('served');
  provider.release();
  expect(await Promise.all(others)).toEqual(['served', 'served']);
  const inactive = await Promise.all(floods.map((one) => one.inactive()));
  expect(inactive.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(shareMax);
});

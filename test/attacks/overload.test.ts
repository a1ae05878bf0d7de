/**
 * An upstream is made to fail, hang or drown behind the real transport, on real sockets: what it
 * is asked stays bounded, callers get an answer at once, and it is asked again when it is well.
 */
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createInFlight, type Permit } from '../../gateway/admit/in-flight.ts';
import { createLoadShedder } from '../../gateway/admit/load-shedder.ts';
import { Refusal } from '../../gateway/decision.ts';
import { createBreaker } from '../../gateway/delegate/breaker/breaker.ts';
import { guardTransport } from '../../gateway/delegate/breaker/upstream-guard.ts';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import type { DelegationContext } from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext, startHttp } from '../support/delegation.ts';

/** Who asks, unless told. */
const caller = 'address 192.0.2.1';
const get = { method: 'GET', path: '/', label: 'GET /' };

type Answer = Parameters<typeof startHttp>[0];

interface RigOptions {
  readonly inFlightMax?: number;
  readonly queueMax?: number;
  readonly timeoutMs?: number;
}

async function rig(answer: Answer, options: RigOptions = {}) {
  const upstream = await startHttp(answer);
  onTestFinished(() => upstream.close());
  return { upstream, ...guard(upstream.url, options) };
}

function guard(url: string, { inFlightMax = 5, queueMax = 5, timeoutMs = 5_000 }: RigOptions) {
  const clock = { nowMs: 0 };
  const transport = createTransport(
    { upstream: 'up', url, timeoutMs, responseBytesMax: 1_000 },
    { now: Date.now },
  );
  onTestFinished(() => transport.close());
  const breaker = createBreaker({
    upstream: 'up',
    failureRatio: 0.5,
    minimumCalls: 5,
    windowMs: 10_000,
    openMs: 5_000,
    halfOpenCalls: 2,
    now: () => clock.nowMs,
    report: () => undefined,
  });
  const guarded = guardTransport(transport.send, breaker, {
    inFlightMax,
    queueMax,
    now: Date.now,
  });
  const ask = (context: DelegationContext = newContext()): Promise<string> =>
    guarded.send(get, context).then(
      ({ status }) => String(status),
      (error: unknown) => (error instanceof UpstreamFailure ? error.why : String(error)),
    );
  const askMany = async (count: number): Promise<Record<string, number>> => {
    const outcomes = await Promise.all(Array.from({ length: count }, () => ask()));
    return Object.fromEntries(
      [...new Set(outcomes)].map((one) => [one, outcomes.filter((other) => other === one).length]),
    );
  };
  return { clock, breaker, guarded, ask, askMany };
}

describe('an upstream that fails', () => {
  it('is asked a few times and no more, then tried, then asked by all', async () => {
    let status = 503;
    const { upstream, clock, breaker, ask, askMany } = await rig((_request, response) => {
      response.writeHead(status).end();
    });
    for (let call = 0; call < 5; call += 1) expect(await ask()).toBe('503');
    expect(await askMany(1_000)).toEqual({ 'circuit open': 1_000 });
    expect(upstream.requests).toHaveLength(5);

    clock.nowMs += 5_000;
    expect(await askMany(100)).toEqual({ '503': 2, 'circuit open': 98 });
    expect(upstream.requests).toHaveLength(7);

    status = 200;
    clock.nowMs += 5_000;
    for (let call = 0; call < 2; call += 1) expect(await ask()).toBe('200');
    expect(breaker.refuses(caller)).toBe(false);
    expect(await askMany(9)).toEqual({ '200': 9 });
  });

  it('that refuses connections opens the circuit', async () => {
    const { url, close } = await startHttp(() => undefined);
    await close();
    const { ask, breaker } = guard(url, {});
    for (let call = 0; call < 5; call += 1) {
      expect(await ask()).toBe('connection failed (ECONNREFUSED)');
    }
    expect(breaker.refuses(caller)).toBe(true);
    expect(await ask()).toBe('circuit open');
  });

  it('that cuts connections opens the circuit', async () => {
    const { ask, breaker } = await rig((request) => request.socket.destroy());
    for (let call = 0; call < 5; call += 1) expect(await ask()).toMatch(/^connection failed/);
    expect(breaker.refuses(caller)).toBe(true);
  });

  it('that accepts and never answers opens the circuit', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    onTestFinished(() => void silent.close());
    const { askMany, breaker } = guard(`http://127.0.0.1:${address.port}`, { timeoutMs: 50 });
    expect(await askMany(5)).toEqual({ timeout: 5 });
    expect(breaker.refuses(caller)).toBe(true);
  });
});

const harmless: { name: string; answer: Answer; expect: string }[] = [
  {
    name: 'an answer past its cap',
    answer: (_request, response) => response.end('x'.repeat(2_000)),
    expect: 'answer too large',
  },
  {
    name: 'a redirect',
    answer: (_request, response) => response.writeHead(302, { location: '/' }).end(),
    expect: 'redirect refused',
  },
  {
    name: 'an encoding',
    answer: (_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
    expect: 'content encoding refused',
  },
  {
    name: 'no UTF-8',
    answer: (_request, response) => response.end(Buffer.from([0xff])),
    expect: 'answer is not UTF-8',
  },
  {
    name: 'not found',
    answer: (_request, response) => response.writeHead(404).end(),
    expect: '404',
  },
];

describe('what a caller can provoke', () => {
  it.each(harmless)('$name does not open the circuit for others', async (given) => {
    const { ask, breaker } = await rig(given.answer);
    for (let call = 0; call < 10; call += 1) expect(await ask()).toBe(given.expect);
    expect(breaker.refuses(caller)).toBe(false);
  });

  it('answers that are refused do not keep a half-open circuit from closing', async () => {
    let isWell = false;
    const { ask, breaker, clock } = await rig((_request, response) => {
      if (isWell) response.writeHead(302, { location: '/' });
      else response.writeHead(500);
      response.end();
    });
    for (let call = 0; call < 5; call += 1) await ask();
    isWell = true;
    clock.nowMs += 5_000;
    for (let call = 0; call < 2; call += 1) expect(await ask()).toBe('redirect refused');
    expect(breaker.refuses(caller)).toBe(false);
  });

  it('hanging up a hundred times does not open it either, and leaves nothing behind', async () => {
    const { upstream, ask, breaker, guarded } = await rig(() => undefined, {
      inFlightMax: 10,
      queueMax: 100,
    });
    const connection = new AbortController();
    const asked = Array.from({ length: 100 }, () => ask(newContext({ signal: connection.signal })));
    await expect.poll(() => upstream.requests.length).toBe(8);
    connection.abort();
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['cancelled']));
    expect(breaker.refuses(caller)).toBe(false);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
    expect(upstream.requests).toHaveLength(8);
  });

  it('a flood reaches the upstream a few at a time; what does not fit fails at once', async () => {
    const open: ServerResponse[] = [];
    let most = 0;
    const { upstream, askMany, guarded } = await rig(
      (_request, response) => {
        open.push(response);
        most = Math.max(most, open.length);
        // Those that came together are answered together.
        setImmediate(() => {
          for (const one of open.splice(0)) one.end();
        });
      },
      { inFlightMax: 5, queueMax: 20 },
    );
    expect(await askMany(1_000)).toEqual({ '200': 24, 'queue full': 976 });
    expect(upstream.requests).toHaveLength(24);
    expect(most).toBeLessThanOrEqual(4);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
  });
});

describe('a flood of requests', () => {
  const isPlace = (one: Permit | Refusal): one is Permit => !(one instanceof Refusal);

  it('of one caller leaves room for the others', () => {
    const inFlight = createInFlight({ perCallerMax: 20, keysMax: 1_000 });
    const flood = Array.from({ length: 10_000 }, () => inFlight.enter('greedy'));
    expect(flood.filter(isPlace)).toHaveLength(20);
    expect(isPlace(inFlight.enter('modest'))).toBe(true);
  });

  it('of callers that never come again fills no memory', () => {
    const inFlight = createInFlight({ perCallerMax: 20, keysMax: 1_000 });
    const flood = Array.from({ length: 10_000 }, (_, at) => inFlight.enter(`caller ${at}`));
    expect(flood.filter(isPlace)).toHaveLength(1_000);
    expect(inFlight.keys()).toBe(1_000);
    for (const one of flood.filter(isPlace)) one.release();
    expect(inFlight.keys()).toBe(0);
  });

  it('in waves never has more running than the limit, and none is lost', () => {
    const world = { nowMs: 0, busy: 0 };
    const shedder = createLoadShedder({
      inFlightMax: 200,
      lagMaxMs: 50,
      now: () => world.nowMs,
      loop: () => ({ share: world.busy, turnMs: 1 }),
    });
    let entered = 0;
    for (let wave = 0; wave < 100; wave += 1) {
      world.busy = wave % 20 < 10 ? 1 : 0.2;
      world.nowMs += 120;
      const places = Array.from({ length: 1_000 }, () => shedder.enter()).filter(isPlace);
      expect(places.length).toBeGreaterThanOrEqual(8);
      expect(places.length).toBeLessThanOrEqual(200);
      entered += places.length;
      for (const place of places) place.release();
    }
    expect(shedder.state()).toMatchObject({ inFlight: 0, shed: 100_000 - entered });
  });
});

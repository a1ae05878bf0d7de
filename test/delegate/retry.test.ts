/** Retries: what is sent again, how often, when, and what never is. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../gateway/delegate/breaker/breaker.ts';
import { pauseFor, type RetryOptions, withRetries } from '../../gateway/delegate/breaker/retry.ts';
import { guardTransport } from '../../gateway/delegate/breaker/upstream-guard.ts';
import type { Transport, UpstreamRequest } from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure, type UpstreamFailureKind } from '../../gateway/errors.ts';
import { newContext } from '../support/delegation.ts';

type Step = number | UpstreamFailureKind | UpstreamFailure;

/** An upstream that answers with one step after the other, the last for ever: a status or a failure. */
function rig(
  steps: readonly Step[],
  about: Partial<RetryOptions> = {},
  meanwhile: () => void = () => undefined,
) {
  const world = { nowMs: 1_000_000, random: 0.5 };
  const attempts: (number | undefined)[] = [];
  const pauses: number[] = [];
  const play: Transport = async (request) => {
    const step = steps[Math.min(attempts.length, steps.length - 1)] ?? 200;
    attempts.push(request.attempt);
    world.nowMs += 1;
    if (typeof step === 'number') return { status: step, contentType: '', body: '' };
    throw step instanceof UpstreamFailure
      ? step
      : new UpstreamFailure({ upstream: 'up', kind: step });
  };
  const means = {
    now: () => world.nowMs,
    random: () => world.random,
    wait: async (ms: number) => {
      pauses.push(ms);
      world.nowMs += ms;
      meanwhile();
    },
  };
  const options = { attempts: 2, budget: 0.1, timeoutMs: 5_000, ...about };
  const wrap = (send: Transport) => withRetries(send, options, means);
  return { world, attempts, pauses, play, wrap, send: wrap(play) };
}

const read: UpstreamRequest = { method: 'GET', path: '/', label: 'GET /', isRead: true };
const soon = (nowMs = 1_000_000) => newContext({ deadlineMs: nowMs + 10_000 });

async function outcome(asked: ReturnType<Transport>): Promise<number | string> {
  try {
    return (await asked).status;
  } catch (error) {
    return error instanceof UpstreamFailure ? error.why : 'no UpstreamFailure';
  }
}

describe('one call', () => {
  const why = 'connection failed (ECONNREFUSED)';
  const refused = new UpstreamFailure({ upstream: 'up', kind: 'connection failed', why });
  const told = new UpstreamFailure({ upstream: 'up', why });
  const cases: { name: string; given: Step[]; expect: [number | string, number] }[] = [
    { name: 'that is answered', given: [200], expect: [200, 1] },
    { name: 'after a refused connection', given: [refused, 200], expect: [200, 2] },
    { name: 'after a broken connection', given: ['connection failed', 200], expect: [200, 2] },
    { name: 'after 502', given: [502, 200], expect: [200, 2] },
    { name: 'after 503 and 504', given: [503, 504, 200], expect: [200, 3] },
    { name: 'that fails for good', given: [503], expect: [503, 3] },
    { name: 'whose last failure is told', given: [503, 503, refused], expect: [why, 3] },
    { name: 'by what it is, not by its words', given: [told, 200], expect: [why, 1] },
    { name: 'not after 500', given: [500, 200], expect: [500, 1] },
    { name: 'not after 429', given: [429, 200], expect: [429, 1] },
    { name: 'not after 404', given: [404, 200], expect: [404, 1] },
    { name: 'not after a timeout', given: ['timeout', 200], expect: ['timeout', 1] },
    { name: 'not when it was cancelled', given: ['cancelled', 200], expect: ['cancelled', 1] },
    { name: 'not with an open circuit', given: ['circuit open'], expect: ['circuit open', 1] },
    { name: 'not when the queue is full', given: ['queue full'], expect: ['queue full', 1] },
    { name: 'not without a token', given: ['no token', 200], expect: ['no token', 1] },
    { name: 'not after a redirect', given: ['redirect refused'], expect: ['redirect refused', 1] },
  ];
  it.each(cases)('$name', async ({ given, expect: [wanted, count] }) => {
    const { send, attempts } = rig(given);
    expect(await outcome(send(read, soon()))).toBe(wanted);
    expect(attempts).toEqual([undefined, 2, 3].slice(0, count));
  });

  it.each([
    { name: 'a mutation', given: { ...read, method: 'POST', label: 'mutation', isRead: false } },
    {
      name: 'a GET that does not say that it reads',
      given: { method: 'GET', path: '/', label: '' },
    },
  ])('$name is never sent again', async ({ given }) => {
    const { send, attempts } = rig([503]);
    expect(await outcome(send(given, soon()))).toBe(503);
    expect(attempts).toHaveLength(1);
  });

  it('waits for a random part of a growing time', async () => {
    const { send, pauses, world } = rig([503], { attempts: 4 });
    await outcome(send(read, soon()));
    expect(pauses).toEqual([25, 50, 100, 200]);
    world.random = 0;
    pauses.length = 0;
    await outcome(send(read, soon(world.nowMs)));
    expect(pauses).toEqual([0, 0, 0, 0]);
  });
});

describe('time', () => {
  it.each([
    { name: 'the operation', deadlineMs: 20, timeoutMs: 5_000 },
    { name: 'the call', deadlineMs: 10_000, timeoutMs: 20 },
  ])('of $name is never passed', async ({ deadlineMs, timeoutMs }) => {
    const { send, attempts } = rig([503], { timeoutMs });
    await outcome(send(read, newContext({ deadlineMs: 1_000_000 + deadlineMs })));
    expect(attempts).toHaveLength(1);
  });

  it('that is left is what a repetition gets', async () => {
    const seen: number[] = [];
    const { wrap, world } = rig([], { timeoutMs: 100 });
    const send = wrap(async (_request, { deadlineMs }) => {
      seen.push(deadlineMs - world.nowMs);
      world.nowMs += 10;
      return { status: 503, contentType: '', body: '' };
    });
    await outcome(send(read, soon()));
    expect(seen).toEqual([10_000, 65, 5]);
  });

  it('ends with the caller', async () => {
    const gone = new AbortController();
    const { play, wrap, attempts } = rig([503]);
    const send = wrap(async (request, context) => {
      gone.abort();
      return play(request, context);
    });
    await outcome(send(read, { ...soon(), signal: gone.signal }));
    expect(attempts).toHaveLength(1);
  });
});

describe('the budget', () => {
  it('keeps retries of an outage to a share of the calls', async () => {
    const { send, attempts, world } = rig([503], { budget: 0.1 });
    for (let call = 0; call < 1_000; call += 1) await outcome(send(read, soon(world.nowMs)));
    const retries = attempts.length - 1_000;
    expect(retries).toBeGreaterThan(90);
    // Ten were saved up when it began.
    expect(retries).toBeLessThanOrEqual(110);
  });

  it('saves no more than ten', async () => {
    const steps = [...Array.from({ length: 1_000 }, () => 200), 503];
    const { send, attempts, world } = rig(steps, { attempts: 1, budget: 0.1 });
    for (let call = 0; call < 1_000; call += 1) await outcome(send(read, soon(world.nowMs)));
    for (let call = 0; call < 50; call += 1) await outcome(send(read, soon(world.nowMs)));
    expect(attempts.length - 1_050).toBe(14);
  });

  it.each([{ attempts: 0 }, { budget: 0 }])('of nothing retries nothing: %j', async (options) => {
    const { send, attempts } = rig([503], options);
    await outcome(send(read, soon()));
    expect(attempts).toHaveLength(1);
  });
});

it('each attempt counts for the breaker, and an open circuit ends the attempts', async () => {
  const { play, wrap, attempts } = rig([503], { attempts: 4 });
  const breaker = createBreaker({
    upstream: 'up',
    failureRatio: 0.5,
    minimumCalls: 3,
    windowMs: 10_000,
    openMs: 5_000,
    halfOpenCalls: 1,
    now: () => 0,
    report: () => undefined,
  });
  const guarded = guardTransport(play, breaker, { inFlightMax: 4, queueMax: 4, now: () => 0 });
  expect(await outcome(wrap(guarded.send)(read, soon()))).toBe('circuit open');
  expect(attempts).toHaveLength(3);
});

it('a repetition still has the headers that may be forwarded, wherever the context keeps them', async () => {
  const seen: unknown[] = [];
  const { wrap, play } = rig([503, 200]);
  const plain = soon();
  class Lazy {
    readonly record = plain.record;
    readonly signal = plain.signal;
    readonly deadlineMs = plain.deadlineMs;
    get inboundHeaders() {
      return { 'x-tenant': 'a' };
    }
  }
  const send = wrap((request, context) => {
    seen.push(context.inboundHeaders);
    return play(request, context);
  });
  expect(await outcome(send(read, new Lazy()))).toBe(200);
  expect(seen).toEqual([{ 'x-tenant': 'a' }, { 'x-tenant': 'a' }]);
});

it.each(['its time', 'the signal'])(
  'a pause that %s ends leaves nothing at the signal',
  async (what) => {
    const stop = new AbortController();
    const pause = pauseFor(what === 'its time' ? 1 : 3_600_000, stop.signal);
    if (what === 'the signal') stop.abort();
    await pause;
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  },
);

it('who leaves during the pause is not asked for again', async () => {
  const leaving = new AbortController();
  const { send, attempts, pauses } = rig([503], {}, () => leaving.abort());
  const context = newContext({ deadlineMs: 1_010_000, signal: leaving.signal });
  expect(await outcome(send(read, context))).toBe(503);
  expect([attempts.length, pauses.length]).toEqual([1, 1]);
});

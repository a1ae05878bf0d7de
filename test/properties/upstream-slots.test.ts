/**
 * Whatever callers do, in whatever order (ask, leave, come too late, all of them at once) and however
 * an upstream answers, no slot is lost and none given twice: counts stay within their bounds, no one
 * caller has all that run, and in the end nothing runs, nobody waits and the next call is sent.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBreaker } from '../../gateway/delegate/breaker/breaker.ts';
import { guardTransport } from '../../gateway/delegate/breaker/upstream-guard.ts';
import type { Transport, UpstreamAnswer } from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newCaller, newContext, newRecord } from '../support/delegation.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const which = fc.nat(40);
const oneOf = <T extends string>(kind: T) => ({ kind: fc.constant(kind) });
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...oneOf('ask'),
      caller: fc.nat(4),
      withinMs: fc.integer({ min: -2, max: 80 }),
      hasLeft: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ...oneOf('end'),
      which,
      how: fc.constantFrom<number | 'lost' | 'late' | 'fault'>(
        200,
        404,
        500,
        503,
        'lost',
        'late',
        'fault',
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ...oneOf('leave'), which }) },
  { weight: 2, arbitrary: fc.record({ ...oneOf('pass'), ms: fc.constantFrom(0, 0, 7, 60) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
type How = Extract<Step, { kind: 'end' }>['how'];

const scenario = fc.record({
  inFlightMax: fc.integer({ min: 1, max: 5 }),
  queueMax: fc.integer({ min: 0, max: 5 }),
  minimumCalls: fc.constantFrom(3, 1_000),
  steps: fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }),
});

interface Running {
  readonly caller: string;
  readonly call: PromiseWithResolvers<UpstreamAnswer>;
}

const failures = {
  lost: () => new UpstreamFailure({ upstream: 'up', kind: 'connection failed' }),
  late: () => new UpstreamFailure({ upstream: 'up', kind: 'timeout' }),
  fault: () => new Error('a fault of ours'),
};

function createPlayer(options: {
  inFlightMax: number;
  queueMax: number;
  minimumCalls: number;
  seen: Map<string, number>;
}) {
  const { inFlightMax, queueMax, minimumCalls, seen } = options;
  const count = (what: string, by = 1) => seen.set(what, (seen.get(what) ?? 0) + by);
  const breaker = createBreaker({
    upstream: 'up',
    failureRatio: 0.5,
    minimumCalls,
    windowMs: 100,
    openMs: 50,
    halfOpenCalls: 2,
    now: Date.now,
    report: () => undefined,
  });
  const running = new Set<Running>();
  const transport: Transport = (_request, { record }) => {
    const call = Promise.withResolvers<UpstreamAnswer>();
    running.add({ caller: record.caller?.subject ?? '', call });
    return call.promise;
  };
  const limits = { inFlightMax, queueMax, now: Date.now, patienceMs: 10 };
  const guarded = guardTransport(transport, breaker, limits);
  const asked: AbortController[] = [];
  let unsettled = 0;

  function ask(caller: number, withinMs: number, hasLeft = false): void {
    const controller = new AbortController();
    if (hasLeft) controller.abort();
    asked.push(controller);
    unsettled += 1;
    const { signal } = controller;
    const record = newRecord(newCaller({}, String(caller)));
    const context = newContext({ record, signal, deadlineMs: Date.now() + withinMs });
    const sent = guarded.send({ method: 'GET', path: '/', label: 'x' }, context);
    const settled = (what: string) => {
      unsettled -= 1;
      count(what);
    };
    sent.then(
      () => settled('answered'),
      ({ why = 'fault' }: { why?: string }) => settled(why),
    );
  }

  function end(one: Running, how: How): void {
    running.delete(one);
    if (typeof how === 'number') one.call.resolve({ status: how, contentType: '', body: '' });
    else one.call.reject(failures[how]());
  }

  /** At once, so that several happen before anything that waits goes on. */
  function act(step: Exclude<Step, { kind: 'pass' }>): void {
    if (step.kind === 'ask') ask(step.caller, step.withinMs, step.hasLeft);
    else if (step.kind === 'leave') asked[step.which % Math.max(1, asked.length)]?.abort();
    else {
      const found = [...running][step.which % Math.max(1, running.size)];
      if (found !== undefined) end(found, step.how);
    }
  }

  function check(): void {
    const { inFlight, waiting } = guarded.sizes();
    count('waited', waiting);
    expect(inFlight).toBeGreaterThanOrEqual(0);
    expect(inFlight).toBeLessThanOrEqual(inFlightMax);
    expect(waiting).toBeGreaterThanOrEqual(0);
    expect(waiting).toBeLessThanOrEqual(queueMax);
  }

  async function pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    // Nothing is under way now.
    const { inFlight, waiting } = guarded.sizes();
    expect(running.size).toBe(inFlight);
    expect(unsettled).toBe(inFlight + waiting);
    const most = Math.ceil((inFlightMax * 3) / 4);
    const byCaller = Map.groupBy(running, ({ caller }) => caller);
    for (const calls of byCaller.values()) expect(calls.length).toBeLessThanOrEqual(most);
  }

  /** Whoever still waits goes on or gives up; whatever runs comes to an end. */
  async function finish(): Promise<void> {
    while (unsettled > 0) {
      for (const one of running) end(one, 200);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
    await vi.advanceTimersByTimeAsync(1_000);
    ask(9, 50);
    await vi.advanceTimersByTimeAsync(0);
    expect([running.size, guarded.sizes()]).toEqual([1, { inFlight: 1, waiting: 0 }]);
    for (const one of running) end(one, 200);
    await vi.advanceTimersByTimeAsync(0);
  }
  return { act, pass, check, finish };
}

test('slots are neither lost nor given twice', async () => {
  /** How calls ended; `waited`: how many waited, at each look. */
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, ...limits }) => {
      const player = createPlayer({ ...limits, seen });
      for (const one of steps) {
        if (one.kind === 'pass') await player.pass(one.ms);
        else player.act(one);
        player.check();
      }
      await player.finish();
    }),
    { numRuns: 500, seed: 20_261_130 },
  );
  // What never happened would prove nothing.
  const expected = ['waited', 'answered', 'fault', 'queue full', 'circuit open', 'timeout'];
  const rare = [...expected, 'cancelled'].filter((one) => (seen.get(one) ?? 0) < 100);
  expect(rare).toEqual([]);
});

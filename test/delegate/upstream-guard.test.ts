/** The guard in front of transports that a test plays: who runs, who waits, who is refused. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBreaker } from '../../gateway/delegate/breaker/breaker.ts';
import { guardTransport } from '../../gateway/delegate/breaker/upstream-guard.ts';
import type { DelegationContext, UpstreamAnswer } from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure, type UpstreamFailureKind } from '../../gateway/errors.ts';
import { newCaller, newContext, newRecord } from '../support/delegation.ts';

/** Who asks, unless told. */
const caller = 'address 192.0.2.1';
const request = (label: string) => ({ method: 'GET', path: '/', label });
const answer = (status = 200): UpstreamAnswer => ({ status, contentType: '', body: '' });

interface RigOptions {
  inFlightMax?: number;
  queueMax?: number;
  patienceMs?: number;
  minimumCalls?: number;
}

function rig(about: RigOptions = {}) {
  const { inFlightMax = 1, queueMax = 2, patienceMs, minimumCalls = 2 } = about;
  const changes: string[] = [];
  const breaker = createBreaker({
    upstream: 'up',
    failureRatio: 0.5,
    minimumCalls,
    windowMs: 10_000,
    openMs: 5_000,
    halfOpenCalls: 1,
    now: Date.now,
    report: ({ to }) => changes.push(to),
  });
  /** Calls that the transport was handed, in order, by label. */
  const sent = new Map<string, PromiseWithResolvers<UpstreamAnswer>>();
  const guarded = guardTransport(
    ({ label }) => {
      const call = Promise.withResolvers<UpstreamAnswer>();
      sent.set(label, call);
      return call.promise;
    },
    breaker,
    { inFlightMax, queueMax, now: Date.now, ...(patienceMs && { patienceMs }) },
  );
  const outcomes: string[] = [];
  const ask = (label: string, context: DelegationContext = newContext()): DelegationContext => {
    const note = (outcome: unknown) => outcomes.push(`${label} ${outcome}`);
    guarded.send(request(label), context).then(
      ({ status }) => note(status),
      (error: unknown) => note(error instanceof UpstreamFailure ? error.why : error),
    );
    return context;
  };
  const settle = async (label: string, how: number | Error) => {
    const call = sent.get(label);
    if (call === undefined) throw new Error(`${label} was not sent`);
    if (typeof how === 'number') call.resolve(answer(how));
    else call.reject(how);
    await turn();
  };
  return { guarded, breaker, changes, sent: () => [...sent.keys()], outcomes, ask, settle };
}

/** Lets everything that is ready go on. */
const turn = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('calls to one upstream', () => {
  it('run up to the limit, then wait in order of arrival', async () => {
    const { ask, settle, sent, guarded } = rig({ inFlightMax: 2, queueMax: 3 });
    for (const label of ['a', 'b', 'c', 'd', 'e']) ask(label);
    await turn();
    expect(sent()).toEqual(['a', 'b']);
    expect(guarded.sizes()).toEqual({ inFlight: 2, waiting: 3 });
    await settle('b', 200);
    await settle('a', 404);
    expect(sent()).toEqual(['a', 'b', 'c', 'd']);
    for (const label of ['c', 'd', 'e']) await settle(label, 200);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('fail at once where the queue is full, and are recorded', async () => {
    const { ask, outcomes, guarded } = rig({ inFlightMax: 1, queueMax: 1 });
    ask('a');
    ask('b');
    const { record } = ask('c');
    await turn();
    expect(outcomes).toEqual(['c queue full']);
    expect(record.upstreamCallCount).toBe(1);
    expect(record.upstreamCalls).toEqual([
      {
        upstream: 'up',
        operation: 'c',
        status: 0,
        durationMs: 0,
        startedAtMs: expect.any(Number),
        responseBytes: 0,
        failure: 'queue full',
        failureKind: 'queue full',
      },
    ]);
    expect(guarded.sizes()).toEqual({ inFlight: 1, waiting: 1 });
  });

  it('give their place back whatever is thrown', async () => {
    const { ask, settle, guarded, outcomes } = rig();
    ask('a');
    await turn();
    await settle('a', new TypeError('a fault'));
    expect(outcomes).toEqual(['a TypeError: a fault']);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('that were sent are not recorded twice', async () => {
    const { ask, settle } = rig();
    const { record } = ask('a');
    await turn();
    await settle('a', 200);
    // The transport records what it sends; this one does not.
    expect(record.upstreamCallCount).toBe(0);
  });
});

describe('who waits', () => {
  it('leaves when its caller goes, and makes room', async () => {
    const { ask, settle, sent, outcomes, guarded } = rig({ queueMax: 2 });
    const connection = new AbortController();
    ask('a');
    const { record } = ask('b', newContext({ signal: connection.signal }));
    ask('c');
    await turn();
    connection.abort();
    await turn();
    expect(outcomes).toEqual(['b cancelled']);
    expect(record.upstreamCalls).toMatchObject([{ operation: 'b', failure: 'cancelled' }]);
    expect(guarded.sizes()).toEqual({ inFlight: 1, waiting: 1 });
    await settle('a', 200);
    expect(sent()).toEqual(['a', 'c']);
  });

  it('leaves when its operation has no time left', async () => {
    const { ask, outcomes, guarded } = rig();
    ask('a');
    const { record } = ask('b', newContext({ deadlineMs: Date.now() + 300 }));
    await vi.advanceTimersByTimeAsync(299);
    expect(outcomes).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(outcomes).toEqual(['b timeout']);
    expect(record.upstreamCalls).toMatchObject([{ failure: 'timeout', durationMs: 300 }]);
    expect(guarded.sizes()).toEqual({ inFlight: 1, waiting: 0 });
  });

  it('does not start waiting with no time or no caller left', async () => {
    const { ask, outcomes, sent } = rig();
    ask('late', newContext({ deadlineMs: Date.now() }));
    ask('gone', newContext({ signal: AbortSignal.abort() }));
    await turn();
    expect(outcomes).toEqual(['late timeout', 'gone cancelled']);
    expect(sent()).toEqual([]);
  });

  it('loses no place when it goes at the moment another ends', async () => {
    const connection = new AbortController();
    const { ask, settle, sent, guarded } = rig();
    // Heard before the guard's own listener: the place is given while the waiting one leaves.
    const ended = newContext({ signal: connection.signal });
    ask('a', ended);
    await turn();
    connection.signal.addEventListener('abort', () => void settle('a', new Error('cancelled')));
    ask('b', newContext({ signal: connection.signal }));
    ask('c');
    await turn();
    connection.abort();
    await turn();
    expect(sent()).toEqual(['a', 'c']);
    await settle('c', 200);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('holds no timer once it runs or has gone', async () => {
    const { ask, settle } = rig();
    ask('a');
    ask('b');
    await turn();
    expect(vi.getTimerCount()).toBe(1);
    await settle('a', 200);
    expect(vi.getTimerCount()).toBe(0);
  });
});

const from = (network: string, about: Partial<DelegationContext> = {}): DelegationContext => {
  const record = newRecord();
  record.network = network;
  return newContext({ record, ...about });
};

describe('one caller', () => {
  it('never has all that runs, and others go before what else they wait for', async () => {
    const { ask, settle, sent, guarded } = rig({ inFlightMax: 4, queueMax: 10 });
    for (const label of ['a1', 'a2', 'a3', 'a4', 'a5']) ask(label, from('a'));
    await turn();
    expect(sent()).toEqual(['a1', 'a2', 'a3']);
    for (const label of ['b1', 'b2']) ask(label, from('b'));
    for (const label of ['c1', 'c2']) ask(label, from('c'));
    await turn();
    expect(sent()).toEqual(['a1', 'a2', 'a3', 'b1']);
    // In turn, whoever it was that ended.
    for (const label of ['a1', 'b1', 'a2', 'a3', 'c1']) await settle(label, 200);
    expect(sent().slice(4)).toEqual(['a4', 'b2', 'c1', 'a5', 'c2']);
    for (const label of ['a4', 'a5', 'b2', 'c2']) await settle(label, 200);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('runs as much as there is where that is one call', async () => {
    const { ask, sent } = rig({ inFlightMax: 1 });
    ask('a');
    await turn();
    expect(sent()).toEqual(['a']);
  });

  it('who has most that wait gives a place to who has less', async () => {
    const { ask, outcomes, sent, settle, guarded } = rig({ inFlightMax: 1, queueMax: 3 });
    for (const label of ['a1', 'a2', 'a3', 'a4']) ask(label, from('a'));
    ask('b1', from('b'));
    await turn();
    expect(outcomes).toEqual(['a4 queue full']);
    // No place is taken from who has no more than the one who comes would have.
    ask('b2', from('b'));
    ask('c1', from('c'));
    await turn();
    expect(outcomes).toEqual(['a4 queue full', 'b2 queue full', 'a3 queue full']);
    for (const label of ['a1', 'a2', 'b1', 'c1']) await settle(label, 200);
    expect(sent()).toEqual(['a1', 'a2', 'b1', 'c1']);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('who leaves while their last call waits is not kept in mind, and comes back as anybody', async () => {
    const connection = new AbortController();
    const { ask, sent, settle, guarded } = rig({ inFlightMax: 1, queueMax: 3 });
    ask('a1', from('a'));
    ask('b1', from('b', { signal: connection.signal }));
    await turn();
    connection.abort();
    await turn();
    ask('b2', from('b'));
    await settle('a1', 200);
    await settle('b2', 200);
    expect(sent()).toEqual(['a1', 'b2']);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
  });
});

describe('an upstream that fails', () => {
  it('is not asked any more, nor by those who waited', async () => {
    const { ask, settle, sent, outcomes, changes, guarded } = rig({ inFlightMax: 2, queueMax: 5 });
    for (const label of ['a', 'b', 'c', 'd']) ask(label);
    await turn();
    await settle('a', 504);
    await settle('b', 503);
    expect(changes).toEqual(['open']);
    const { record } = ask('e');
    await turn();
    await settle('c', 200);
    expect(sent()).toEqual(['a', 'b', 'c']);
    expect(outcomes).toEqual(['a 504', 'b 503', 'd circuit open', 'e circuit open', 'c 200']);
    expect(record.upstreamCalls).toMatchObject([{ failure: 'circuit open', status: 0 }]);
    expect(guarded.sizes()).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('fails at once where every place is taken by calls that hang', async () => {
    const { ask, breaker, outcomes, guarded } = rig({ inFlightMax: 1, queueMax: 5 });
    ask('a');
    await turn();
    for (let failed = 0; failed < 2; failed += 1) {
      const call = breaker.enter(`caller ${failed}`);
      if (call instanceof UpstreamFailure) throw call;
      call.done('failed');
    }
    ask('b');
    await turn();
    expect(outcomes).toEqual(['b circuit open']);
    expect(guarded.sizes()).toEqual({ inFlight: 1, waiting: 0 });
  });

  it('is tried by one, and asked by all once it answers', async () => {
    const { ask, settle, sent, outcomes, changes } = rig({
      inFlightMax: 6,
      queueMax: 0,
      minimumCalls: 4,
    });
    const failing = ['a1', 'a2', 'a3', 'a4'];
    for (const label of failing) ask(label);
    await turn();
    for (const label of failing) await settle(label, 502);
    await vi.advanceTimersByTimeAsync(5_000);
    for (const label of ['c', 'd']) ask(label);
    await turn();
    expect(sent()).toEqual([...failing, 'c']);
    await settle('c', 200);
    expect(changes).toEqual(['open', 'half-open', 'closed']);
    ask('e');
    await turn();
    await settle('e', 200);
    expect(outcomes.slice(4)).toEqual(['d circuit open', 'c 200', 'e 200']);
  });
});

const failure = (kind: UpstreamFailureKind, why?: string) =>
  new UpstreamFailure({ upstream: 'up', kind, why });

const judged: { name: string; how: number | Error; afterMs?: number; expect: string }[] = [
  { name: '500, of one caller', how: 500, expect: 'closed' },
  { name: '502', how: 502, expect: 'open' },
  { name: '503', how: 503, expect: 'open' },
  { name: '400', how: 400, expect: 'closed' },
  { name: '404', how: 404, expect: 'closed' },
  { name: '429', how: 429, expect: 'closed' },
  { name: 'timeout', how: failure('timeout'), expect: 'open' },
  { name: 'no connection', how: failure('connection failed'), expect: 'open' },
  { name: 'another’s words', how: failure('other', 'connection failed'), expect: 'closed' },
  { name: 'no token', how: failure('no token', 'no token: connection failed'), expect: 'closed' },
  { name: 'caller left', how: failure('cancelled'), expect: 'closed' },
  { name: 'answer too large', how: failure('answer too large'), expect: 'closed' },
  { name: 'redirect', how: failure('redirect refused'), expect: 'closed' },
  { name: 'our own queue', how: failure('queue full'), expect: 'closed' },
  { name: 'a fault of ours', how: new TypeError('a fault'), expect: 'closed' },
  {
    name: 'a deadline that left the upstream no time',
    how: failure('timeout'),
    afterMs: 60_000,
    expect: 'closed',
  },
];

describe('what opens the circuit', () => {
  it.each(judged)('$name: $expect', async ({ how, afterMs = 0, expect: state }) => {
    const { ask, settle, breaker } = rig({ inFlightMax: 2, patienceMs: 100_000 });
    for (const label of ['a', 'b']) ask(label);
    await vi.advanceTimersByTimeAsync(afterMs);
    for (const label of ['a', 'b']) await settle(label, how);
    expect(breaker.refuses(caller) ? 'open' : 'closed').toBe(state);
  });

  it('500, of two callers', async () => {
    const { ask, settle, breaker } = rig({ inFlightMax: 2 });
    for (const label of ['a', 'b']) {
      ask(label, newContext({ record: newRecord(newCaller({}, label)) }));
    }
    await turn();
    for (const label of ['a', 'b']) await settle(label, 500);
    expect(breaker.state()).toBe('open');
  });

  it('a deadline that left the upstream time enough', async () => {
    const { ask, settle, breaker } = rig({ inFlightMax: 2 });
    for (const label of ['a', 'b']) ask(label);
    await vi.advanceTimersByTimeAsync(60_000);
    for (const label of ['a', 'b']) await settle(label, failure('timeout'));
    expect(breaker.refuses(caller)).toBe(true);
  });
});

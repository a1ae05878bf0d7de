import { expect, it } from 'vitest';
import {
  type BreakerCall,
  type BreakerOptions,
  type CallOutcome,
  createBreaker,
} from '../../gateway/delegate/breaker.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';

function rig(about: Partial<BreakerOptions> = {}) {
  const world = { nowMs: 1_000_000 };
  const changes: string[] = [];
  const breaker = createBreaker({
    upstream: 'up',
    failureRatio: 0.5,
    minimumCalls: 4,
    windowMs: 10_000,
    openMs: 5_000,
    halfOpenCalls: 2,
    now: () => world.nowMs,
    report: ({ upstream, from, to }) => changes.push(`${upstream} ${from} ${to}`),
    ...about,
  });
  const begin = (): BreakerCall => {
    const call = breaker.enter();
    if (call instanceof UpstreamFailure) throw call;
    return call;
  };
  const outcomes: Record<string, CallOutcome> = { A: 'answered', F: 'failed', u: 'unknown' };
  /**
   * One call after another: A answered, F failed, u unknown, x, y and z erred, each for a caller of
   * its own; a number waits so many seconds.
   */
  const play = (steps: string) => {
    for (const step of steps.split(' ')) {
      const outcome = outcomes[step];
      if (/^[xyz]$/.test(step)) begin().done('erred', step);
      else if (outcome === undefined) world.nowMs += Number(step) * 1_000;
      else begin().done(outcome);
    }
  };
  return { breaker, world, changes, begin, play };
}

const cases: { name: string; steps: string; expect: string }[] = [
  { name: 'too few calls to judge by', steps: 'F F F', expect: 'closed' },
  { name: 'all fail', steps: 'F F F F', expect: 'open' },
  { name: 'half of them fail', steps: 'A A F F', expect: 'open' },
  { name: 'fewer than half fail', steps: 'A A A F F', expect: 'closed' },
  { name: 'failures long ago', steps: 'F F F 11 A A A F', expect: 'closed' },
  { name: 'failures within the window', steps: 'F 3 F 3 F 3 F', expect: 'open' },
  { name: 'calls that say nothing', steps: 'F F F u u u u u', expect: 'closed' },
  { name: 'calls that say nothing do not dilute', steps: 'u u u u F F F F', expect: 'open' },
  { name: 'open until a call tries', steps: 'F F F F 60', expect: 'open' },
  { name: 'one trial of two', steps: 'F F F F 5 A', expect: 'half-open' },
  { name: 'all trials answered', steps: 'F F F F 5 A A', expect: 'closed' },
  { name: 'a trial fails', steps: 'F F F F 5 A F', expect: 'open' },
  { name: 'a trial says nothing', steps: 'F F F F 5 u u u A', expect: 'half-open' },
  { name: 'closed, it forgets what was before', steps: 'F F F F 5 A A F F F', expect: 'closed' },
  { name: 'errors of one caller', steps: 'x x x x x x x x A', expect: 'closed' },
  { name: 'errors of one caller, one of which counts', steps: 'x x x F F F', expect: 'open' },
  { name: 'errors that do not count are no calls', steps: 'x x x x F F', expect: 'closed' },
  { name: 'errors of several callers', steps: 'x y A A', expect: 'open' },
  {
    name: 'errors of one caller in several windows',
    steps: 'x 11 x 11 x 11 A A A',
    expect: 'closed',
  },
  { name: 'errors count anew', steps: 'x A A A 21 x y A A', expect: 'open' },
  {
    name: 'errors of who tries do not keep it open',
    steps: 'F F F F 5 x x y z A A',
    expect: 'closed',
  },
  { name: 'nor close it', steps: 'F F F F 5 x x y z A', expect: 'half-open' },
  { name: 'and opens again', steps: 'F F F F 5 A A F F F F', expect: 'open' },
];

it.each(cases)('$name', ({ steps, expect: state }) => {
  const { breaker, play } = rig();
  play(steps);
  expect(breaker.state()).toBe(state);
});

it('two or three callers are not all', () => {
  const { breaker, play } = rig({ minimumCalls: 20 });
  const errors = 'x y z '.repeat(10);
  play(`${'A '.repeat(10)}x 9.5 ${errors}0.6 ${'A '.repeat(9)}${errors}${'A '.repeat(9)}`.trim());
  expect(breaker.state()).toBe('closed');
});

it('reports each change of state, once', () => {
  const { play, changes } = rig();
  play('F F F F 5 F 5 A A');
  expect(changes).toEqual([
    'up closed open',
    'up open half-open',
    'up half-open open',
    'up open half-open',
    'up half-open closed',
  ]);
});

it('fails at once while it is open', () => {
  const { breaker, play } = rig();
  play('F F F F 4.999');
  expect(breaker.refuses()).toBe(true);
  expect(breaker.enter()).toMatchObject({
    name: 'UpstreamFailure',
    code: 'UPSTREAM_FAILED',
    upstream: 'up',
    why: 'circuit open',
  });
  expect(breaker.state()).toBe('open');
});

it('lets no more than its trials through while it is half open', () => {
  const { breaker, play, begin } = rig();
  play('F F F F 5');
  expect(breaker.refuses()).toBe(false);
  const [first, second] = [begin(), begin()];
  expect(breaker.enter()).toBeInstanceOf(UpstreamFailure);
  first.done('answered');
  expect(breaker.enter()).toBeInstanceOf(UpstreamFailure);
  second.done('unknown');
  expect(breaker.refuses()).toBe(false);
  begin().done('answered');
  expect(breaker.state()).toBe('closed');
});

it('does not judge by calls that began before the state changed', () => {
  const { breaker, play, begin } = rig();
  const early = [begin(), begin(), begin(), begin()];
  play('F F F F 5');
  begin();
  for (const call of early.splice(0, 2)) call.done('failed');
  expect(breaker.state()).toBe('half-open');
  begin().done('failed');
  expect(breaker.state()).toBe('open');
  for (const call of early) call.done('answered');
  expect(breaker.state()).toBe('open');
});

/** `late` calls of one caller begin together; meanwhile, calls of others end as `meanwhile` says. */
const slow: { name: string; late: string; meanwhile: string; expect: string }[] = [
  {
    name: 'of one caller while nobody is answered',
    late: 'x x x x',
    meanwhile: '',
    expect: 'open',
  },
  {
    name: 'of one caller while others are answered',
    late: 'x x x x x x x',
    meanwhile: 'A',
    expect: 'closed',
  },
  {
    name: 'of one caller while others get errors',
    late: 'x x x x x x x',
    meanwhile: 'y',
    expect: 'closed',
  },
  { name: 'of one caller while others fail', late: 'x', meanwhile: 'F F F', expect: 'open' },
  {
    name: 'of several callers while others are answered',
    late: 'x y z',
    meanwhile: 'A',
    expect: 'open',
  },
];
it.each(slow)('calls that take too long, $name: $expect', ({ late, meanwhile, expect: state }) => {
  const { breaker, world, begin, play } = rig();
  const calls = late.split(' ').map((caller) => ({ caller, call: begin() }));
  world.nowMs += 1_000;
  if (meanwhile !== '') play(meanwhile);
  world.nowMs += 2_000;
  for (const { caller, call } of calls) call.done('late', caller);
  expect(breaker.state()).toBe(state);
});

it('calls that take too long open it for a caller who alone is answered meanwhile', () => {
  const { breaker, world, begin } = rig();
  const calls = [begin(), begin(), begin(), begin()];
  for (let answered = 0; answered < 3; answered += 1) {
    world.nowMs += 1_000;
    begin().done('answered', 'x');
  }
  for (const call of calls) call.done('late', 'x');
  expect(breaker.state()).toBe('open');
});

it('two callers who are answered in turn are answers of others to each', () => {
  const { breaker, world, begin } = rig();
  const calls = Array.from({ length: 8 }, begin);
  for (const caller of ['x', 'y', 'y', 'x', 'x']) {
    world.nowMs += 500;
    begin().done('answered', caller);
  }
  for (const call of calls) call.done('late', 'x');
  expect(breaker.state()).toBe('closed');
});

it('an answer to a call that began before says nothing of those that took too long since', () => {
  const { breaker, world, begin, play } = rig();
  play('A');
  world.nowMs += 1;
  const calls = [begin(), begin(), begin(), begin()];
  world.nowMs += 3_000;
  for (const call of calls) call.done('late', 'x');
  expect(breaker.state()).toBe('open');
});

it.each([
  { name: 'while others are answered says nothing', meanwhile: 'A', expect: 'half-open' },
  { name: 'while nobody is answered opens it again', meanwhile: '', expect: 'open' },
])('a try that takes too long $name', ({ meanwhile, expect: state }) => {
  const { breaker, world, begin, play } = rig();
  play('F F F F 5');
  const call = begin();
  world.nowMs += 1_000;
  if (meanwhile !== '') play(meanwhile);
  call.done('late', 'x');
  expect(breaker.state()).toBe(state);
});

it('counts a call once, however often it is told', () => {
  const { breaker, begin } = rig();
  const call = begin();
  for (let told = 0; told < 10; told += 1) call.done('failed');
  expect(breaker.state()).toBe('closed');
});

it('a clock that goes back keeps it open for one more time, not for the length of the jump', () => {
  const { breaker, play, world } = rig();
  play('F F F F');
  world.nowMs -= 900_000;
  expect(breaker.refuses()).toBe(true);
  world.nowMs += 5_000;
  expect(breaker.refuses()).toBe(false);
});

it('a clock that goes back, or far ahead, forgets what was counted', () => {
  const { breaker, play, world } = rig();
  play('F F F');
  world.nowMs -= 900_000;
  play('F F F');
  world.nowMs += 1e12;
  play('F F F');
  expect(breaker.state()).toBe('closed');
  play('F');
  expect(breaker.state()).toBe('open');
});

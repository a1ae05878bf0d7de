import { describe, expect, it } from 'vitest';
import {
  type BreakerCall,
  type BreakerOptions,
  type CallOutcome,
  createBreaker,
} from '../../gateway/delegate/breaker/breaker.ts';
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
    report: ({ upstream, of, from, to }) => changes.push(`${upstream} of ${of} ${from} ${to}`),
    ...about,
  });
  let callers = 0;
  const stranger = (): string => {
    callers += 1;
    return `caller ${callers}`;
  };
  const begin = (caller = stranger()): BreakerCall => {
    const call = breaker.enter(caller);
    if (call instanceof UpstreamFailure) throw call;
    return call;
  };
  const outcomes: Record<string, CallOutcome> = { A: 'answered', F: 'failed', u: 'unknown' };
  /**
   * One call after another: A answered, F failed, u unknown, each of a caller who comes once; x, y
   * and z are callers whose call erred, X, Y and Z the same whose call failed, and X+ whose call was
   * answered; a number waits so many seconds.
   */
  const play = (steps: string) => {
    for (const step of steps.split(' ')) {
      const outcome = outcomes[step];
      if (/^[xyz]$/.test(step)) begin(step).done('erred');
      else if (/^[XYZ]$/.test(step)) begin(step.toLowerCase()).done('failed');
      else if (/^[XYZ]\+$/.test(step)) begin(step.charAt(0).toLowerCase()).done('answered');
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
  { name: 'trials of as many callers fail', steps: 'F F F F 5 A F F', expect: 'open' },
  { name: 'a trial fails', steps: 'F F F F 5 A F', expect: 'half-open' },
  { name: 'a trial fails, others are answered', steps: 'F F F F 5 X A A', expect: 'closed' },
  { name: 'trials of one caller fail', steps: 'F F F F 5 X 5 X 5 X 5 X', expect: 'half-open' },
  { name: 'trials of two, long apart', steps: 'F F F F 5 X 5 Y', expect: 'half-open' },
  { name: 'a trial says nothing', steps: 'F F F F 5 u u u A', expect: 'half-open' },
  { name: 'closed, it forgets what was before', steps: 'F F F F 5 A A F F F', expect: 'closed' },
  { name: 'failures of one caller', steps: 'A X X X 11 X X X A', expect: 'closed' },
  { name: 'failures of two callers', steps: 'A A A X X Y Y X Y', expect: 'closed' },
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
  play('F F F F 5 F F 5 A A');
  expect(changes).toEqual([
    'up of all closed open',
    'up of all open half-open',
    'up of all half-open open',
    'up of all open half-open',
    'up of all half-open closed',
  ]);
});

it('fails at once while it is open', () => {
  const { breaker, play } = rig();
  play('F F F F 4.999');
  expect(breaker.refuses('x')).toBe(true);
  expect(breaker.enter('x')).toMatchObject({
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
  expect(breaker.refuses('x')).toBe(false);
  const [first, second] = [begin(), begin()];
  expect(breaker.enter('x')).toBeInstanceOf(UpstreamFailure);
  second.done('unknown');
  expect(breaker.refuses('x')).toBe(false);
  begin();
  expect(breaker.enter('x')).toBeInstanceOf(UpstreamFailure);
  first.done('answered');
  begin('x').done('answered');
  expect(breaker.state()).toBe('closed');
});

it('does not judge by calls that began before the state changed', () => {
  const { breaker, play, begin } = rig();
  const early = [begin(), begin(), begin(), begin()];
  play('F F F F 5');
  begin('x').done('failed');
  for (const call of early.splice(0, 2)) call.done('failed');
  expect(breaker.state()).toBe('half-open');
  begin('y').done('failed');
  expect(breaker.state()).toBe('open');
  for (const call of early) call.done('answered');
  expect(breaker.state()).toBe('open');
});

/** `late` calls begin together; meanwhile, calls of others end as `meanwhile` says. */
const slow: { name: string; late: string; meanwhile: string; all: string; refused: string }[] = [
  {
    name: 'of one caller while nobody is answered',
    late: 'x x x x',
    meanwhile: '',
    all: 'closed',
    refused: 'x',
  },
  {
    name: 'of one caller who alone is answered',
    late: 'x x x x',
    meanwhile: 'X+ X+ X+',
    all: 'closed',
    refused: 'x',
  },
  {
    name: 'of one caller while others are answered',
    late: 'x x x x x x x',
    meanwhile: 'A',
    all: 'closed',
    refused: '',
  },
  {
    name: 'of one caller while others get errors',
    late: 'x x x x x x x',
    meanwhile: 'y',
    all: 'closed',
    refused: '',
  },
  {
    name: 'of one caller while two are answered in turn',
    late: 'x x x x x x x x',
    meanwhile: 'X+ Y+ Y+ X+ X+',
    all: 'closed',
    refused: '',
  },
  {
    name: 'of one caller while others fail',
    late: 'x',
    meanwhile: 'F F F',
    all: 'open',
    refused: 'x y',
  },
  {
    name: 'of several callers while nobody is answered',
    late: 'x y z x',
    meanwhile: 'F',
    all: 'open',
    refused: 'x y z',
  },
];
it.each(slow)('calls that take too long, $name', ({ late, meanwhile, all, refused }) => {
  const { breaker, world, begin, play } = rig();
  const calls = late.split(' ').map((caller) => begin(caller));
  world.nowMs += 1_000;
  if (meanwhile !== '') play(meanwhile);
  world.nowMs += 2_000;
  for (const call of calls) call.done('late');
  expect(breaker.state()).toBe(all);
  const expected = refused === '' ? [] : refused.split(' ');
  for (const caller of expected) expect([caller, breaker.refuses(caller)]).toEqual([caller, true]);
  if (all === 'closed') expect(['x', 'y', 'stranger'].filter(breaker.refuses)).toEqual(expected);
});

it('an answer to a call that began before says nothing of those that took too long since', () => {
  const { breaker, world, begin, play } = rig();
  play('A');
  world.nowMs += 1;
  const calls = [begin('x'), begin('x'), begin('x'), begin('x')];
  world.nowMs += 3_000;
  for (const call of calls) call.done('late');
  expect(breaker.refuses('x')).toBe(true);
});

it.each([
  { name: 'while others are answered says nothing', meanwhile: 'A', refused: false },
  { name: 'while nobody is answered keeps its caller out', meanwhile: '', refused: true },
])('a try that takes too long $name', ({ meanwhile, refused }) => {
  const { breaker, world, begin, play } = rig();
  play('F F F F 5');
  const call = begin('x');
  world.nowMs += 1_000;
  if (meanwhile !== '') play(meanwhile);
  call.done('late');
  expect(breaker.state()).toBe('half-open');
  expect(breaker.refuses('x')).toBe(refused);
  expect(breaker.refuses('y')).toBe(false);
});

describe('of those who may try', () => {
  it('one caller never has more than one place', () => {
    const { breaker, play, begin } = rig({ halfOpenCalls: 3 });
    play('F F F F 5');
    const held = begin('x');
    expect(breaker.refuses('x')).toBe(true);
    expect(breaker.refuses('y')).toBe(false);
    held.done('unknown');
    expect(breaker.refuses('x')).toBe(false);
  });

  it('who hangs keeps nobody from closing it', () => {
    const { breaker, play, begin } = rig({ halfOpenCalls: 3 });
    play('F F F F 5');
    begin('x');
    play('A A A');
    expect(breaker.state()).toBe('closed');
  });

  it('who failed has to rest, and may try again after it', () => {
    const { breaker, play } = rig();
    play('F F F F 5 X 4.9');
    expect(breaker.refuses('x')).toBe(true);
    play('0.1 X+ X+');
    expect(breaker.state()).toBe('closed');
  });
});

describe('a caller whose calls fail', () => {
  it('has a circuit of their own', () => {
    const { breaker, play, changes } = rig();
    play('X X X X');
    expect(['x', 'y'].filter(breaker.refuses)).toEqual(['x']);
    expect(breaker.callersOpen()).toBe(1);
    play('A A A 5');
    expect(breaker.refuses('x')).toBe(false);
    play('X+ X');
    expect(breaker.refuses('x')).toBe(true);
    play('5 X+ X+');
    expect(breaker.refuses('x')).toBe(false);
    expect(breaker.callersOpen()).toBe(0);
    expect(breaker.state()).toBe('closed');
    expect(changes).toEqual([
      'up of caller closed open',
      'up of caller open half-open',
      'up of caller half-open open',
      'up of caller open half-open',
      'up of caller half-open closed',
    ]);
  });

  it('is let in where half of what counts was answered, or failed long ago', () => {
    const { breaker, play } = rig();
    play('X X+ X+ X+ X+ X 11 X X');
    expect(breaker.refuses('x')).toBe(false);
    play('X X');
    expect(breaker.refuses('x')).toBe(true);
  });

  it('is forgotten when they ask no more', () => {
    const { breaker, play } = rig();
    play('X X X X 14.9');
    expect(breaker.callersOpen()).toBe(1);
    play('0.2');
    expect(breaker.callersOpen()).toBe(0);
    play('X X X');
    expect(breaker.refuses('x')).toBe(false);
  });

  it('is not taken away by a call that belongs to one given up long ago', () => {
    const { breaker, begin, play } = rig();
    play('A A A X');
    const late = begin('x');
    // So many others that the circuit gives its place up.
    play(Array(1_000).fill('A A F').join(' '));
    play('11 X X X X');
    expect(breaker.refuses('x')).toBe(true);
    late.done('answered');
    expect(breaker.refuses('x')).toBe(true);
  });

  it('gives its place up to nobody whose calls fail no more', () => {
    const { breaker, world, begin, play } = rig({ openMs: 60_000 });
    play('X X X X A A A A');
    const others = (from: number) => Array.from({ length: 600 }, (_, at) => `other ${from + at}`);
    for (const from of [0, 600]) {
      for (const other of others(from)) {
        play('A A');
        begin(other).done('failed');
      }
      world.nowMs += 11_000;
      for (const other of others(from)) begin(other).done('answered');
    }
    expect(breaker.refuses('x')).toBe(true);
  });

  it('is one of a bounded number', () => {
    const { breaker, begin } = rig({ minimumCalls: 1, failureRatio: 1, halfOpenCalls: 10_000 });
    const early = Array.from({ length: 3_000 }, (_, at) => begin(`caller ${at}`));
    for (const call of early) call.done('failed');
    expect(breaker.callersOpen()).toBe(1_000);
  });
});

it('counts a call once, however often it is told', () => {
  const { breaker, begin } = rig();
  const call = begin('x');
  for (let told = 0; told < 10; told += 1) call.done('failed');
  expect(breaker.refuses('x')).toBe(false);
  expect(breaker.state()).toBe('closed');
});

it('a clock that goes back keeps it open for one more time, not for the length of the jump', () => {
  const { breaker, play, world } = rig();
  play('F F F F');
  world.nowMs -= 900_000;
  expect(breaker.refuses('x')).toBe(true);
  world.nowMs += 5_000;
  expect(breaker.refuses('x')).toBe(false);
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

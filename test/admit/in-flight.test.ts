import { describe, expect, it } from 'vitest';
import { createInFlight, type Permit } from '../../gateway/admit/in-flight.ts';
import { Refusal } from '../../gateway/decision.ts';

function outcomeOf(entered: Permit | Refusal): string {
  return entered instanceof Refusal ? entered.reason : 'in';
}

/** `+a` enters as a, `-a` takes the place that a took last. */
function play(steps: string, options: { perCallerMax: number; keysMax: number }) {
  const inFlight = createInFlight(options);
  const places = new Map<string, Permit[]>();
  const outcomes = steps.split(' ').flatMap((step) => {
    const key = step.slice(1);
    const held = places.get(key) ?? [];
    places.set(key, held);
    if (step.startsWith('-')) {
      held.pop()?.release();
      return [];
    }
    const entered = inFlight.enter(key);
    if (!(entered instanceof Refusal)) held.push(entered);
    return [outcomeOf(entered)];
  });
  return { outcomes, keys: inFlight.keys() };
}

const mine = 'limits/too-many-in-flight';
const all = 'admit/too-many-in-flight';

const cases = [
  { name: 'up to the limit', steps: '+a +a', expect: ['in', 'in'], keys: 1 },
  { name: 'one too many', steps: '+a +a +a', expect: ['in', 'in', mine], keys: 1 },
  {
    name: 'callers do not count together',
    steps: '+a +a +b +b',
    expect: ['in', 'in', 'in', 'in'],
    keys: 2,
  },
  { name: 'a place that is left', steps: '+a +a -a +a', expect: ['in', 'in', 'in'], keys: 1 },
  { name: 'a refusal holds nothing', steps: '+a +a +a -a -a', expect: ['in', 'in', mine], keys: 0 },
  { name: 'too many callers', steps: '+a +b +c', expect: ['in', 'in', all], keys: 2 },
  {
    name: 'room for one who is in already',
    steps: '+a +b +a',
    expect: ['in', 'in', 'in'],
    keys: 2,
  },
  {
    name: 'room again when one has gone',
    steps: '+a +b -a +c',
    expect: ['in', 'in', 'in'],
    keys: 2,
  },
  {
    name: 'names of objects',
    steps: '+__proto__ +__proto__ +__proto__',
    expect: ['in', 'in', mine],
    keys: 1,
  },
];

it.each(cases)('$name', ({ steps, expect: outcomes, keys }) => {
  expect(play(steps, { perCallerMax: 2, keysMax: 2 })).toEqual({ outcomes, keys });
});

describe('a place', () => {
  it('is left once, however often it is said', () => {
    const inFlight = createInFlight({ perCallerMax: 2, keysMax: 10 });
    const first = inFlight.enter('a');
    inFlight.enter('a');
    if (first instanceof Refusal) throw new Error('refused');
    first.release();
    first.release();
    expect(outcomeOf(inFlight.enter('a'))).toBe('in');
    expect(outcomeOf(inFlight.enter('a'))).toBe(mine);
  });

  it('tells who is refused when to come back', () => {
    const inFlight = createInFlight({ perCallerMax: 0, keysMax: 1 });
    expect(inFlight.enter('a')).toMatchObject({ retryAfterMs: expect.any(Number) });
  });
});

it('keeps no key of a caller that has left', () => {
  const inFlight = createInFlight({ perCallerMax: 1, keysMax: 10 });
  for (let at = 0; at < 100_000; at += 1) {
    const entered = inFlight.enter(`caller ${at}`);
    if (entered instanceof Refusal) throw new Error(entered.reason);
    entered.release();
  }
  expect(inFlight.keys()).toBe(0);
});

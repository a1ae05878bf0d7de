/** The arithmetic behind the benchmark's table: a wrong median would be believed. */
import { describe, expect, it } from 'vitest';
import type { Figure, Figures } from './measure.ts';
import { cpuRatio, median } from './statistics.ts';
import { judge } from './targets.ts';

const figure = (cpu: number): Figure => ({
  perSecond: 1,
  p50Ms: 1,
  p99Ms: 1,
  cpu,
  failed: 0,
  example: '',
});

const figuresOf = (cpus: Readonly<Record<string, readonly number[]>>): Figures =>
  new Map(
    Object.entries(cpus).map(([name, rounds]) => [name, new Map([['W1', rounds.map(figure)]])]),
  );

describe('median', () => {
  const cases = [
    { name: 'of one', given: [3], expect: 3 },
    { name: 'of an odd count, whatever the order', given: [9, 1, 10], expect: 9 },
    { name: 'of an even count, between the middle two', given: [4, 1, 3, 100], expect: 3.5 },
  ];
  it.each(cases)('$name', ({ given, expect: wanted }) => {
    expect(median(given)).toBe(wanted);
  });

  it('of nothing is no number', () => {
    expect(median([])).toBeNaN();
  });
});

describe('ratios', () => {
  it('are taken within a round: a slow round of the machine slows both', () => {
    const figures = figuresOf({ one: [2, 20, 200], other: [1, 10, 100] });
    expect(cpuRatio(figures, 'W1', ['one', 'other'])).toBe(2);
    const skewed = figuresOf({ one: [1, 8, 9], other: [1, 2, 3] });
    expect(cpuRatio(skewed, 'W1', ['one', 'other'])).toBe(3);
  });

  it('with somebody who was not measured are no numbers', () => {
    expect(cpuRatio(figuresOf({ one: [1] }), 'W1', ['one', 'other'])).toBeNaN();
  });
});

describe('targets', () => {
  it('are met at their bound, missed beyond it, and silent without both contenders', () => {
    const met = figuresOf({
      fieldgate: [1],
      'Hive Gateway, secured': [12],
      'reverse proxy': [0.4],
    });
    expect(judge(met)).toMatchObject([
      { workload: 'W1', measured: 12, isMet: true },
      { workload: 'W1', measured: 2.5, isMet: false },
    ]);
  });
});

/** Counting itself: buckets, attribute sets, and the bound on them. */
import { describe, expect, it } from 'vitest';
import { toGauges } from '../../../gateway/watch/telemetry/gauge-readings.ts';
import { Counter, Histogram } from '../../../gateway/watch/telemetry/instruments.ts';

const about = { name: 'x', description: 'x', unit: '1' };
const times = { startTime: [0, 0] as [number, number], endTime: [1, 0] as [number, number] };
const pointsOf = (counter: Counter | Histogram) =>
  counter.collect(times).dataPoints.map(({ attributes, value }) => ({ attributes, value }));

describe('an instrument', () => {
  it('counts what is new past its bound under _OTHER, and what it knows as before', () => {
    const counter = new Counter({ ...about, attributes: ['rule', 'class'], seriesMax: 2 });
    counter.add(1, ['a', 'x']);
    counter.add(1, ['b', '']);
    for (let nth = 0; nth < 10_000; nth += 1) counter.add(1, [`rule ${nth}`, 'x']);
    counter.add(5, ['a', 'x']);
    expect(pointsOf(counter)).toEqual([
      { attributes: { rule: 'a', class: 'x' }, value: 6 },
      { attributes: { rule: 'b' }, value: 1 },
      { attributes: { rule: '_OTHER', class: '_OTHER' }, value: 10_000 },
    ]);
  });

  it('keeps values apart that only look alike when joined', () => {
    const counter = new Counter({ ...about, attributes: ['a', 'b'] });
    counter.add(1, ['x', 'yz']);
    counter.add(1, ['xy', 'z']);
    expect(pointsOf(counter)).toHaveLength(2);
  });

  it('puts a value into the bucket whose bound it does not pass', () => {
    const histogram = new Histogram({ ...about, attributes: [] }, [1, 2, 5]);
    for (const value of [0, 1, 1.5, 2, 5, 6]) histogram.record(value);
    expect(pointsOf(histogram)).toEqual([
      {
        attributes: {},
        value: {
          buckets: { boundaries: [1, 2, 5], counts: [2, 2, 1, 1] },
          sum: 15.5,
          count: 6,
        },
      },
    ]);
  });

  it('gathers readings by name and leaves out what is no number', () => {
    const readings = [
      { ...about, value: 1, attributes: { of: 'a' } },
      { ...about, value: Number.NaN, attributes: { of: 'b' } },
      { ...about, value: 2, attributes: { of: 'c' } },
      { ...about, name: 'y', value: 3, isTotal: true },
    ];
    const found = toGauges(readings, times);
    expect(found.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length])).toEqual(
      [
        ['x', 2],
        ['y', 1],
      ],
    );
  });
});

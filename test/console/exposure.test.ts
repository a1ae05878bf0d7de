/** What left in the last hour and day: windows that slide, and rows that are bounded. */
import { describe, expect, it } from 'vitest';
import { createExposure, otherName, rowsMax } from '../../gateway/console/exposure.ts';
import { WindowedCount } from '../../gateway/console/windowed-count.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('a count', () => {
  it('forgets after an hour, and after a day', () => {
    const count = new WindowedCount();
    const start = 1_000 * hour;
    count.add(5, start);
    expect(count.read(start)).toEqual([5, 5, 5]);
    count.add(2, start + 30 * minute);
    expect(count.read(start + 59 * minute)).toEqual([7, 7, 7]);
    expect(count.read(start + 60 * minute)).toEqual([2, 7, 7]);
    expect(count.read(start + 90 * minute)).toEqual([0, 7, 7]);
    expect(count.read(start + 23 * hour)).toEqual([0, 7, 7]);
    expect(count.read(start + 24 * hour)).toEqual([0, 0, 7]);
    count.add(1, start + 1_000 * hour);
    expect(count.read(start + 1_000 * hour)).toEqual([1, 1, 8]);
  });

  it('counts on where the clock is set back', () => {
    const count = new WindowedCount();
    count.add(1, 10 * hour);
    count.add(1, 9 * hour);
    expect(count.read(9 * hour)).toEqual([2, 2, 2]);
    expect(count.read(10 * hour)).toEqual([2, 2, 2]);
  });
});

describe('exposure', () => {
  const delivered = (name: string, rule: string, count: number, masked: number) => ({
    coordinate: 'A.b',
    classes: [name],
    rule,
    count,
    masked,
  });

  it('is by class and rule, clear and masked apart', () => {
    const exposure = createExposure(() => hour);
    const first = delivered('pay', 'salaries', 4, 0);
    const second = delivered('pay', 'masked-pay', 3, 3);
    exposure.count({ delivered: [first, second], charges: [] });
    expect(exposure.classes()).toEqual([
      { class: 'pay', rule: 'salaries', clear: [4, 4, 4], masked: [0, 0, 0] },
      { class: 'pay', rule: 'masked-pay', clear: [0, 0, 0], masked: [3, 3, 3] },
    ]);
  });

  it('counts a rate as near, or as refused, once a request', () => {
    const exposure = createExposure(() => hour);
    const charge = { rate: 'few', amount: 5, remaining: 3, near: true };
    exposure.count({ delivered: [], charges: [charge] });
    const exhausted = { ...charge, exhausted: true } as const;
    exposure.count({ delivered: [], charges: [exhausted] });
    const far = { ...charge, remaining: 50, near: false };
    exposure.count({ delivered: [], charges: [far] });
    expect(exposure.rates()).toEqual([{ rate: 'few', near: [1, 1, 1], refused: [1, 1, 1] }]);
  });

  it('is bounded, and nothing is lost', () => {
    const exposure = createExposure(() => hour);
    for (let at = 0; at < 5_000; at += 1) {
      const one = delivered(`class-${at % 70}`, `rule-${at}`, 1, 0);
      exposure.count({ delivered: [one], charges: [] });
    }
    const rows = exposure.classes();
    expect(rows).toHaveLength(rowsMax + 1);
    expect(rows.at(-1)).toMatchObject({ class: otherName, rule: otherName });
    expect(rows.reduce((sum, { clear }) => sum + clear[2], 0)).toBe(5_000);
  });
});

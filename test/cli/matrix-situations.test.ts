/** Which places and times are looked at, in which order, and how many are not. */
import { expect, it } from 'vitest';
import { findSituations } from '../../gateway/cli/matrix/matrix-situations.ts';
import type { Condition } from '../../gateway/conditions/condition.ts';

const names = (count: number, name: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => name(index));
const lists = (count: number): Condition => ({
  kind: 'network',
  lists: names(count, (index) => `list-${String(index).padStart(3, '0')}`),
});
const regions = (count: number): Condition => ({
  kind: 'regions',
  regions: names(count, (index) =>
    String.fromCharCode(65 + Math.floor(index / 26), 65 + (index % 26)),
  ),
});
const assumed = (conditions: readonly Condition[]) =>
  findSituations(conditions).situations.map(({ assumes }) => assumes.join(' and '));

it('none without a condition on place or time', () => {
  expect(findSituations([{ kind: 'everyone' }])).toEqual({ situations: [], leftOut: 0 });
});

it('those that assume least first, each once', () => {
  expect(assumed([lists(2), regions(1)])).toEqual([
    'from AA',
    'from network list-000',
    'from network list-001',
    'from network list-000 and from AA',
    'from network list-001 and from AA',
    'from network list-000 and from network list-001',
    'from network list-000 and from network list-001 and from AA',
  ]);
});

it('a bounded number, with all others counted, of however many there may be', () => {
  const { situations, leftOut } = findSituations([lists(300), regions(250)]);
  expect(situations).toHaveLength(120);
  expect(situations.every(({ assumes }) => assumes.length === 1)).toBe(true);
  const places = 1 + 300 + (300 * 299) / 2;
  expect(leftOut).toBe(places * 251 - 1 - 120);
});

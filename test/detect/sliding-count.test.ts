/** What a window holds: all of it, up to a sixteenth of it before, and nothing older. */
import { expect, it } from 'vitest';
import { SlidingCount, toSlot } from '../../gateway/detect/sliding-count.ts';

const windowMs = 1_600;

function open() {
  const count = new SlidingCount();
  return {
    count,
    add: (amount: number, ms: number) => count.add(amount, toSlot(ms, windowMs)),
    at(ms: number): number {
      count.advance(toSlot(ms, windowMs));
      return count.total;
    },
  };
}

it.each([0, 37, 99])(
  'what came %d ms into its slot counts for the window, and for no two slots more',
  (ms) => {
    const { add, at } = open();
    add(5, 8_000 + ms);
    expect(at(8_000 + ms + windowMs)).toBe(5);
    expect(at(8_000 + windowMs + 99)).toBe(5);
    expect(at(8_000 + windowMs + 100)).toBe(0);
  },
);

it.each([
  {
    name: 'of one slot, of several and of all',
    turns: [40, 1_700, 350, 4_000, 1_600, 100, 1_800, 1_500],
  },
  { name: 'that never leave all behind at once', turns: [40, 700, 350, 1_500, 100] },
])('over many turns $name it is the sum of what the slots hold', ({ turns }) => {
  const { add, at } = open();
  const added: [number, number][] = [];
  let ms = 0;
  for (let step = 0; step < 300; step += 1) {
    ms += turns[step % turns.length] ?? 0;
    add(step + 1, ms);
    added.push([step + 1, ms]);
    const oldest = toSlot(ms, windowMs) - 16;
    const live = added.filter(([, when]) => toSlot(when, windowMs) >= oldest);
    expect(at(ms)).toBe(live.reduce((sum, [amount]) => sum + amount, 0));
  }
});

it('a moment before the latest counts as the latest', () => {
  const { add, at } = open();
  add(1, 8_000);
  add(1, 1_000);
  expect(at(8_000 + windowMs)).toBe(2);
  expect(at(8_000 + windowMs + 100)).toBe(0);
});

it('a copy goes on by itself', () => {
  const { count, add } = open();
  add(3, 8_000);
  const copy = new SlidingCount();
  copy.copy(count);
  copy.add(1, toSlot(8_800, windowMs));
  expect([copy.total, count.total]).toEqual([4, 3]);
  copy.advance(toSlot(8_000 + windowMs + 100, windowMs));
  expect([copy.total, count.total]).toEqual([1, 3]);
});

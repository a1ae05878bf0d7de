import { expect, test } from 'vitest';
import { Roster } from '../../gateway/time/roster.ts';

const listOf = (roster: Roster<{ name: string }>): string[] => {
  const names: string[] = [];
  roster.each(({ name }) => names.push(name));
  return names.sort();
};

test('holds what was added until it is taken out, and uses its place again', () => {
  const roster = new Roster<{ name: string }>();
  const [one, other, third] = [{ name: 'one' }, { name: 'other' }, { name: 'third' }];
  const place = roster.add(one);
  roster.add(other);
  expect(listOf(roster)).toEqual(['one', 'other']);
  expect(roster.delete(one, place)).toBe(true);
  expect(roster.size).toBe(1);
  expect(roster.add(third)).toBe(place);
  expect(listOf(roster)).toEqual(['other', 'third']);
});

test('takes out nobody else, and nobody twice', () => {
  const roster = new Roster<{ name: string }>();
  const [one, other] = [{ name: 'one' }, { name: 'other' }];
  const place = roster.add(one);
  expect(roster.delete(one, place)).toBe(true);
  expect(roster.delete(one, place)).toBe(false);
  expect(roster.add(other)).toBe(place);
  expect(roster.delete(one, place)).toBe(false);
  expect(listOf(roster)).toEqual(['other']);
  expect(roster.size).toBe(1);
});

test('lets a visitor take out what it visits', () => {
  const roster = new Roster<{ name: string }>();
  for (const name of ['a', 'b', 'c']) roster.add({ name });
  const seen: string[] = [];
  roster.each((one, place) => {
    seen.push(one.name);
    roster.delete(one, place);
  });
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(roster.size).toBe(0);
});

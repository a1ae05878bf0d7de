import { expect, test } from 'vitest';
import { createMemo } from '../../gateway/caches/memo.ts';

test('knows what was set last, each memo by itself', () => {
  const [one, other] = [createMemo<object, string>(), createMemo<object, string>()];
  const key = {};
  expect(one.get(key)).toBeUndefined();
  one.set(key, 'first');
  one.set(key, 'second');
  other.set(key, 'else');
  expect([one.get(key), other.get(key)]).toEqual(['second', 'else']);
  expect(one.get({})).toBeUndefined();
});

test('is not seen, and not of the copies of its object', () => {
  const memo = createMemo<object, string>();
  const key = { kind: 'Field' };
  memo.set(key, 'secret');
  expect(JSON.stringify(key)).toBe('{"kind":"Field"}');
  expect(Reflect.ownKeys({ ...key })).toEqual(['kind']);
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(key));
  expect(memo.get(copy)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { createSeenBefore } from '../../gateway/caches/seen-before.ts';

test('says no the first time and yes from then on, of each text by itself', () => {
  const seenBefore = createSeenBefore();
  const texts = Array.from({ length: 1_000 }, (_, at) => `{ a${at}: id }`);
  expect(texts.filter(seenBefore)).toEqual([]);
  // A few have lost their places to others.
  expect(texts.filter(seenBefore).length).toBeGreaterThan(900);
  expect(createSeenBefore()(texts[0] ?? '')).toBe(false);
});

/**
 * Texts that make a document's pattern work for seconds: a pattern that may begin anywhere and holds
 * hundreds of places costs all of them at every character, and once more for each text of a list.
 * What would cost too much is refused, and counted before it is done.
 */
import { describe, expect, it } from 'vitest';
import { patternOf } from '../../gateway/delegate/openapi/call/check-leaf.ts';
import { checkValue } from '../../gateway/delegate/openapi/call/check-value.ts';
import type { PatternWork } from '../../gateway/delegate/openapi/call/run-pattern.ts';

const host = '[a-z0-9-]{1,253}\\.com';
const text = { type: 'string', pattern: host };
const tooMuch = /^more than can be checked/;

describe('a control', () => {
  it('the whole of such a text is millions of steps', () => {
    const work: PatternWork = { left: 1e9 };
    expect(patternOf(host)?.('a'.repeat(10_000), work)).toBe(false);
    expect(1e9 - work.left).toBeGreaterThan(5_000_000);
  });
});

describe('is refused, and not looked through', () => {
  it.each([
    { name: 'one long text', schema: text, value: 'a'.repeat(10_000) },
    {
      name: 'a list of short ones',
      schema: { type: 'array', items: text },
      value: Array(1_000).fill(`${'a'.repeat(90)}.com`),
    },
    {
      name: 'one of several alternatives',
      schema: { anyOf: [text, { type: 'string' }] },
      value: 'a'.repeat(10_000),
    },
    {
      name: 'what must not be there',
      schema: { type: 'string', not: { pattern: host } },
      value: 'a'.repeat(10_000),
    },
  ])('$name', ({ schema, value }) => {
    expect(checkValue(schema, value)).toMatch(tooMuch);
  });
});

describe('is found out', () => {
  it.each([
    {
      name: 'a text of the usual length',
      value: `${'a'.repeat(60)}.example.com`,
      found: undefined,
    },
    { name: 'one without it', value: 'a'.repeat(200), found: 'pattern' },
  ])('$name', ({ value, found }) => expect(checkValue(text, value)).toBe(found));

  it('a long text of a simple pattern', () => {
    const schema = { type: 'string', pattern: '^[^<>]*$' };
    expect(checkValue(schema, 'a'.repeat(10_000))).toBeUndefined();
    expect(checkValue(schema, `${'a'.repeat(9_999)}<`)).toBe('pattern');
  });
});

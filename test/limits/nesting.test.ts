/** Brackets are counted as the lexer sees them: what stands in strings and comments is none. */
import { expect, test } from 'vitest';
import { countBrackets } from '../../gateway/limits/nesting.ts';

const cases: { name: string; given: string; expect: [count: number, deepest: number] }[] = [
  { name: 'nothing', given: '', expect: [0, 0] },
  { name: 'neighbours', given: '{ a(b: [1]) } { }', expect: [4, 3] },
  { name: 'a string', given: '{ a(b: "{{{[[[((((") }', expect: [2, 2] },
  { name: 'an escaped quote', given: '{ a(b: "\\"{{{") }', expect: [2, 2] },
  { name: 'an escaped backslash', given: '{ a(b: "\\\\") { c } }', expect: [3, 2] },
  { name: 'an empty string', given: '{ a(b: "") { c } }', expect: [3, 2] },
  { name: 'a block string', given: '{ a(b: """ { " { "" { """) { c } }', expect: [3, 2] },
  {
    name: 'escaped quotes in a block string',
    given: '{ a(b: """ \\""" {{{ """) }',
    expect: [2, 2],
  },
  { name: 'a comment', given: '{ a # {{{ "\n { b } }', expect: [2, 2] },
  { name: 'a comment to a carriage return', given: '{ a # {{{\r { b } }', expect: [2, 2] },
  { name: 'a string that does not end', given: '{ a(b: "x\n {{{{', expect: [2, 2] },
  { name: 'a string past the end of its line', given: '{ a(b: "x\n" {{{{', expect: [2, 2] },
  { name: 'a string past a carriage return', given: '{ a(b: "x\r" {{{{', expect: [2, 2] },
  { name: 'a block string that does not end', given: '{ a(b: """ {{{{ ""', expect: [2, 2] },
  { name: 'brackets that close too often', given: '}}}} { a }', expect: [1, 0] },
];

test.each(cases)('$name', ({ given, expect: [count, deepest] }) => {
  expect(countBrackets(given, 100)).toEqual({ count, deepest });
});

test('counting ends past its bound', () => {
  expect(countBrackets('{'.repeat(100_000), 10).count).toBe(11);
});

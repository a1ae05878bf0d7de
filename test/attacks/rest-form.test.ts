/**
 * Values and names of a form that begin another parameter, write a field under another name, or make
 * two items of one; forms that grow without measure. A translator that joins texts sends every one.
 */
import { parse as parseQuery } from 'node:querystring';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FormField,
  type FormStyle,
  writeForm,
} from '../../gateway/delegate/openapi/call/write-form.ts';

const refuse = (why: string): Error => new Error(why);
const write = (style: FormStyle, value: unknown, wire = 'a'): string =>
  writeForm([{ wire, style }], { [wire]: value }, refuse);

const hostile = [
  'x&admin=true',
  'x;admin=true',
  'a=b',
  'a+b c',
  '%26admin=1',
  '%',
  'x\r\nadmin: 1',
  'x\u0000&admin=1',
  'x][admin',
  '[admin]=1',
  '#',
  '＆admin＝1',
  '\u2028&',
  '😀',
  "'!()*~",
];

describe('is sent as one value', () => {
  test.each(hostile)('%j', (text) => {
    const form = write('one', text);
    expect(form).toMatch(/^a=[\w.~!'()*%-]*$/);
    expect([...new URLSearchParams(form)]).toEqual([['a', text]]);
    expect({ ...parseQuery(form) }).toEqual({ a: text });
    const listed = write('repeat', [text, text]);
    expect(new URLSearchParams(listed).getAll('a')).toEqual([text, text]);
    expect([...new URLSearchParams(listed).keys()]).toEqual(['a', 'a']);
    const asJson = [...new URLSearchParams(write('json', { k: text }))];
    expect(asJson).toEqual([['a', JSON.stringify({ k: text })]]);
    expect([...new URLSearchParams(write('deep', { k: text }))]).toEqual([['a[k]', text]]);
  });

  test.each(hostile)('as the name that a document has: %j', (wire) => {
    expect([...new URLSearchParams(write('one', 'x', wire))]).toEqual([[wire, 'x']]);
  });
});

describe('is refused', () => {
  const cases: { name: string; style: FormStyle; value: unknown }[] = [
    { name: 'half a surrogate pair', style: 'one', value: 'x\ud800' },
    { name: 'half of one in a list', style: 'repeat', value: ['\udc00'] },
    { name: 'half of one in a name', style: 'deep', value: { '\ud800': 1 } },
    { name: 'a name that closes its bracket', style: 'deep', value: { 'x][number': 1 } },
    { name: 'a bracket too many', style: 'deep', value: { 'number]': 1 } },
    { name: 'an opening bracket', style: 'deep', value: { '[number': 1 } },
    { name: 'a name of nothing, which adds an item', style: 'deep', value: { '': 1 } },
    { name: 'a space before a name', style: 'deep', value: { ' number': 1 } },
    { name: 'a space after it', style: 'deep', value: { 'number\u00a0': 1 } },
    { name: 'a name in quotes, which some take off', style: 'deep', value: { "'number'": 1 } },
    { name: 'in double ones', style: 'deep', value: { '"number"': 1 } },
    { name: 'a null byte in a name', style: 'deep', value: { 'number\u0000': 1 } },
    { name: 'a line break in a name', style: 'deep', value: { 'a\nb': 1 } },
    { name: 'such a name further down', style: 'deep', value: { k: [{ 'x]': 1 }] } },
    { name: 'a comma in an item', style: 'comma', value: ['1', '2,3'] },
    { name: 'a space in an item', style: 'space', value: ['1', '2 3'] },
    { name: 'a tab in an item', style: 'space', value: ['1', '2\t3'] },
    { name: 'a space that does not break in an item', style: 'space', value: ['1', '2\u00a03'] },
    { name: 'a pipe in an item', style: 'pipe', value: ['1', '2|3'] },
    { name: 'an object for a text', style: 'one', value: { toString: 'x' } },
    { name: 'a list for a text', style: 'one', value: ['x', 'y'] },
    { name: 'an object in a list', style: 'repeat', value: [{}] },
    { name: 'an infinite number', style: 'one', value: Number.POSITIVE_INFINITY },
    {
      name: 'a long name above a long list',
      style: 'deep',
      value: { ['k'.repeat(100_000)]: Array.from({ length: 100_000 }, () => 1) },
    },
    {
      name: '10,000 levels',
      style: 'deep',
      value: JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
    },
  ];
  test.each(cases)('$name', ({ style, value }) => {
    expect(() => write(style, value)).toThrow(
      /^(?:no well-formed|a name that|an item with|a value that|a form that)/,
    );
  });
});

test('what is not planned is not sent, and nothing is read from a prototype', () => {
  const fields: FormField[] = [
    { wire: 'a', style: 'one' },
    { wire: 'constructor', style: 'one' },
    { wire: '__proto__', style: 'one' },
  ];
  expect(writeForm(fields, { a: 1, b: 2 }, refuse)).toBe('a=1');
});

/** Texts of what parsers mind, and of any other characters. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '&',
      '=',
      '+',
      '%',
      '2',
      '6',
      '\r',
      '\n',
      '[',
      ']',
      ' ',
      ',',
      '|',
      '\0',
      'é',
      '😀',
    ),
  }),
);
const leaf = fc.oneof(anyText, fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const key = anyText.filter(
  (text) => /^[^[\]\p{Cc}'"][^[\]\p{Cc}]*$/u.test(text) && text.trim() === text,
);

test('an independent parser gives back what was put in', () => {
  const value = fc.record(
    { one: leaf, list: fc.array(leaf, { minLength: 1 }), other: anyText },
    { requiredKeys: [] },
  );
  const fields: FormField[] = [
    { wire: 'one', style: 'one' },
    { wire: 'list', style: 'repeat' },
    { wire: 'other', style: 'json' },
  ];
  fc.assert(
    fc.property(value, (given) => {
      const read = new URLSearchParams(writeForm(fields, given, refuse));
      expect(read.get('one')).toBe(given.one === undefined ? null : String(given.one));
      expect(read.getAll('list')).toEqual((given.list ?? []).map(String));
      const other = read.get('other');
      expect(other === null ? undefined : JSON.parse(other)).toBe(given.other);
      const keys = new Set(read.keys());
      expect(['one', 'list', 'other'].filter((name) => keys.has(name)).length).toBe(keys.size);
    }),
  );
});

test('so does one of deep objects', () => {
  type Deep = unknown;
  const { deep } = fc.letrec<{ deep: Deep }>((tie) => ({
    deep: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('deep'), { minLength: 1, maxLength: 4 }),
      fc.dictionary(key, tie('deep'), { minKeys: 1, maxKeys: 4 }),
    ),
  }));
  /** Every leaf by the names that lead to it. */
  const leavesOf = (value: unknown, path: string[] = []): [string[], string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, each]) => leavesOf(each, [...path, name]))
      : [[path, String(value)]];
  fc.assert(
    fc.property(deep, (given) => {
      const parsed = parseQuery(write('deep', given), '&', '=', { maxKeys: 0 });
      const read = Object.entries(parsed).map(([name, text]) => {
        const [first, ...rest] = name.split('[');
        expect(first).toBe('a');
        return [rest.map((step) => step.replace(/\]$/, '')), text];
      });
      const order = (leaves: unknown[]) => leaves.map((each) => JSON.stringify(each)).sort();
      expect(order(read)).toEqual(order(leavesOf(given)));
    }),
  );
});

/** `claims`: own properties of verified claims, at a name or a dotted path, equal in type and value. */
import { expect, test } from 'vitest';
import { claims } from '../../../gateway/conditions/criteria/claims.ts';
import { anonymous, callerWith } from '../../authorize/policy-rig.ts';

interface Case {
  name: string;
  claim: string;
  values: (string | number | boolean)[];
  /** The token's claims as JSON. */
  given: string;
  expect: boolean;
}

const cases: Case[] = [
  { name: 'the value', claim: 'd', values: ['hr'], given: '{"d":"hr"}', expect: true },
  { name: 'one of the values', claim: 'd', values: ['x', 'hr'], given: '{"d":"hr"}', expect: true },
  { name: 'another value', claim: 'd', values: ['hr'], given: '{"d":"ops"}', expect: false },
  { name: 'a longer value', claim: 'd', values: ['hr'], given: '{"d":"hr-all"}', expect: false },
  { name: 'other letters', claim: 'd', values: ['hr'], given: '{"d":"HR"}', expect: false },
  {
    name: 'a list that has it',
    claim: 'd',
    values: ['hr'],
    given: '{"d":["x","hr"]}',
    expect: true,
  },
  { name: 'a list without it', claim: 'd', values: ['hr'], given: '{"d":["x"]}', expect: false },
  { name: 'an empty list', claim: 'd', values: ['hr'], given: '{"d":[]}', expect: false },
  { name: 'a list in a list', claim: 'd', values: ['hr'], given: '{"d":[["hr"]]}', expect: false },
  {
    name: 'a map with that key',
    claim: 'd',
    values: ['hr'],
    given: '{"d":{"hr":true}}',
    expect: false,
  },
  { name: 'the number', claim: 'd', values: [1], given: '{"d":1}', expect: true },
  { name: 'a text for the number', claim: 'd', values: [1], given: '{"d":"1"}', expect: false },
  { name: 'a number for the text', claim: 'd', values: ['1'], given: '{"d":1}', expect: false },
  { name: 'true for 1', claim: 'd', values: [1], given: '{"d":true}', expect: false },
  { name: 'the Boolean', claim: 'd', values: [true], given: '{"d":true}', expect: true },
  {
    name: 'a text for the Boolean',
    claim: 'd',
    values: [true],
    given: '{"d":"true"}',
    expect: false,
  },
  { name: 'a number for the Boolean', claim: 'd', values: [true], given: '{"d":1}', expect: false },
  { name: 'zero is not false', claim: 'd', values: [false], given: '{"d":0}', expect: false },
  { name: 'the empty text is not zero', claim: 'd', values: [0], given: '{"d":""}', expect: false },
  { name: 'null', claim: 'd', values: ['null', 0, false, ''], given: '{"d":null}', expect: false },
  { name: 'missing', claim: 'd', values: ['undefined', 0, false, ''], given: '{}', expect: false },
  { name: 'no value wanted', claim: 'd', values: [], given: '{"d":"hr"}', expect: false },
  { name: 'a path', claim: 'a.b', values: ['hr'], given: '{"a":{"b":"hr"}}', expect: true },
  {
    name: 'a path to a list',
    claim: 'a.b',
    values: ['hr'],
    given: '{"a":{"b":["hr"]}}',
    expect: true,
  },
  {
    name: 'a path that ends early',
    claim: 'a.b.c',
    values: ['hr'],
    given: '{"a":{"b":"hr"}}',
    expect: false,
  },
  { name: 'a path through null', claim: 'a.b', values: ['hr'], given: '{"a":null}', expect: false },
  {
    name: 'a path through text',
    claim: 'a.length',
    values: [2],
    given: '{"a":"hr"}',
    expect: false,
  },
  { name: 'a name with a dot', claim: 'a.b', values: ['hr'], given: '{"a.b":"hr"}', expect: true },
  {
    name: 'a name with a dot goes before the path',
    claim: 'a.b',
    values: ['hr'],
    given: '{"a.b":"ops","a":{"b":"hr"}}',
    expect: false,
  },
  {
    name: 'a URL as a name',
    claim: 'https://example.test/roles',
    values: ['hr'],
    given: '{"https://example.test/roles":"hr"}',
    expect: true,
  },
  {
    name: 'an inherited path',
    claim: 'a.constructor.name',
    values: ['Object'],
    given: '{"a":{}}',
    expect: false,
  },
  {
    name: 'what stands under __proto__ is not inherited',
    claim: 'a.d',
    values: ['hr'],
    given: '{"a":{"__proto__":{"d":"hr"}}}',
    expect: false,
  },
];

test.each(cases)('$name', ({ claim, values, given, expect: holds }) => {
  const caller = callerWith({ claims: JSON.parse(given) });
  expect(claims(claim, values)(caller)).toBe(holds);
});

test('what claims inherit counts for nothing', () => {
  const caller = callerWith({ claims: Object.create({ d: 'hr' }) });
  expect(claims('d', ['hr'])(caller)).toBe(false);
});

test('the anonymous caller has none', () => {
  expect(claims('d', ['hr'])(anonymous)).toBe(false);
});

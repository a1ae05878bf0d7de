import { describe, expect, test } from 'vitest';
import { toCaller } from '../../gateway/identify/to-caller.ts';

const names = { issuer: 'https://idp.example', scopes: 'scope', roles: 'roles', client: 'azp' };

function caller(text: string, about: Partial<typeof names> = {}) {
  const claims: Record<string, unknown> = JSON.parse(text);
  return toCaller({ claims, expiresAt: 1, credentialHash: 'hash' }, { ...names, ...about });
}

const lists: {
  name: string;
  given: string;
  roles?: string;
  expect: { scopes: string[]; roles: string[] };
}[] = [
  { name: 'text', given: '{"scope":"a b"}', expect: { scopes: ['a', 'b'], roles: [] } },
  { name: 'spaces', given: '{"scope":" a  b "}', expect: { scopes: ['a', 'b'], roles: [] } },
  { name: 'list', given: '{"scope":["a","b"]}', expect: { scopes: ['a', 'b'], roles: [] } },
  { name: 'mixed list', given: '{"scope":["a",1]}', expect: { scopes: [], roles: [] } },
  { name: 'object', given: '{"scope":{"a":true}}', expect: { scopes: [], roles: [] } },
  { name: 'number', given: '{"scope":1}', expect: { scopes: [], roles: [] } },
  { name: 'absent', given: '{}', expect: { scopes: [], roles: [] } },
  { name: 'roles', given: '{"roles":["r"]}', expect: { scopes: [], roles: ['r'] } },
  {
    name: 'one role is not split',
    given: '{"roles":"not admin"}',
    expect: { scopes: [], roles: ['not admin'] },
  },
  {
    name: 'path',
    given: '{"realm":{"roles":["r"]}}',
    roles: 'realm.roles',
    expect: { scopes: [], roles: ['r'] },
  },
  {
    name: 'literal name before path',
    given: '{"realm.roles":["literal"],"realm":{"roles":["path"]}}',
    roles: 'realm.roles',
    expect: { scopes: [], roles: ['literal'] },
  },
  {
    name: 'path through a list',
    given: '{"realm":[["r"]]}',
    roles: 'realm.0',
    expect: { scopes: [], roles: [] },
  },
  {
    name: 'inherited path',
    given: '{"realm":{}}',
    roles: 'realm.constructor.name',
    expect: { scopes: [], roles: [] },
  },
  {
    name: 'inherited through __proto__',
    given: '{"__proto__":{"roles":["r"],"scope":"a"}}',
    expect: { scopes: [], roles: [] },
  },
];

describe('claims become a caller', () => {
  test.each(lists)('$name', ({ given, roles = 'roles', expect: expected }) => {
    const found = caller(given, { roles });
    expect({ scopes: [...found.scopes], roles: [...found.roles] }).toEqual(expected);
  });

  test.each([
    { name: 'texts', given: '{"sub":"s","azp":"c"}', expect: ['s', 'c'] },
    { name: 'numbers are their digits', given: '{"sub":42,"azp":7}', expect: ['42', '7'] },
    {
      name: 'numbers that JSON rounds are nobody',
      given: '{"sub":9007199254740993,"azp":1e999}',
      expect: [undefined, undefined],
    },
    {
      name: 'anything else is nobody',
      given: '{"sub":true,"azp":{"toString":"x"}}',
      expect: [undefined, undefined],
    },
  ])('subject and client: $name', ({ given, expect: expected }) => {
    const { subject, client } = caller(given);
    expect([subject, client]).toEqual(expected);
  });

  test('claims are frozen to the bottom and have no prototype', () => {
    const { claims } = caller('{"a":[{"b":{"c":1}}],"__proto__":{"d":2}}');
    const list = claims.a as { b: object }[];
    const parts = [claims, list, list[0], list[0]?.b];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true]);
    const records = [claims, list[0], list[0]?.b];
    expect(records.map((part) => Object.getPrototypeOf(part))).toEqual([null, null, null]);
    expect(Object.keys(claims)).toEqual(['a', '__proto__']);
    expect(claims.d).toBeUndefined();
  });
});

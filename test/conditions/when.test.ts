/** Expressions: what they read, what they answer, and what is no expression. */
import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expression, readExpression } from '../../gateway/conditions/when/expression.ts';
import { callerWith } from '../authorize/policy-rig.ts';

function expressionOf(text: string): Expression {
  const read = readExpression(text);
  if ('message' in read) throw new Error(`${text}: ${read.message}`);
  return read;
}

interface World {
  claims?: Record<string, unknown>;
  client?: string;
  args?: Record<string, unknown>;
  object?: Record<string, unknown>;
  parent?: Record<string, unknown>;
}
const prefixed = (fields: Record<string, unknown> = {}) => ({
  source: Object.fromEntries(Object.entries(fields).map(([name, value]) => [`fgw_${name}`, value])),
  prefix: 'fgw_',
});
function holds(text: string, { claims = {}, client, args, object, parent }: World): boolean {
  const caller = callerWith({ claims: Object.assign(Object.create(null), claims), client });
  const given = { caller, args, object: prefixed(object), parent: parent && prefixed(parent) };
  return expressionOf(text).holds(given);
}

describe('an expression', () => {
  const cases: { text: string; given: World; expect: boolean }[] = [
    {
      text: 'object.id == claims.sub',
      given: { object: { id: '1' }, claims: { sub: '1' } },
      expect: true,
    },
    {
      text: 'object.id == claims.sub',
      given: { object: { id: '1' }, claims: { sub: '2' } },
      expect: false,
    },
    // What says nothing is equal to nothing, and different from nothing.
    { text: 'object.id == claims.sub', given: {}, expect: false },
    { text: 'object.id != claims.sub', given: {}, expect: false },
    { text: '!(object.id == claims.sub)', given: {}, expect: false },
    {
      text: 'object.id == claims.sub',
      given: { object: { id: null }, claims: { sub: null } },
      expect: false,
    },
    {
      text: 'object.id == claims.sub',
      given: { object: { id: '' }, claims: { sub: '' } },
      expect: false,
    },
    {
      text: 'object.id <= claims.sub',
      given: { object: { id: '' }, claims: { sub: '' } },
      expect: false,
    },
    // Types must agree.
    {
      text: 'object.id == claims.sub',
      given: { object: { id: '1' }, claims: { sub: 1 } },
      expect: false,
    },
    {
      text: 'object.id != claims.sub',
      given: { object: { id: '1' }, claims: { sub: 1 } },
      expect: false,
    },
    {
      text: 'object.id == string(claims.sub)',
      given: { object: { id: '1' }, claims: { sub: 1 } },
      expect: true,
    },
    {
      text: 'object.id == string(claims.sub)',
      given: { object: { id: '1.5' }, claims: { sub: 1.5 } },
      expect: false,
    },
    // Nothing is on a prototype.
    { text: 'object.constructor == claims.constructor', given: {}, expect: false },
    { text: 'has(claims.constructor)', given: {}, expect: false },
    { text: 'has(claims.toString)', given: {}, expect: false },
    { text: 'object.__proto__ == object.__proto__', given: {}, expect: false },
    {
      text: 'claims["https://x.test/t"] == "a"',
      given: { claims: { 'https://x.test/t': 'a' } },
      expect: true,
    },
    { text: 'claims.a.b == "x"', given: { claims: { a: { b: 'x' } } }, expect: true },
    { text: 'claims.a.b == "x"', given: { claims: { 'a.b': 'x', a: { b: 'y' } } }, expect: true },
    // One side may decide alone.
    { text: 'object.id == "1" || claims.all', given: { claims: { all: true } }, expect: true },
    { text: '!(object.id == "1" && claims.all)', given: { claims: { all: false } }, expect: true },
    { text: 'object.id == "1" || claims.all', given: {}, expect: false },
    { text: 'claims.all', given: { claims: { all: 'true' } }, expect: false },
    {
      text: 'object.team in claims.teams',
      given: { object: { team: 'a' }, claims: { teams: ['b', 'a'] } },
      expect: true,
    },
    {
      text: 'object.team in claims.teams',
      given: { object: { team: 'a' }, claims: { teams: ['a', null] } },
      expect: false,
    },
    {
      text: 'object.team in claims.teams',
      given: { object: { team: 'a' }, claims: { teams: 'a' } },
      expect: false,
    },
    { text: '!(object.team in claims.teams)', given: { object: { team: 'a' } }, expect: false },
    {
      text: 'claims.team in object.teams',
      given: { object: { teams: ['x', 'y'] }, claims: { team: 'y' } },
      expect: true,
    },
    { text: 'client in ["a", "b"]', given: { client: 'b' }, expect: true },
    { text: 'client == "a"', given: {}, expect: false },
    {
      text: 'args.input.id == claims.sub',
      given: { args: { input: { id: 'x' } }, claims: { sub: 'x' } },
      expect: true,
    },
    { text: 'has(args.id)', given: { args: { id: null } }, expect: false },
    // Words of the language are names all the same.
    { text: 'has(args["in"]) && args["in"] in ["a"]', given: { args: { in: 'a' } }, expect: true },
    { text: 'args.by["null"] == 1', given: { args: { by: { null: 1 } } }, expect: true },
    { text: '!has(args.id) || args.id == claims.sub', given: { args: {} }, expect: true },
    { text: 'object.level >= 3', given: { object: { level: 3 } }, expect: true },
    {
      text: 'object.level > 2.5 && object.level < 4',
      given: { object: { level: 3 } },
      expect: true,
    },
    { text: 'object.level == 3.0', given: { object: { level: 3 } }, expect: true },
    { text: 'object.level >= -1', given: { object: { level: Number.NaN } }, expect: false },
    {
      text: 'object.path.startsWith(claims.unit)',
      given: { object: { path: 'a/b' }, claims: { unit: 'a/' } },
      expect: true,
    },
    {
      text: 'object.path.startsWith(claims.unit)',
      given: { object: { path: 'a/b' }, claims: { unit: '' } },
      expect: false,
    },
    { text: 'object.path.contains("")', given: { object: { path: 'a/b' } }, expect: false },
    { text: 'size(claims.teams) == 2', given: { claims: { teams: ['a', 'b'] } }, expect: true },
    {
      text: 'object.id == parent.id',
      given: { object: { id: '1' }, parent: { id: '1' } },
      expect: true,
    },
    {
      text: 'claims.x ? object.id == "1" : object.id == "2"',
      given: { object: { id: '2' }, claims: { x: false } },
      expect: true,
    },
    { text: 'claims.x ? true : true', given: {}, expect: false },
    {
      text: 'object.id in claims.many',
      given: { object: { id: 'x' }, claims: { many: Array(1001).fill('x') } },
      expect: false,
    },
  ];
  it.each(cases)('$text is $expect', ({ text, given, expect: expected }) => {
    expect(holds(text, given)).toBe(expected);
  });

  it('says what it reads', () => {
    expect(
      expressionOf('object.a == parent.b && args.c.d in claims.e || client == "x"').reads,
    ).toEqual({
      claims: true,
      client: true,
      args: [['c', 'd']],
      object: ['a'],
      parent: ['b'],
    });
  });

  const refused = [
    ['object.id ==', 'is no CEL expression'],
    ['object.id = "1"', 'is no CEL expression'],
    ['caller.id == "1"', 'there is no "caller" here'],
    ['objct.id == "1"', 'did you mean "object"?'],
    ['object == claims', 'alone cannot be compared'],
    ['object.a.b == "1"', 'fields of the object itself'],
    ['claims[claims.a] == "1"', 'spelt out'],
    ['claims.a[0] == "1"', 'spelt out'],
    ['object.id == null', 'null'],
    ['has(object.id)', 'has() is for claims and arguments'],
    ['object.id.matches("(a+)+$")', 'there is no matches()'],
    ['claims.a.exists(x, x == "1")', 'there is no'],
    ['timestamp(claims.a) < timestamp("x")', 'there is no function timestamp'],
    ['object.id', undefined],
    ['"text"', 'true or false'],
    ['1 == "1"', 'never compared'],
    ['client == 1', 'never compared'],
    ['object.n + 1 == 2', 'not supported'],
    ['{"a": 1} == claims.a', 'is no CEL expression'],
    [`${'('.repeat(40)}true${')'.repeat(40)}`, 'is no CEL expression'],
    [`[${Array(200).fill('1').join()}] == claims.a`, 'is no CEL expression'],
    ['args.in == "a"', 'write ["in"] in place of .in'],
    ['has( args.by . true )', 'write ["true"] in place of .true'],
    ['claims.a in in', 'is no CEL expression: unexpected token: IN'],
  ] as const;
  it.each(refused)('%s: %s', (text, said) => {
    const read = readExpression(text);
    if (said === undefined) expect('message' in read).toBe(false);
    else expect('message' in read && read.message).toContain(said);
  });
});

describe('what may hold for a caller, whatever the arguments and objects', () => {
  const claims = { id: '1', level: 2, none: null, empty: '' };
  it.each([
    ['object.id == claims.id', true],
    ['object.id == claims.gone', false],
    ['object.id == claims.none', false],
    ['object.id == claims.empty', false],
    ['object.id != claims.gone', false],
    ['!(object.id == claims.gone)', false],
    ['object.id == string(claims.gone)', false],
    ['object.id in claims.gone', false],
    ['object.id in [claims.id, claims.gone]', false],
    ['object.name.startsWith(claims.gone)', false],
    ['-object.n == claims.gone', false],
    ['size(object.name) > claims.level', true],
    ['claims.level >= 3 && object.id == claims.id', false],
    ['claims.level >= 2 && object.id == claims.id', true],
    ['object.open && object.id == claims.gone', false],
    ['object.open || object.id == claims.gone', true],
    ['!(object.open && object.id == claims.gone)', true],
    ['!(object.open || object.id == claims.gone)', false],
    ['object.id == claims.gone || parent.id == claims.gone', false],
    ['has(claims.gone) ? object.id == claims.gone : object.open', true],
    ['has(claims.id) ? object.id == claims.gone : object.open', false],
    ['object.open ? object.id == claims.gone : object.id == claims.id', true],
    ['claims.gone ? object.open : object.open', false],
    ['(object.open ? claims.gone : claims.none) == object.id', false],
    ['has(args.id) && args.id == claims.id', true],
    ['args.id == claims.gone', false],
    ['object.id == client', false],
    ['object.a == object.b', true],
  ])('%s: %s', (text, expected) => {
    const caller = callerWith({ claims: Object.assign(Object.create(null), claims) });
    expect(expressionOf(text).mayHold(caller)).toBe(expected);
  });
});

/** Expressions of two values that are there, and the values. */
const values = fc.oneof(
  fc.constantFrom('a', 'b', 'ab'),
  fc.constantFrom(0, 1, 2.5, -1),
  fc.boolean(),
);
const text: fc.Arbitrary<string> = fc.letrec<{ bool: string }>((tie) => ({
  bool: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(
        fc.constantFrom('claims.a', 'claims.b', '"a"', '1.0', 'true'),
        fc.constantFrom('==', '!=', '<', '<=', '>', '>='),
        fc.constantFrom('claims.a', 'claims.b', '"ab"', '2.0', '2.5'),
      )
      .map(([one, operator, other]) => `${one} ${operator} ${other}`),
    fc.constantFrom(
      'claims.a in ["a", "b"]',
      'claims.b in claims.list',
      'claims.a.startsWith("a")',
      'claims.b.contains("b")',
      'size(claims.list) > 1',
      'has(claims.a)',
      'has(claims.none)',
      'claims.a',
    ),
    tie('bool').map((one) => `!(${one})`),
    fc.tuple(tie('bool'), tie('bool')).map(([one, other]) => `(${one}) && (${other})`),
    fc.tuple(tie('bool'), tie('bool')).map(([one, other]) => `(${one}) || (${other})`),
    fc
      .tuple(tie('bool'), tie('bool'), tie('bool'))
      .map(([one, two, three]) => `(${one}) ? (${two}) : (${three})`),
  ),
})).bool;

const library = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
});

function byLibrary(expression: string, claims: Record<string, unknown>): boolean {
  try {
    return library.evaluate(expression, { claims }) === true;
  } catch {
    return false;
  }
}

it('holds only where the library says so, and where types agree as often', () => {
  let agreed = 0;
  fc.assert(
    fc.property(text, values, values, fc.array(values, { maxLength: 3 }), (one, a, b, list) => {
      const read = readExpression(one);
      if ('message' in read) return;
      const claims = { a, b, list };
      const ours = holds(one, { claims });
      const theirs = byLibrary(one, claims);
      if (ours && theirs) agreed += 1;
      // Values of two types are neither equal nor different here.
      if (ours && !theirs) throw new Error(`${one} with ${JSON.stringify(claims)}`);
    }),
    { numRuns: 3_000, seed: 7 },
  );
  expect(agreed).toBeGreaterThan(300);
});

it('may hold for a caller wherever it holds for something', () => {
  fc.assert(
    fc.property(text, values, values, fc.array(values, { maxLength: 3 }), (one, a, b, list) => {
      const asked = one
        .replaceAll('claims.b', 'object.b')
        .replaceAll('has(claims.a)', 'has(args.a)');
      const read = readExpression(asked);
      if ('message' in read) return;
      const world = { claims: { a, list }, args: { a }, object: { b } };
      if (!holds(asked, world)) return;
      const caller = callerWith({ claims: Object.assign(Object.create(null), world.claims) });
      expect(read.mayHold(caller)).toBe(true);
    }),
    { numRuns: 3_000, seed: 11 },
  );
});

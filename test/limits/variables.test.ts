/** Variables: declared ones alone, coerced as the view has them; refusals repeat no value. */
import { buildSchema, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { coerceVariables } from '../../gateway/limits/variables.ts';

const schema = buildSchema(`
  type Query { f(a: Int, s: String, i: ID, l: Level, o: Filter, n: [[Int!]], b: Boolean, one: One, j: JSON): Int }
  input Filter { ssn: String, born: Int = 1900, must: String!, deeper: Filter, levels: [Level!] }
  input One @oneOf { a: Int b: String }
  enum Level { LOW HIGH }
  scalar JSON
`);

function operationOf(declared: string): OperationDefinitionNode {
  const [operation] = parse(`query (${declared}) { f }`).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  return operation;
}

/** `given` as JSON text: what a request really holds, `__proto__` included. */
function coerce(declared: string, given: string) {
  return coerceVariables(schema, operationOf(declared), JSON.parse(given));
}

const accepted: { name: string; declared: string; given: string; raw: unknown; expect: unknown }[] =
  [
    {
      name: 'declared and given',
      declared: '$a: Int',
      given: '{"a":1}',
      raw: { a: 1 },
      expect: { a: 1 },
    },
    { name: 'declared alone', declared: '$a: Int', given: '{}', raw: {}, expect: {} },
    {
      name: 'null',
      declared: '$a: Int',
      given: '{"a":null}',
      raw: { a: null },
      expect: { a: null },
    },
    {
      name: 'given alone goes',
      declared: '$a: Int',
      given: '{"a":1,"z":"900-11-2222"}',
      raw: { a: 1 },
      expect: { a: 1 },
    },
    {
      name: 'a default stands in what is decided, not in what is sent',
      declared: '$a: Int = 3',
      given: '{}',
      raw: {},
      expect: { a: 3 },
    },
    {
      name: 'null is no default',
      declared: '$a: Int = 3',
      given: '{"a":null}',
      raw: { a: null },
      expect: { a: null },
    },
    {
      name: 'one for a list',
      declared: '$n: [[Int!]]',
      given: '{"n":1}',
      raw: { n: 1 },
      expect: { n: [[1]] },
    },
    {
      name: 'a number for an id',
      declared: '$i: ID',
      given: '{"i":7}',
      raw: { i: 7 },
      expect: { i: '7' },
    },
    {
      name: 'an input with its defaults',
      declared: '$o: Filter',
      given: '{"o":{"must":"x","levels":"LOW"}}',
      raw: { o: { must: 'x', levels: 'LOW' } },
      expect: { o: { must: 'x', levels: ['LOW'], born: 1900 } },
    },
    {
      name: 'one of',
      declared: '$one: One',
      given: '{"one":{"a":1}}',
      raw: { one: { a: 1 } },
      expect: { one: { a: 1 } },
    },
    {
      name: 'names of the prototype that nobody gave',
      declared: '$toString: Int, $constructor: JSON',
      given: '{}',
      raw: {},
      expect: {},
    },
  ];

describe('accepted', () => {
  test.each(accepted)('$name', ({ declared, given, raw, expect: coerced }) => {
    const outcome = coerce(declared, given);
    if (outcome instanceof Refusal) throw new Error(outcome.reason);
    expect({ ...outcome.raw }).toEqual(raw);
    expect(JSON.parse(JSON.stringify(outcome.coerced))).toEqual(coerced);
  });

  test('what is sent on inherits nothing', () => {
    const outcome = coerce('$a: Int', '{"__proto__":{"a":1}}');
    expect(outcome).toMatchObject({ coerced: {} });
    if (outcome instanceof Refusal) throw new Error(outcome.reason);
    expect(Object.getPrototypeOf(outcome.raw)).toBeNull();
    expect(Object.keys(outcome.coerced)).toEqual([]);
  });
});

const secret = '900-11-2222';
const refused: { name: string; declared: string; given: unknown; expect: string[] }[] = [
  { name: 'a text for a number', declared: '$a: Int', given: { a: secret }, expect: ['a'] },
  { name: 'a number for a text', declared: '$s: String', given: { s: 900112222 }, expect: ['s'] },
  { name: 'a map for an id', declared: '$i: ID', given: { i: { ssn: secret } }, expect: ['i'] },
  { name: 'an unknown enum value', declared: '$l: Level', given: { l: secret }, expect: ['l'] },
  {
    name: 'an enum value in other letters',
    declared: '$l: Level',
    given: { l: 'low' },
    expect: ['l'],
  },
  { name: 'missing', declared: '$s: String!', given: {}, expect: ['s'] },
  { name: 'null where there is none', declared: '$s: String!', given: { s: null }, expect: ['s'] },
  {
    name: 'an unknown input field',
    declared: '$o: Filter',
    given: { o: { must: 'x', [secret]: secret } },
    expect: ['o'],
  },
  {
    name: 'a required input field',
    declared: '$o: Filter',
    given: { o: { ssn: secret } },
    expect: ['o'],
  },
  {
    name: 'deep inside',
    declared: '$o: Filter',
    given: { o: { must: 'x', deeper: { must: 'y', born: secret } } },
    expect: ['o'],
  },
  { name: 'in a list', declared: '$n: [[Int!]]', given: { n: [[1, secret]] }, expect: ['n'] },
  {
    name: 'two of one',
    declared: '$one: One',
    given: { one: { a: 1, b: secret } },
    expect: ['one'],
  },
  { name: 'several', declared: '$a: Int, $s: String!', given: { a: secret }, expect: ['a', 's'] },
];

describe('refused', () => {
  test.each(refused)('$name', ({ declared, given, expect: names }) => {
    const outcome = coerce(declared, JSON.stringify(given));
    if (!(outcome instanceof Refusal)) throw new Error('accepted');
    expect(outcome.reason).toBe('limits/variables');
    const text = JSON.stringify(outcome);
    expect(text).not.toMatch(/900.?11.?2222|"low"/);
    expect(outcome.errors.map(({ extensions }) => extensions)).toEqual(
      names.map(() => ({ code: 'BAD_USER_INPUT' })),
    );
    // Which variable it is must be said, or nobody finds it.
    expect(outcome.errors.map(({ message }) => /\$(\w+)/.exec(message)?.[1])).toEqual(names);
  });

  test('an input field called __proto__ is an unknown one', () => {
    const outcome = coerce('$o: Filter', `{"o":{"must":"x","__proto__":{"ssn":"${secret}"}}}`);
    expect(outcome).toMatchObject({ reason: 'limits/variables' });
  });

  test.each(['{"__proto__":1}', '{}'])('a variable called __proto__, given %s', (given) => {
    expect(coerce('$__proto__: Int', given)).toMatchObject({ reason: 'limits/variables' });
  });

  test('a bounded number of errors', () => {
    const names = Array.from({ length: 100 }, (_, index) => `$v${index}: Int!`).join(' ');
    const outcome = coerce(names, '{}');
    if (!(outcome instanceof Refusal)) throw new Error('accepted');
    expect(outcome.errors.length).toBeLessThanOrEqual(11);
    expect(outcome.errors.every(({ extensions }) => extensions.code === 'BAD_USER_INPUT')).toBe(
      true,
    );
  });
});

/** An object that counts how often its keys are listed. */
function counted(keys: number) {
  const found = { times: 0 };
  const object = Object.fromEntries(Array.from({ length: keys }, (_, at) => [`k${at}`, 1]));
  const value = new Proxy(object, {
    ownKeys(target) {
      found.times += 1;
      return Reflect.ownKeys(target);
    },
  });
  return { found, value };
}

test('what does not fit is looked at as often, however much of it there is', () => {
  const [one, many] = [counted(1), counted(9_000)];
  for (const { value } of [one, many]) {
    const outcome = coerceVariables(schema, operationOf('$o: Filter'), { o: value });
    expect(outcome).toMatchObject({ reason: 'limits/variables' });
  }
  expect(many.found.times).toBe(one.found.times);
});

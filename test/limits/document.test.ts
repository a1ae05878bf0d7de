/** A text becomes a document or a refusal, whose messages repeat nothing of what was written. */
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { checkDocument, pickOperation } from '../../gateway/limits/document.ts';
import { defaultLimits, type Limits } from '../../gateway/limits/limits.ts';
import { chain } from './rules/measured.ts';

const schema = buildSchema(`
  type Query { employee(id: ID!, filter: Filter, level: Level, born: Int, on: Boolean): Employee open: Boolean json(value: JSON): Int }
  type Mutation { rename(id: ID!): Employee }
  type Subscription { renamed: Employee }
  type Employee { id: ID! firstName: String boss: Employee }
  input Filter { ssn: String, born: Int, required: String! = "x", deeper: Filter }
  enum Level { LOW HIGH }
  scalar JSON
`);

function check(text: string, limits: Partial<Limits> = {}) {
  return checkDocument(text, schema, { ...defaultLimits, ...limits });
}

const reasonOf = (text: string, limits: Partial<Limits> = {}): string => {
  const checked = check(text, limits);
  return checked instanceof Refusal ? checked.reason : 'fits';
};

const nested = (levels: number) =>
  `{ employee(id: 1) ${'{ boss '.repeat(levels)}{ id }${'}'.repeat(levels)} }`;

const cases: { name: string; given: string; limits?: Partial<Limits>; expect: string }[] = [
  { name: 'a query', given: '{ employee(id: 1) { id } }', expect: 'fits' },
  { name: 'a mutation', given: 'mutation { rename(id: 1) { id } }', expect: 'fits' },
  {
    name: 'a subscription',
    given: 'subscription { renamed { id } }',
    expect: 'limits/subscription',
  },
  {
    name: 'a subscription beside a query',
    given: 'query A { open } subscription B { renamed { id } }',
    expect: 'limits/subscription',
  },
  { name: 'nothing', given: '', expect: 'limits/syntax' },
  { name: 'an unclosed brace', given: '{ open', expect: 'limits/syntax' },
  {
    name: 'a text that speaks of the token limit',
    given: '{ "the token limit" }',
    expect: 'limits/syntax',
  },
  { name: 'definitions of a schema', given: 'type A { b: Int }', expect: 'limits/invalid' },
  {
    name: 'definitions beside an operation',
    given: '{ open } type A { b: Int }',
    expect: 'limits/invalid',
  },
  { name: 'fragments alone', given: 'fragment F on Query { open }', expect: 'limits/invalid' },
  { name: 'an unknown field', given: '{ closed }', expect: 'limits/invalid' },
  { name: 'an unknown fragment', given: '{ ...Nobody }', expect: 'limits/invalid' },
  {
    name: 'a fragment twice, one of them a cycle',
    given: '{ ...A } fragment A on Query { ...A } fragment A on Query { open }',
    expect: 'limits/invalid',
  },
  {
    name: 'two operations of one name',
    given: 'query A { open } query A { open }',
    expect: 'limits/invalid',
  },
  {
    name: 'a cycle',
    given: '{ ...A } fragment A on Query { ...A }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'a cycle before depth',
    given: `${nested(20)} fragment A on Query { ...A }`,
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'depth before what does not fit the schema',
    given: '{ a { b { c } } }',
    limits: { depth: 2 },
    expect: 'limits/too-deep',
  },
  {
    name: 'the second operation is too deep',
    given: `query A { open } query B ${nested(9)}`,
    expect: 'limits/too-deep',
  },
  {
    name: 'the second operation has too many fields',
    given: `query A { open } query B { ${'open '.repeat(6)}}`,
    limits: { fields: 5 },
    expect: 'limits/too-many-fields',
  },
  {
    name: 'operations are not added up',
    given: 'query A { a: open b: open } query B { a: open b: open }',
    limits: { fields: 2 },
    expect: 'fits',
  },
  {
    name: 'nesting that overflows a stack',
    given: nested(40_000),
    limits: { tokens: 1_000_000 },
    expect: 'limits/too-many-tokens',
  },
  {
    name: 'lists that overflow a stack',
    given: `{ json(value: ${'['.repeat(60_000)}${']'.repeat(60_000)}) }`,
    limits: { tokens: 1_000_000 },
    expect: 'limits/too-many-tokens',
  },
];

test('a mutation where the schema has none', () => {
  const reading = buildSchema('type Query { open: Boolean }');
  for (const text of ['mutation { rename }', 'query A { open } mutation B { __typename }']) {
    const checked = checkDocument(text, reading, defaultLimits);
    expect(checked).toMatchObject({ reason: 'limits/invalid' });
  }
});

describe('a document', () => {
  test.each(cases)('$name', ({ given, limits, expect: reason }) => {
    expect(reasonOf(given, limits)).toBe(reason);
  });

  test('a chain of fragments as long as tokens can allow is refused, and no fault', () => {
    const text = chain(12_000, 1).replaceAll(' on T ', ' on Query ').replace('{ id }', '{ open }');
    const outcome = reasonOf(text, { tokens: 100_000, fields: 100_000, depth: 100 });
    expect(['fits', 'limits/too-many-tokens', 'limits/too-deep', 'limits/invalid']).toContain(
      outcome,
    );
  });

  test('as many tokens as allowed fit, one more does not', () => {
    const text = '{ open }';
    expect(reasonOf(text, { tokens: 3 })).toBe('fits');
    expect(reasonOf(text, { tokens: 2 })).toBe('limits/too-many-tokens');
    // Other limits may refuse the longer one; this is about the first that can.
    const fields = (count: number) => reasonOf(`{ ${'open '.repeat(count)}}`, { tokens: 2_000 });
    expect(fields(1_998)).not.toBe('limits/too-many-tokens');
    expect(fields(1_999)).toBe('limits/too-many-tokens');
  });

  test('comments and commas are no tokens', () => {
    expect(reasonOf(`#${'x'.repeat(1_000)}\n{ open,,,,,,,, }`, { tokens: 3 })).toBe('fits');
  });
});

const secret = '900-11-2222';
const literals: { name: string; given: string }[] = [
  { name: 'a text for a number', given: `{ employee(id: 1, born: "${secret}") { id } }` },
  { name: 'a text for an enum', given: `{ employee(id: 1, level: "${secret}") { id } }` },
  { name: 'an unknown enum value', given: '{ employee(id: 1, level: S900_11_2222) { id } }' },
  { name: 'a text for a Boolean', given: `{ employee(id: 1, on: "${secret}") { id } }` },
  { name: 'a text for an input', given: `{ employee(id: 1, filter: "${secret}") { id } }` },
  { name: 'a block text', given: `{ employee(id: 1, born: """${secret}""") { id } }` },
  { name: 'a list for an id', given: `{ employee(id: ["${secret}"]) { id } }` },
  {
    name: 'a text in an input',
    given: `{ employee(id: 1, filter: { born: "${secret}" }) { id } }`,
  },
  {
    name: 'a text deep in an input',
    given: `{ employee(id: 1, filter: { deeper: { born: "${secret}" } }) { id } }`,
  },
  {
    name: 'null for what is required',
    given: `{ employee(id: 1, filter: { ssn: "${secret}", required: null }) { id } }`,
  },
  {
    name: 'an unknown input field',
    given: `{ employee(id: 1, filter: { snn: "${secret}" }) { id } }`,
  },
  {
    name: 'an input field twice',
    given: `{ employee(id: 1, filter: { ssn: "${secret}", ssn: "${secret}" }) { id } }`,
  },
  { name: 'an unknown argument', given: `{ employee(id: 1, ssn: "${secret}") { id } }` },
  { name: 'an argument twice', given: `{ employee(id: "${secret}", id: "${secret}") { id } }` },
  {
    name: 'a default of another type',
    given: `query ($v: Int = "${secret}") { employee(id: 1, born: $v) { id } }`,
  },
  { name: 'a directive with a text', given: `{ open @skip(if: "${secret}") }` },
  { name: 'an unknown directive', given: `{ open @only(ssn: "${secret}") }` },
  { name: 'a leaf with a selection', given: `{ open { ssn(is: "${secret}") } }` },
  {
    name: 'fields that conflict',
    given: `{ employee(id: "${secret}") { id } employee(id: 2) { id } }`,
  },
  { name: 'an unknown field with an argument', given: `{ employe(ssn: "${secret}") { id } }` },
  { name: 'a text in a place for a name', given: `{ "${secret}" }` },
  { name: 'a text that does not end', given: `{ employee(id: "${secret}` },
  { name: 'a number that is none', given: '{ employee(id: 900112222x) { id } }' },
];

describe('messages', () => {
  test.each(literals)('hold nothing that was written: $name', ({ given }) => {
    const checked = check(given);
    expect(checked).toBeInstanceOf(Refusal);
    const text = JSON.stringify(checked);
    expect(text).not.toMatch(/900.?11.?2222/);
    expect((checked as Refusal).errors.length).toBeGreaterThan(0);
  });

  const suggested = [
    { name: 'a field', given: '{ employe(id: 1) { id } }', hidden: ['employee'] },
    {
      name: 'a field of an object',
      given: '{ employee(id: 1) { firstNam } }',
      hidden: ['firstName'],
    },
    { name: 'an argument', given: '{ employee(id: 1, borm: 1) { id } }', hidden: ['born'] },
    {
      name: 'a type',
      given: '{ employee(id: 1) { ... on Employe { id } } }',
      hidden: ['"Employee"'],
    },
    {
      name: 'a type of a variable',
      given: 'query ($f: Filtr) { employee(id: 1, filter: $f) { id } }',
      hidden: ['Filter'],
    },
    { name: 'an enum value', given: '{ employee(id: 1, level: LWO) { id } }', hidden: ['LOW'] },
    {
      name: 'an input field',
      given: '{ employee(id: 1, filter: { snn: "x" }) { id } }',
      hidden: ['"ssn"'],
    },
    { name: 'a fragment for a leaf', given: '{ employee { boss } }', hidden: ['boss {'] },
  ];
  test.each(suggested)('suggest nothing: $name', ({ given, hidden }) => {
    const { errors } = check(given) as Refusal;
    const text = errors.map(({ message }) => message).join('\n');
    expect(text).not.toMatch(/did you mean/i);
    for (const name of hidden) expect(text).not.toContain(name);
    expect(errors.every(({ message }) => message.trim().length > 0)).toBe(true);
  });

  test('are ours: a code and places, no nodes and no source', () => {
    const { errors } = check('{ closed\n  shut }') as Refusal;
    expect(errors.map(({ locations, extensions }) => ({ locations, extensions }))).toEqual([
      { locations: [{ line: 1, column: 3 }], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
      { locations: [{ line: 2, column: 3 }], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    expect(Object.keys(errors[0] ?? {}).sort()).toEqual(['extensions', 'locations', 'message']);
  });

  test('name a bounded number of errors', () => {
    const many = Array.from({ length: 200 }, (_, index) => `f${index}`).join(' ');
    const { errors } = check(`{ employee(id: 1) { ${many} } }`) as Refusal;
    expect(errors.length).toBeGreaterThan(1);
    expect(errors.length).toBeLessThanOrEqual(21);
  });

  test('of a syntax error name its place', () => {
    const { errors } = check('{ open\n  ] }') as Refusal;
    expect(errors).toMatchObject([
      { locations: [{ line: 2, column: 3 }], extensions: { code: 'GRAPHQL_PARSE_FAILED' } },
    ]);
  });
});

test('lines end as the specification says: two line feeds are two, a pair is one', () => {
  for (const [ends, line] of [
    ['\n\n', 3],
    ['\r\r', 3],
    ['\r\n\r\n', 3],
    ['\n\r', 3],
    ['\r\n', 2],
  ] as const) {
    const { errors } = check(`{ open${ends}  shut }`) as Refusal;
    expect(errors.map(({ locations }) => locations)).toEqual([[{ line, column: 3 }]]);
  }
});

describe('the variables that @skip and @include read', () => {
  const found: { name: string; given: string; expect: string[] }[] = [
    { name: 'none', given: '{ open @skip(if: false) }', expect: [] },
    { name: 'on a field', given: 'query ($a: Boolean!) { open @skip(if: $a) }', expect: ['a'] },
    {
      name: 'on fragments, once each, in their order',
      given:
        'query ($a: Boolean!, $b: Boolean!, $c: Boolean!) { ...F @skip(if: $b) ... @include(if: $a) { open @skip(if: $b) } } fragment F on Query { employee(id: 1) { id @include(if: $c) } }',
      expect: ['b', 'a', 'c'],
    },
  ];
  test.each(found)('$name', ({ given, expect: names }) => {
    expect(check(given)).toMatchObject({ conditionVariables: names });
  });
});

const picks: { name: string; given: string; operationName?: string; expect: string }[] = [
  { name: 'the only one', given: '{ open }', expect: 'open' },
  {
    name: 'the only one, by its name',
    given: 'query A { open }',
    operationName: 'A',
    expect: 'open',
  },
  {
    name: 'the only one, by another name',
    given: 'query A { open }',
    operationName: 'B',
    expect: 'limits/operation-name',
  },
  {
    name: 'one without a name, by a name',
    given: '{ open }',
    operationName: 'A',
    expect: 'limits/operation-name',
  },
  {
    name: 'the second',
    given: 'query A { open } query B { json }',
    operationName: 'B',
    expect: 'json',
  },
  {
    name: 'of two, none named',
    given: 'query A { open } query B { json }',
    expect: 'limits/operation-name',
  },
  {
    name: 'of two, another',
    given: 'query A { open } query B { json }',
    operationName: 'a',
    expect: 'limits/operation-name',
  },
  {
    name: 'a fragment',
    given: 'query A { ...F } fragment F on Query { open }',
    operationName: 'F',
    expect: 'limits/operation-name',
  },
  {
    name: 'the empty name',
    given: 'query A { open }',
    operationName: '',
    expect: 'limits/operation-name',
  },
  {
    name: 'a name of the prototype',
    given: 'query A { open }',
    operationName: 'constructor',
    expect: 'limits/operation-name',
  },
  {
    name: 'an operation with such a name',
    given: 'query A { open } query __proto__ { json }',
    operationName: '__proto__',
    expect: 'json',
  },
];

describe('the operation to run', () => {
  test.each(picks)('$name', ({ given, operationName, expect: wanted }) => {
    const checked = check(given);
    if (checked instanceof Refusal) throw new Error(checked.reason);
    const picked = pickOperation(checked, operationName);
    if (picked instanceof Refusal) expect(picked.reason).toBe(wanted);
    else expect(picked.selectionSet.selections[0]).toMatchObject({ name: { value: wanted } });
  });
});

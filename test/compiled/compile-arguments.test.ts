/** Arguments that are compiled once are those that graphql-js reads anew at every request. */
import {
  buildSchema,
  type FieldNode,
  getArgumentValues,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { expect, it } from 'vitest';
import { compileArguments } from '../../gateway/compiled/compile-arguments.ts';

const types = ['Int', 'Int!', 'Int = 7', 'Int! = 7', 'E', 'E! = B', '[Int!]', '[Int] = [7]', 'ID'];
const inputs = ['In', 'In = { n: 7 }', '[In!]', 'Json', 'Json = { a: 7 }'];
const literals = [
  '',
  'null',
  '1',
  '"1"',
  'A',
  '[1]',
  '[1, null]',
  '{ n: 1 }',
  '{}',
  '[{ m: [A] }]',
];
const withVariables = ['$v', '[$v]', '{ n: $v }', '[{ m: [$v] }]', '{ n: $v, e: $w }'];
const defaults = ['', ' = null', ' = 3', ' = A', ' = { n: 3 }', ' = [3]'];
const values: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { v: null },
  { v: 1 },
  { v: '1' },
  { v: 'A' },
  { v: [1] },
  { v: { n: 1 } },
  { v: 1, w: 'B' },
  // Not of the operation, or nobody's own.
  { other: 1 },
  Object.create({ v: 1 }),
];

const valid: { type: string; query: string }[] = [];
const schemaOf = (type: string) =>
  buildSchema(`
    scalar Json
    enum E { A B }
    input In { n: Int, e: E = B, m: [E!] }
    type Query { f(a: ${type}, b: Int = 2): Int }`);

for (const type of [...types, ...inputs]) {
  const schema = schemaOf(type);
  const plain = type.replace(/ = .*/, '');
  const declared = [...new Set([plain, plain.replace('!', ''), 'Int', 'Int!', 'E!'])].flatMap(
    (one) => defaults.map((value) => `query($v: ${one}${value}, $w: E)`),
  );
  const queries = [
    '{ f }',
    ...literals.slice(1).map((one) => `{ f(a: ${one}) }`),
    ...withVariables.flatMap((one) =>
      declared.map(
        (head) => `${one.includes('$w') ? head : head.replace(', $w: E', '')} { f(a: ${one}) }`,
      ),
    ),
  ];
  for (const query of queries)
    if (validate(schema, parse(query)).length === 0) valid.push({ type, query });
}

/** The arguments, or that there are none: no message is compared. */
function outcome(give: () => unknown): unknown {
  try {
    return { ...(give() as object) };
  } catch {
    return 'refused';
  }
}

const ownOf = (given: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(given, name) ? given[name] : null;

it('there are enough of them', () => expect(valid.length).toBeGreaterThan(200));

it.each([...types, ...inputs])('of an argument %s', (type) => {
  const schema = schemaOf(type);
  const field = schema.getQueryType()?.getFields().f;
  if (field === undefined) throw new Error('no field');
  for (const { query } of valid.filter((one) => one.type === type)) {
    const [operation] = parse(query).definitions as [OperationDefinitionNode];
    const [node] = operation.selectionSet.selections as [FieldNode];
    expect(node.kind).toBe(Kind.FIELD);
    const toArgs = compileArguments(schema, field, node, operation);
    const required = (operation.variableDefinitions ?? []).filter(
      (one) => one.type.kind === Kind.NON_NULL_TYPE && one.defaultValue === undefined,
    );
    for (const given of values) {
      // Refused before anything is run.
      if (required.some(({ variable }) => ownOf(given, variable.name.value) === null)) continue;
      const wanted = outcome(() => {
        const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
        if (coerced === undefined) throw new Error('no variables');
        return getArgumentValues(field, node, coerced);
      });
      const found = outcome(() => toArgs(given));
      expect({ query, given, found }).toEqual({ query, given, found: wanted });
    }
  }
});

it.each([
  { type: 'Int!', query: '{ f }', given: {} },
  { type: 'Int', query: '{ f(a: "x") }', given: {} },
  { type: 'Int!', query: 'query($v: Int!) { f(a: $v) }', given: {} },
  { type: 'Int!', query: 'query($v: Int!) { f(a: $v) }', given: { v: null } },
  { type: 'Int!', query: 'query($v: Int) { f(a: $v) }', given: { v: null } },
])('$query of an argument $type with $given is refused', ({ type, query, given }) => {
  const schema = schemaOf(type);
  const field = schema.getQueryType()?.getFields().f;
  if (field === undefined) throw new Error('no field');
  const [operation] = parse(query).definitions as [OperationDefinitionNode];
  const [node] = operation.selectionSet.selections as [FieldNode];
  expect(() => compileArguments(schema, field, node, operation)(given)).toThrow();
});

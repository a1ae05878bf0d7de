/**
 * Variables are coerced a short way where all of an operation are leaves. A value that the two ways
 * read differently would be decided on as one thing and sent as another.
 */
import { buildSchema, GraphQLScalarType, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { coerceVariables } from '../../gateway/limits/variables.ts';

const schema = buildSchema(`
  scalar Any
  scalar Odd
  enum Size { SMALL LARGE constructor }
  type Query { a(i: Int, l: [Int]): Int }
`);
const odd = schema.getType('Odd');
if (!(odd instanceof GraphQLScalarType)) throw new Error('no scalar');
odd.parseValue = (value: unknown) => {
  if (value === 'throw') throw new TypeError(String(value));
  return value === 'nothing' ? undefined : value === 'null' ? null : [value];
};

const values = `0 -0 1 1.0 1.5 1e2 1e400 -1e400 2147483647 2147483648 9007199254740993 "" "1" "NaN"
"Infinity" "-0" "SMALL" "small" "constructor" "__proto__" "throw" "nothing" "null" true false null
[] [1] ["SMALL"] [null] [[1]] {} {"__proto__":1} {"toString":1} {"valueOf":"1"} {"constructor":{"name":"x"}}`
  .split(/\s+/)
  .filter((text) => text !== '');
const types = ['Int', 'Float', 'String', 'Boolean', 'ID', 'Size', 'Any', 'Odd'];
const names = ['v', 'constructor', 'toString', 'hasOwnProperty', '__proto__'];
const cases = types.flatMap((type) =>
  ['', '!'].flatMap((bang) => names.map((name) => ({ type: type + bang, name }))),
);

function coerce(text: string, given: Record<string, unknown>): unknown {
  const [operation] = parse(text).definitions;
  const found = coerceVariables(schema, operation as OperationDefinitionNode, given);
  if (found instanceof Refusal) return { reason: found.reason, errors: found.errors };
  const { raw, coerced } = found;
  return { raw: Object.entries(raw), coerced: Object.entries(coerced) };
}

describe('the short way', () => {
  it.each(cases)('gives what the general way gives: $name as $type', ({ type, name }) => {
    const given = ['absent', ...values].map((value) =>
      JSON.parse(value === 'absent' ? '{"other":1}' : `{"${name}":${value},"other":1}`),
    );
    for (const one of given) {
      const short = coerce(`query($${name}: ${type}) { a }`, one);
      // A list among the declared ones leaves the short way.
      const general = coerce(`query($${name}: ${type}, $unused: [Int]) { a }`, one);
      expect(short, JSON.stringify(one)).toStrictEqual(general);
    }
  });
});

import { buildSchema, type FieldNode, Kind, parse } from 'graphql';
import { expect, it } from 'vitest';
import {
  ArgumentAnswers,
  ArgumentQuestion,
} from '../../gateway/authorize/operation/plan-arguments.ts';
import { callerWith, policyOf } from './policy-rig.ts';

const sdl = 'type Query { sum(of: [Int!], n: Int): Int }';
const rules = `  - { name: one, fields: { Query: [sum] }, allow: { when: args.n < 5 } }
  - { name: other, fields: { Query: [sum] }, require: { when: args.n > 2 } }
`;

function fieldOf(text: string): FieldNode {
  const [operation] = parse(text).definitions;
  const [node] =
    operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
  if (node?.kind !== Kind.FIELD) throw new Error('no field');
  return node;
}

it('what throws does not hold, and is a fault of ours in the record', () => {
  const policy = policyOf(sdl, rules);
  const definition = buildSchema(sdl).getQueryType()?.getFields().sum;
  if (definition === undefined) throw new Error('no such field');
  const variables = {
    get n(): number {
      throw new TypeError('a secret');
    },
  };
  const record = { faults: [] };
  const about = { policy, caller: callerWith(), situation: undefined, variables, record };
  const answers = new ArgumentAnswers(about);
  const node = fieldOf('query ($n: Int) { sum(n: $n) }');
  expect(answers.answer(new ArgumentQuestion(0, { definition, node }))).toBe('0');
  expect(record.faults).toEqual([expect.stringMatching(/^TypeError at .*\bn\b/)]);
  expect(JSON.stringify(record)).not.toContain('a secret');
});

it('reads the arguments of one use once, for however many conditions', () => {
  const policy = policyOf(sdl, rules);
  const definition = buildSchema(sdl).getQueryType()?.getFields().sum;
  if (definition === undefined) throw new Error('no such field');
  let reads = 0;
  const variables = {
    get n() {
      reads += 1;
      return 3;
    },
  };
  const answers = new ArgumentAnswers({
    policy,
    caller: callerWith(),
    situation: undefined,
    variables,
  });
  const ask = (use: { definition: typeof definition; node: FieldNode }) =>
    policy.conditions.map((_, condition) => answers.answer(new ArgumentQuestion(condition, use)));
  const node = fieldOf('query ($n: Int) { sum(n: $n) }');
  expect(ask({ definition, node })).toEqual(['1', '1']);
  expect(reads).toBe(1);
  // Another use has arguments of its own.
  expect(ask({ definition, node: fieldOf('{ sum(n: 7) }') })).toEqual(['1', '0']);
});

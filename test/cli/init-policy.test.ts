/** What `init` proposes as rules, where a policy file bounds what one of them may hold. */
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { proposePolicy } from '../../gateway/cli/init/init-policy.ts';

test('more fields of one type than a rule may name are several rules, each with a name of its own', () => {
  const names = Array.from({ length: 5_001 }, (_, at) => `f${at}`);
  const schema = buildSchema(
    `type Query { ${names.map((name) => `${name}: Thing`).join(' ')} } type Thing { id: ID }`,
  );
  const about = { prefix: undefined, prefixWhy: undefined, fields: new Map(), leftOut: [] };
  const given = {
    name: 'wide',
    url: 'https://wide.example.com',
    description: 'wide.yaml',
    reads: [],
    lost: [],
    others: 0,
    compose: () => schema,
    sdl: undefined,
  };
  const { rules } = proposePolicy({ ...about, given, schema }, () => false);
  expect(rules.map(({ name }) => name)).toEqual(['wide-reads', 'wide-reads-2']);
  const queried = rules.map(({ fields }) => fields.get('Query') ?? []);
  expect(queried.map((list) => list.length)).toEqual([5_000, 1]);
  expect(queried.flat()).toEqual(names);
  expect(rules.flatMap(({ fields }) => [...fields.keys()])).toEqual(['Query', 'Query', 'Thing']);
});

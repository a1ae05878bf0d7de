/** What `init` proposes as rules, where a policy file bounds what one of them may hold. */
import { buildSchema, type GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { type ProposedPolicy, proposePolicy } from '../../gateway/cli/init/init-policy.ts';

function proposed(schema: GraphQLSchema): ProposedPolicy {
  const about = { prefix: undefined, prefixWhy: undefined, fields: new Map(), leftOut: [] };
  const given = {
    name: 'wide',
    kind: 'openapi' as const,
    url: 'https://wide.example.com',
    description: 'wide.yaml',
    reads: [],
    lost: [],
    others: 0,
    compose: () => schema,
    document: undefined,
    sdl: undefined,
  };
  return proposePolicy({ ...about, given, schema }, () => false);
}

test('a type that sounds sensitive lends its class to its values, and not to what any object has', () => {
  const { rules } = proposed(
    buildSchema(`
      type Query { issues: [Issue] }
      type Issue { id: ID createdAt: String }
      type BankAccount {
        id: ID version: Int createdAt: String updated_at: String
        number: String name: String status: Kind issues: [Issue] owner: Owner
      }
      type Owner { name: String account: BankAccount }
      enum Kind { A B }`),
  );
  const apart = rules.find((rule) => rule.class !== undefined);
  expect(apart?.class).toBe('banking');
  expect(Object.fromEntries(apart?.fields ?? [])).toEqual({
    BankAccount: ['number', 'name', 'status'],
  });
});

test('more fields of one type than a rule may name are several rules, each with a name of its own', () => {
  const names = Array.from({ length: 5_001 }, (_, at) => `f${at}`);
  const schema = buildSchema(
    `type Query { ${names.map((name) => `${name}: Thing`).join(' ')} } type Thing { id: ID }`,
  );
  const { rules } = proposed(schema);
  expect(rules.map(({ name }) => name)).toEqual(['wide-reads', 'wide-reads-2']);
  const queried = rules.map(({ fields }) => fields.get('Query') ?? []);
  expect(queried.map((list) => list.length)).toEqual([5_000, 1]);
  expect(queried.flat()).toEqual(names);
  expect(rules.flatMap(({ fields }) => [...fields.keys()])).toEqual(['Query', 'Query', 'Thing']);
});

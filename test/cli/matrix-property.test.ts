/**
 * For any policy, caller and coordinate a cell says what full plans say: whether any operation that
 * goes there, by whatever way, gets it. The operations are written by a walk of this test's own.
 */
import fc from 'fast-check';
import { buildSchema, type GraphQLSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { toRules } from '../../gateway/authorize/access/access-file.ts';
import { hasCoordinate } from '../../gateway/authorize/schema-coordinates.ts';
import { decideAsServed } from '../../gateway/cli/explain/explain-decide.ts';
import { createLooker } from '../../gateway/cli/matrix/matrix-cells.ts';
import { Refusal } from '../../gateway/decision.ts';
import { parseYaml } from '../../gateway/files/yaml-source.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';
import type { Caller } from '../../gateway/request.ts';
import { buildSnapshot, type Snapshot } from '../../gateway/snapshot/snapshot.ts';
import { anonymous, executableSchema, withScopes } from '../authorize/policy-rig.ts';
import { documentsFor } from './ways-to.ts';

const sdl = `
  type Query {
    person(id: ID!, tag: String): Person
    things(sort: Sort!, filter: Filter): [Thing!]!
    hits(by: [Filter!]!): [Hit]
    again: Query
    open: String
  }
  type Mutation { rename(input: Rename!): Person  drop(sort: Sort): Boolean }
  input Rename { name: String!  nick: String  sort: Sort }
  input Filter { name: String  inner: Inner! }
  input Inner { key: String!  deep: Filter }
  enum Sort { NAME SSN }
  interface Thing { label: String }
  type Book implements Thing { label: String  owner: Person  pages: Int }
  type Pen implements Thing { label: String  ink: String }
  union Hit = Person | Pen
  type Person { name: String  ssn: String  boss: Person  address: Address }
  type Address { city: String  person: Person }`;

const outputs = [
  ...[
    'Query.person',
    'Query.things',
    'Query.hits',
    'Query.again',
    'Mutation.rename',
    'Mutation.drop',
  ],
  ...['Book.label', 'Book.owner', 'Book.pages', 'Pen.label', 'Pen.ink', 'Thing.label'],
  ...[
    'Person.name',
    'Person.ssn',
    'Person.boss',
    'Person.address',
    'Address.city',
    'Address.person',
  ],
];
const inputs = [
  ...['Query.person(id:)', 'Query.person(tag:)', 'Query.things(sort:)', 'Query.things(filter:)'],
  ...[
    'Query.hits(by:)',
    'Rename.name',
    'Rename.nick',
    'Rename.sort',
    'Filter.name',
    'Filter.inner',
  ],
  ...['Inner.key', 'Inner.deep', 'Sort.NAME', 'Sort.SSN', 'Mutation.rename(input:)'],
];
const masked = ['Person.name', 'Person.ssn', 'Pen.ink', 'Address.city'];

const scope = fc.constantFrom('a', 'b', 'c');
const condition = fc.oneof(
  { weight: 3, arbitrary: fc.constant('everyone') },
  { weight: 1, arbitrary: fc.constant('authenticated') },
  { weight: 4, arbitrary: scope.map((one) => ({ scopes: [one] })) },
  {
    weight: 1,
    arbitrary: scope.map((one) => ({ all: [{ scopes: [one] }, { network: 'office' }] })),
  },
);

type Written = Record<string, unknown>;
const isRoot = (coordinate: string) => /^(Query|Mutation)\./.test(coordinate);

const open: fc.Arbitrary<Written[]> = fc.constant([{ allow: 'everyone' }]);

/** What the rules say of one coordinate; none at all now and then. */
function ruleOf(coordinate: string): fc.Arbitrary<Written[]> {
  const plain = condition.map((allow) => [{ allow }]);
  const outcome = fc
    .tuple(condition, fc.constantFrom('deny', 'hide', 'reject'))
    .map(([allow, last]) => [{ allow, otherwise: [last] }]);
  const mask = fc
    .tuple(condition, condition)
    .map(([allow, some]) => [{ allow, otherwise: [{ mask: 'redact', allow: some }, 'deny'] }]);
  const required = fc
    .tuple(condition, condition)
    .map(([allow, require]) => [{ allow }, { require }]);
  const rare: fc.Arbitrary<Written[]>[] = [fc.constant([{ forbid: true }]), fc.constant([])];
  const often: fc.Arbitrary<Written[]>[] = [
    plain,
    plain,
    outcome,
    required,
    ...(masked.includes(coordinate) ? [mask] : []),
  ];
  return fc.oneof(
    ...often.map((arbitrary) => ({ weight: 4, arbitrary })),
    ...rare.map((arbitrary) => ({ weight: 1, arbitrary })),
    ...(isRoot(coordinate) ? [{ weight: 12, arbitrary: open }] : []),
  );
}

const rulesOf = (coordinates: readonly string[], share: number) =>
  fc.tuple(
    ...coordinates.map((coordinate) =>
      fc
        .tuple(fc.integer({ min: 1, max: 100 }), ruleOf(coordinate))
        .map(([dice, rules]) =>
          dice > share ? [] : rules.map((rule) => ({ ...rule, at: coordinate })),
        ),
    ),
  );

const policies = fc
  .tuple(rulesOf(outputs, 92), rulesOf(inputs, 45))
  .map(
    (both) =>
      [{ at: 'Query.open', allow: 'everyone' }, ...both.flat(2)] as (Written & { at: string })[],
  );

function snapshotOf(rules: readonly (Written & { at: string })[]): Snapshot {
  const written = rules.map(({ at, ...rule }, index) => {
    const [type = '', name = ''] = at.split(/\.(.*)/);
    return { name: `r${index}`, class: 'x', fields: { [type]: [name] }, ...rule };
  });
  const text = JSON.stringify({ version: 1, rules: written });
  return buildSnapshot(
    { schema: executableSchema(sdl), joined: new Set() },
    { rules: toRules(parseYaml(text, { file: 'access/test.yaml' })), limits: defaultLimits },
    { introspection: 'everyone', anonymousAllowed: true },
  );
}

const callers = fc.oneof(
  { weight: 1, arbitrary: fc.constant(anonymous) },
  { weight: 6, arbitrary: fc.subarray(['a', 'b', 'c']).map((scopes) => withScopes(...scopes)) },
);
const office = { country: undefined, networks: ['office'], nowMs: Number.NaN };

const schema: GraphQLSchema = buildSchema(sdl);
const documents = new Map(
  [...outputs, ...inputs].map((coordinate) => {
    const ways = documentsFor(schema, coordinate);
    return [coordinate, ways.map((way) => ({ ...way, operation: parse(way.text).definitions[0] }))];
  }),
);

/** The best that any of the documents gets of the coordinate. */
async function bestOf(
  snapshot: Snapshot,
  { caller, situation }: { caller: Caller; situation?: typeof office | undefined },
  coordinate: string,
): Promise<'allow' | 'mask' | 'hidden' | 'refused'> {
  const sight = await snapshot.callerContextOf(caller, situation);
  if (sight instanceof Refusal || !hasCoordinate(sight.view.schema, coordinate)) return 'hidden';
  for (const { text, field, operation } of documents.get(coordinate) ?? []) {
    if (operation?.kind !== 'OperationDefinition') throw new Error('not written as an operation');
    const plan = await decideAsServed(snapshot, sight, {
      text,
      operation,
      fragments: new Map(),
      conditionVariables: [],
      variables: { raw: {}, coerced: {} },
      caller,
      ...(situation && { situation }),
    });
    if (plan instanceof Refusal) continue;
    if (plan.allowed.includes(field)) return 'allow';
    if (plan.masked.includes(field)) return field === coordinate ? 'mask' : 'allow';
  }
  return 'refused';
}

test('a cell says what the plans of operations that go there say', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(policies, callers, async (rules, caller) => {
      const snapshot = snapshotOf(rules);
      const named = [...outputs.filter((one) => !one.startsWith('Thing.')), ...inputs].filter(
        (one) => snapshot.policy.fields.has(one) || snapshot.policy.inputs.has(one),
      );
      const cells = await createLooker(snapshot).cells(caller, named);
      for (const [index, coordinate] of named.entries()) {
        const { verdict, only = [] } = cells[index] ?? {};
        const best = await bestOf(snapshot, { caller }, coordinate);
        const there = await bestOf(snapshot, { caller, situation: office }, coordinate);
        const said =
          verdict === 'allow' || verdict === 'mask' || verdict === 'hidden' ? verdict : 'refused';
        expect({ coordinate, said }).toEqual({ coordinate, said: best });
        const more = there === best || !['allow', 'mask'].includes(there) ? [] : [there];
        expect({ coordinate, only: only.map((one) => one.verdict) }).toEqual({
          coordinate,
          only: more,
        });
        for (const what of [String(verdict), ...(more.length > 0 ? ['only'] : [])]) {
          seen.set(what, (seen.get(what) ?? 0) + 1);
        }
      }
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 25), seed: Number(process.env.FUZZ_SEED ?? 20_261) },
  );
  // What never happens is not tested.
  expect([...seen.keys()].sort()).toEqual(
    ['allow', 'deny', 'hidden', 'mask', 'only', 'reject', 'unreachable'].sort(),
  );
}, 120_000);

test('the walk of this test finds operations for every coordinate', () => {
  const without = [...documents].filter(([, ways]) => ways.length === 0);
  expect(without.map(([coordinate]) => coordinate)).toEqual(['Thing.label']);
});

/** Fields are collected as execution would collect them: costs and grants rest on it. */
import { buildSchema, isObjectType, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { collectFields } from '../../gateway/graph/collect-fields.ts';

const schema = buildSchema(`
  type Query { node: Node }
  interface Node { id: ID }
  type Person implements Node { id: ID name: String boss: Person }
  type Office implements Node { id: ID city: String }
  union Any = Person | Office
`);

function collect(text: string, look?: (selections: number) => boolean) {
  const { definitions } = parse(text);
  const sets = definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION ? [one.selectionSet] : [],
  );
  const fragments = new Map(
    definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  );
  const person = schema.getType('Person');
  if (!isObjectType(person)) throw new Error('no such type');
  const context = { schema, fragments, isTrue: (name: string) => name === 'yes' };
  const fields = collectFields(context, person, sets, look);
  return Object.fromEntries(
    [...fields].map(([key, nodes]) => [key, nodes.map(({ name }) => name.value)]),
  );
}

describe('fields of one type', () => {
  it.each([
    {
      name: 'by response key, in order',
      given: '{ b: id name a: id }',
      expect: { b: ['id'], name: ['name'], a: ['id'] },
    },
    {
      name: 'each time they stand there',
      given: '{ id ... { id } ...F } fragment F on Person { id }',
      expect: { id: ['id', 'id', 'id'] },
    },
    {
      name: 'of a fragment once, however often it is spread',
      given: '{ ...F ...F } fragment F on Person { ...G id } fragment G on Node { id }',
      expect: { id: ['id', 'id'] },
    },
    {
      name: 'of its interfaces and unions',
      given: '{ ... on Node { id } ... on Any { ... on Person { name } } }',
      expect: { id: ['id'], name: ['name'] },
    },
    {
      name: 'and of no other type',
      given: '{ ... on Office { city } ...F ... on Nothing { id } } fragment F on Office { id }',
      expect: {},
    },
    {
      name: 'but those left out',
      given:
        '{ a: id @skip(if: $yes) b: id @include(if: $no) ... @skip(if: true) { c: id } d: id @include(if: false) }',
      expect: {},
    },
    {
      name: 'and those not left out',
      given:
        '{ a: id @skip(if: $no) b: id @include(if: $yes) c: id @include(if: true) @skip(if: false) }',
      expect: { a: ['id'], b: ['id'], c: ['id'] },
    },
    {
      name: 'left out at a spread, and had at the next',
      given: '{ ...F @skip(if: true) ...F } fragment F on Person { id }',
      expect: { id: ['id'] },
    },
    { name: 'of what is spread and not there', given: '{ ...Nowhere id }', expect: { id: ['id'] } },
  ])('$name', ({ given, expect: wanted }) => {
    expect(collect(given)).toEqual(wanted);
  });

  it('are looked at as long as somebody lets them', () => {
    const seen: number[] = [];
    const look = (selections: number): boolean => seen.push(selections) < 2;
    expect(collect('{ id ... { name ... { boss { id } } } ... { x: id } }', look)).toEqual({
      id: ['id'],
    });
    expect(seen).toEqual([3, 2, 1]);
  });
});

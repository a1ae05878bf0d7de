/** How many records an operation may deliver, and how a reservation is counted down. */
import { buildSchema, GraphQLString, Kind } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createAnonymousCaller } from '../../gateway/identify/to-caller.ts';
import type {
  ProjectedField,
  ProjectedSelection,
  ProjectedValue,
} from '../../gateway/plan/plan.ts';
import { createChargeStep } from '../../gateway/rates/charge-operation.ts';
import { createEgressBudget } from '../../gateway/rates/egress-budget.ts';
import type { CompiledRate } from '../../gateway/rates/rate.ts';
import { estimateRecords, type RowsOf } from '../../gateway/rates/records.ts';
import { newOperation } from '../support/new-operation.ts';
import { recordingStore } from './recording-store.ts';

function rateOf(...coordinates: string[]): CompiledRate {
  return {
    name: 'a',
    limit: 200,
    windowMs: 3_600_000,
    per: [{ kind: 'caller' }],
    counts: 'records',
    forAll: true,
    coordinates: new Set(coordinates),
    applies: () => true,
    source: { file: 'rates/a.yaml', line: 1, column: 1 },
  };
}

function field(coordinate: string, selection?: ProjectedSelection): ProjectedValue {
  const key = coordinate.split('.')[1] ?? '';
  return {
    kind: 'value',
    key,
    rawKey: key,
    coordinate,
    node: { kind: Kind.FIELD, name: { kind: Kind.NAME, value: key } },
    type: GraphQLString,
    mask: undefined,
    scalarsOnly: false,
    classified: undefined,
    selection,
  };
}

function selecting(types: Record<string, readonly ProjectedField[]>): ProjectedSelection {
  return { typeName: undefined, byType: new Map(Object.entries(types)), coordinate: 'Query' };
}

/** Sizes by coordinate; 1 where none is given. */
const sized =
  (sizes: Record<string, number>): RowsOf =>
  ({ coordinate }) => ({ size: sizes[coordinate] ?? 1, passed: undefined });

const ssn = field('Person.ssn');
const people = (...fields: ProjectedField[]) =>
  field('Query.people', selecting({ Person: fields }));
const denied: ProjectedField = { kind: 'denied', key: 'ssn', coordinate: 'Person.ssn' };

describe('an estimate', () => {
  const cases: {
    name: string;
    given: ProjectedSelection;
    sizes?: Record<string, number>;
    expect: number;
  }[] = [
    { name: 'of nothing', given: selecting({ Query: [] }), expect: 0 },
    { name: 'of one', given: selecting({ Query: [people(ssn)] }), expect: 1 },
    {
      name: 'of a list',
      given: selecting({ Query: [people(ssn)] }),
      sizes: { 'Query.people': 100 },
      expect: 100,
    },
    {
      name: 'of aliases in it',
      given: selecting({ Query: [people(ssn, ssn, ssn)] }),
      sizes: { 'Query.people': 100 },
      expect: 300,
    },
    {
      name: 'of lists in lists',
      given: selecting({
        Query: [people(field('Person.friends', selecting({ Person: [ssn] })), ssn)],
      }),
      sizes: { 'Query.people': 10, 'Person.friends': 20 },
      expect: 210,
    },
    {
      name: 'of a list of values',
      given: selecting({ Query: [ssn] }),
      sizes: { 'Person.ssn': 7 },
      expect: 7,
    },
    {
      name: 'behind an interface, the dearest',
      given: selecting({ Query: [people(ssn)], Other: [people(ssn, ssn)] }),
      sizes: { 'Query.people': 3 },
      expect: 6,
    },
    { name: 'without what is denied', given: selecting({ Query: [people(denied)] }), expect: 0 },
    {
      name: 'of half an entry is one',
      given: selecting({ Query: [people(ssn)] }),
      sizes: { 'Query.people': 2.5 },
      expect: 3,
    },
    {
      name: 'without end is a number',
      given: selecting({ Query: [people(ssn)] }),
      sizes: { 'Query.people': Number.POSITIVE_INFINITY },
      expect: 1_000_000_000,
    },
    {
      name: 'beside a list without end that holds none',
      given: selecting({ Query: [field('Query.names', selecting({ N: [] })), people(ssn)] }),
      sizes: { 'Query.names': Number.POSITIVE_INFINITY },
      expect: 1,
    },
  ];
  test.each(cases)('$name', ({ given, sizes = {}, expect: wanted }) => {
    expect(
      estimateRecords(given, { rate: rateOf('Person.ssn'), rowsOf: sized(sizes), variables: {} }),
    ).toBe(wanted);
  });

  test('hands sizes down to the list that they are for', () => {
    const edges = field('Page.edges', selecting({ Person: [ssn] }));
    const page = selecting({ Query: [field('Query.page', selecting({ Page: [edges] }))] });
    const rowsOf: RowsOf = ({ coordinate }, { first }, above) => {
      if (coordinate === 'Query.page')
        return { size: 1, passed: { size: Number(first), fields: ['edges'] } };
      return { size: coordinate === 'Page.edges' ? (above?.size ?? 1) : 1, passed: undefined };
    };
    const means = { rate: rateOf('Person.ssn'), rowsOf, variables: { first: 40 } };
    expect(estimateRecords(page, means)).toBe(40);
  });
});

describe('a reservation', () => {
  test('lets go as many as it holds, then none', () => {
    const budget = createEgressBudget([{ rate: rateOf('Person.ssn'), granted: 2 }]);
    const taken = [1, 2, 3, 4].map(() => budget.take('Person.ssn'));
    expect(taken).toEqual([true, true, false, false]);
    expect(budget.unused()).toEqual([0]);
  });

  test('of nothing lets nothing go', () => {
    const budget = createEgressBudget([{ rate: rateOf('Person.ssn'), granted: 0 }]);
    expect(budget.take('Person.ssn')).toBe(false);
  });

  test('is not for what it does not name', () => {
    const budget = createEgressBudget([{ rate: rateOf('Person.ssn'), granted: 1 }]);
    expect([budget.take('Person.name'), budget.unused()]).toEqual([true, [1]]);
  });

  test('of two budgets is spent of both, or of none', () => {
    const budget = createEgressBudget([
      { rate: rateOf('Person.ssn', 'Person.iban'), granted: 3 },
      { rate: rateOf('Person.ssn'), granted: 1 },
    ]);
    const taken = ['Person.ssn', 'Person.ssn', 'Person.iban'].map((one) => budget.take(one));
    expect(taken).toEqual([true, false, true]);
    expect(budget.unused()).toEqual([1, 0]);
  });
});

test('settling returns what did not leave, and once, and nothing of what other rates count', async () => {
  const store = recordingStore();
  const whole = { ...rateOf(), coordinates: undefined };
  const step = createChargeStep({
    rates: [{ ...whole, name: 'requests', counts: 'requests' }, rateOf('Person.ssn')],
    store,
    schema: buildSchema('type Query { people: [Person] } type Person { ssn: String }'),
    rowsOf: sized({ 'Query.people': 10 }),
  });
  const charged = await step.charge({
    network: '192.0.2.1',
    caller: createAnonymousCaller(),
    variables: {},
    operation: newOperation('query', { projection: selecting({ Query: [people(ssn)] }) }),
  });
  charged.egress.take('Person.ssn');
  charged.settle();
  charged.settle();
  expect(store.returned).toEqual([[0, 9]]);
});

/** Document limits, each in its place among the others: all through the one check of documents. */
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { checkDocument } from '../../gateway/limits/document.ts';
import { defaultLimits, type Limits } from '../../gateway/limits/limits.ts';
import { operationLimits, operationLimitsSdl } from '../cases/operation-limits.ts';

const schema = buildSchema(operationLimitsSdl);

const reasonOf = (text: string, limits: Partial<Limits>): string => {
  const checked = checkDocument(text, schema, { ...defaultLimits, ...limits });
  return checked instanceof Refusal ? checked.reason : 'runs';
};

test.each(operationLimits)('facts: $name', ({ given, limits, refused }) => {
  expect(reasonOf(given, limits)).toBe(refused ?? 'runs');
});

interface Edge {
  readonly name: string;
  readonly given: string;
  readonly limit: keyof Limits;
  /** The most that must be refused; one more has to run. */
  readonly measured: number;
  readonly reason: string;
}

const edges: readonly Edge[] = [
  {
    name: 'aliases as often as fragments repeat them',
    given:
      '{ me { ...F manager { ...F ... { x: id } } } } fragment F on Employee { a: id b: legalName }',
    limit: 'aliases',
    measured: 5,
    reason: 'limits/too-many-aliases',
  },
  {
    name: 'an alias that is the name',
    given: '{ me { id: id } }',
    limit: 'aliases',
    measured: 1,
    reason: 'limits/too-many-aliases',
  },
  {
    name: 'directives wherever they stand',
    given:
      'query ($a: Boolean!) { me @skip(if: $a) { id @skip(if: $a) ...F @skip(if: $a) ... @include(if: $a) { id } manager { ...F } } } fragment F on Employee { legalName @skip(if: $a) }',
    limit: 'directives',
    measured: 6,
    reason: 'limits/too-many-directives',
  },
  {
    name: 'root fields in fragments, repeated ones once',
    given:
      '{ me { id } ...F ...F ... { a: me { id } } } fragment F on Query { me { id } staff { id } }',
    limit: 'rootFields',
    measured: 3,
    reason: 'limits/too-many-root-fields',
  },
  {
    name: 'height of what merges',
    given:
      '{ me { id manager { id } } ...F } fragment F on Query { me { manager { id legalName } } }',
    limit: 'height',
    measured: 5,
    reason: 'limits/too-high',
  },
  {
    name: 'introspection below aliases and fragments',
    given:
      '{ ...F } fragment F on Query { a: __schema { ...G } } fragment G on __Schema { types { fields { name } } }',
    limit: 'introspectionDepth',
    measured: 4,
    reason: 'limits/introspection-too-deep',
  },
  {
    name: '__type',
    given: '{ __type(name: "Query") { name } }',
    limit: 'introspectionDepth',
    measured: 2,
    reason: 'limits/introspection-too-deep',
  },
];

describe('at its edge', () => {
  test.each(edges)('$name', ({ given, limit, measured, reason }) => {
    expect(reasonOf(given, { [limit]: measured - 1 })).toBe(reason);
    expect(reasonOf(given, { [limit]: measured })).toBe('runs');
  });

  test('the usual introspection query passes all limits', () => {
    expect(reasonOf(getIntrospectionQuery(), {})).toBe('runs');
    expect(reasonOf(getIntrospectionQuery({ typeDepth: 9 }), { introspectionDepth: 14 })).toBe(
      'limits/introspection-too-deep',
    );
  });

  const many = (count: number) => Array.from({ length: count }, () => 'id').join(' ');
  test('fields of one name may repeat, but not without bound', () => {
    expect(reasonOf(`{ me { ${many(300)} } }`, {})).toBe('runs');
    expect(reasonOf(`{ me { ${many(400)} } }`, {})).toBe('limits/invalid');
  });

  test('what no operation uses is refused before it is validated', () => {
    const text = `{ me { id } } fragment F on Employee { ${many(900)} }`;
    expect(reasonOf(text, {})).toBe('limits/invalid');
  });

  const twice = 'fragment F on Employee { id }';
  test('one name for two fragments is refused', () => {
    expect(reasonOf(`{ me { ...F } } ${twice}`, {})).toBe('runs');
    expect(reasonOf(`{ me { ...F } } ${twice} ${twice}`, {})).toBe('limits/invalid');
  });
});

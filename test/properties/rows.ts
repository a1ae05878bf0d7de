/**
 * The data behind the property test's upstreams. Every text says whence it came
 * (`Employee.ssn#3`) and every number is one of a range that its coordinate owns, so that a leaf
 * is recognised wherever it turns up.
 */
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  graphql,
  isObjectType,
} from 'graphql';
import { unifiedSchema, upstreamSchemas } from './schema.ts';

export interface Row {
  readonly __typename: string;
  readonly n: number;
  /** What the parent's arguments add to this row's texts. */
  readonly note?: string;
}

const counts: Readonly<Record<string, number>> = {
  Employee: 6,
  Contractor: 3,
  Office: 2,
  Account: 5,
  Payslip: 5,
};

const numberBases = new Map<string, number>();
for (const type of Object.values(unifiedSchema.getTypeMap())) {
  if (!isObjectType(type)) continue;
  for (const field of Object.keys(type.getFields())) {
    numberBases.set(`${type.name}.${field}`, 7_000_000 + numberBases.size * 1000);
  }
}

/** The first of the thousand numbers that belong to a coordinate. */
export function numberBase(coordinate: string): number {
  return numberBases.get(coordinate) ?? 0;
}

function row(type: string, n: number, note?: string): Row {
  return { __typename: type, n: n % (counts[type] ?? 10), ...(note === undefined ? {} : { note }) };
}

/** Keys are equal wherever they stand, so they name no coordinate; `keyCoordinates` hold them. */
function employeeId(n: number): string {
  return `E#${n}`;
}

export const keyCoordinates: readonly (readonly [string, string])[] = [
  ['Employee', 'id'],
  ['Employee', 'managerId'],
  ['Account', 'ownerId'],
];

/** The number that an id ends with. */
function numberOf(id: unknown): number {
  return Number(/(\d+)$/.exec(String(id))?.[1] ?? 0);
}

function upTo(limit: unknown, most: number): number[] {
  const count = typeof limit === 'number' ? Math.max(0, Math.min(limit, most)) : 1;
  return Array.from({ length: count }, (_, index) => index);
}

type Arguments = Readonly<Record<string, unknown>>;
type Edge = (n: number, given: Arguments) => unknown;

const employees = (...numbers: number[]): Row[] => numbers.map((n) => row('Employee', n));

const edges: Readonly<Record<string, Edge>> = {
  'Query.echo': (_, given) => `Query.echo#${stable(given)}`,
  'Query.employee': (_, { id }) => row('Employee', numberOf(id)),
  'Query.employees': (_, { first }) => employees(...upTo(first, 3)),
  'Query.search': () => [
    row('Address', 1),
    row('Contractor', 1),
    row('Office', 0),
    row('Employee', 4),
  ],
  'Query.node': (_, { id }) =>
    row(['Employee', 'Contractor', 'Office'][numberOf(id) % 3] ?? '', numberOf(id)),
  'Query.nodes': (_, { first }) =>
    [row('Office', 1), row('Employee', 3), null, row('Contractor', 0)].slice(
      0,
      upTo(first, 4).length,
    ),
  'Query.people': () => [row('Contractor', 2), row('Employee', 5)],
  'Query.matrix': () => [
    [row('Employee', 1), row('Contractor', 1)],
    null,
    [],
    [row('Employee', 0)],
  ],
  'Query.office': () => row('Office', 0),
  // Not in the order asked: whoever matches by position gives one person's data to another.
  'Query.employeesById': (_, { ids }) =>
    Array.isArray(ids) ? employees(...ids.map(numberOf)).reverse() : [],
  'Query.account': (_, { id }) => row('Account', numberOf(id)),
  'Query.accounts': (_, { max }) => upTo(max, 3).map((n) => row('Account', n + 1)),
  'Query.assets': () => [row('Payslip', 1), row('Account', 2)],
  'Mutation.rename': (_, { id }) => row('Employee', numberOf(id)),
  'Mutation.pay': (_, { account }) => row('Account', numberOf(account)),
  'Employee.id': (n) => employeeId(n),
  'Employee.managerId': (n) => (n === 0 ? null : employeeId(n - 1)),
  'Employee.manager': (n) => (n === 0 ? null : row('Employee', n - 1)),
  'Employee.reports': (n) => (n < 4 ? employees(n + 1) : []),
  'Employee.accounts': (n) => [row('Account', n)],
  'Employee.assets': (n) => [row('Account', n), row('Payslip', n)],
  'Employee.traces': (n) => [row('Payslip', n), null, row('Account', n)],
  'Employee.salary': (n, { currency }) => row('Money', n, String(currency)),
  'Office.staff': () => [row('Employee', 2), row('Contractor', 2)],
  'Office.grid': () => [employees(1), [], employees(4, 5)],
  'Account.ownerId': (n) => employeeId(n),
  'Account.owner': (n) => row('Employee', n),
  'Account.holder': (n) => row('Employee', n),
  'Payslip.of': (n) => row('Employee', n),
  'Contractor.sponsor': (n) => row('Employee', n + 2),
};

/** JSON with sorted keys: two spellings of one argument print alike. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The value of a field of one row: what the upstreams answer and what the oracle expects. */
export function fieldValue(
  parent: Row,
  field: string,
  type: GraphQLOutputType,
  given: Arguments,
): unknown {
  const coordinate = `${parent.__typename}.${field}`;
  const edge = edges[coordinate];
  if (edge) return edge(parent.n, given);
  const named = getNamedType(type);
  if (isObjectType(named)) return row(named.name, parent.n);
  const text = `${coordinate}#${parent.n}${parent.note === undefined ? '' : `:${parent.note}`}`;
  if (field === 'tags') return upTo(given.limit, 3).map((index) => `${text}:${index}`);
  if (named.name === 'Int') return numberBase(coordinate) + parent.n;
  if (named.name === 'Float') return numberBase(coordinate) + parent.n + 0.5;
  if (named.name === 'Level') return parent.n % 2 === 0 ? 'LOW' : 'HIGH';
  return text;
}

/** An upstream over its own SDL that answers from the rows. */
export function answerOf(upstream: string) {
  const schema = upstreamSchemas[upstream];
  if (schema === undefined) throw new Error(`no upstream ${upstream}`);
  return ({ query, variables }: { query: string; variables: Record<string, unknown> }) =>
    graphql({
      schema,
      source: query,
      variableValues: variables,
      rootValue: { n: 0 },
      fieldResolver: (source: Row, given: Arguments, _context, info) =>
        fieldValue(asRow(source, info.parentType), info.fieldName, info.returnType, given),
    });
}

/** Root objects have no row of their own. */
export function asRow(source: Row, type: GraphQLObjectType): Row {
  return source.__typename === undefined ? { __typename: type.name, n: 0 } : source;
}

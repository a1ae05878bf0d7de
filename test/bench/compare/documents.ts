/**
 * The 40 documents of W6: ten variations of four kinds, so that a cache of plans or documents sees
 * more than one. Each has its own name, selection and aliases, and variables that vary.
 */
import { employee, employees, pay, staffCount } from './staff.ts';
import type { Dialect, GraphQLRequest, RestRequest } from './workload.ts';

export const documentCount = 40;

const own = ['firstName', 'lastName', 'jobTitle', 'department', 'workEmail'] as const;

/** One to five of them, another set for each of ten variations. */
function chosen(variation: number): readonly (typeof own)[number][] {
  const bits = 1 + variation * 3;
  return own.filter((_, at) => (bits >> at) & 1);
}

interface DocumentKind {
  ask(name: string, variation: number, count: number, dialect: Dialect): GraphQLRequest;
  forward(count: number): RestRequest;
  expect(variation: number, count: number): unknown;
}

const idOf = (count: number): number => (count * 7) % staffCount;
const take = <Row extends object>(row: Row, names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, row[name as keyof Row]]));

const aliased: DocumentKind = {
  ask: (name, variation, count, { id }) => ({
    query: `query ${name}($id: ${id}) { person: employee(id: $id) { key: id ${chosen(variation)
      .map((field) => `${field}_${variation}: ${field}`)
      .join(' ')} } }`,
    variables: { id: String(idOf(count)) },
  }),
  forward: (count) => ({ method: 'GET', path: `/employees/${idOf(count)}` }),
  expect: (variation, count) => {
    const row = employee(idOf(count));
    const named = chosen(variation).map((field) => [`${field}_${variation}`, row[field]]);
    return { person: { key: row.id, ...Object.fromEntries(named) } };
  },
};

const listed: DocumentKind = {
  ask: (name, variation, count) => ({
    query: `query ${name}($limit: Int, $offset: Int) { employees(limit: $limit, offset: $offset) { ...Part${variation} } } fragment Part${variation} on Employee { id ${chosen(variation).join(' ')} }`,
    variables: { limit: 5 + (count % 10), offset: idOf(count) },
  }),
  forward: (count) => ({
    method: 'GET',
    path: `/employees?limit=${5 + (count % 10)}&offset=${idOf(count)}`,
  }),
  expect: (variation, count) => ({
    employees: employees(5 + (count % 10), idOf(count)).map((row) =>
      take(row, ['id', ...chosen(variation)]),
    ),
  }),
};

const joined: DocumentKind = {
  ask: (name, variation, count) => ({
    query: `query ${name}($limit: Int, $offset: Int) { employees(limit: $limit, offset: $offset) { id ${chosen(variation).join(' ')} salary grade } }`,
    variables: { limit: 5, offset: idOf(count) },
  }),
  forward: (count) => ({
    method: 'GET',
    path: `/employees-and-pay?limit=5&offset=${idOf(count)}`,
  }),
  expect: (variation, count) => ({
    employees: employees(5, idOf(count)).map((row) => {
      const { salary, grade } = pay(Number(row.id));
      return { ...take(row, ['id', ...chosen(variation)]), salary, grade };
    }),
  }),
};

const conditional: DocumentKind = {
  ask: (name, variation, count, { id }) => ({
    query: `query ${name}($id: ${id}, $more: Boolean!) { employee(id: $id) { __typename ... on Employee { ${chosen(variation).join(' ')} } id @include(if: $more) } }`,
    variables: { id: String(idOf(count)), more: count % 80 >= 40 },
  }),
  forward: (count) => ({ method: 'GET', path: `/employees/${idOf(count)}` }),
  expect: (variation, count) => {
    const row = employee(idOf(count));
    const more = count % 80 >= 40 ? { id: row.id } : {};
    return { employee: { __typename: 'Employee', ...take(row, chosen(variation)), ...more } };
  },
};

const kinds = [aliased, listed, joined, conditional] as const;

const kindOf = (count: number): DocumentKind => kinds[(count % kinds.length) as 0 | 1 | 2 | 3];
const variationOf = (count: number): number => Math.floor((count % documentCount) / kinds.length);

/** The document in rotation at `count`. */
export const documents = {
  ask: (count: number, dialect: Dialect): GraphQLRequest =>
    kindOf(count).ask(`Document${count % documentCount}`, variationOf(count), count, dialect),
  forward: (count: number): RestRequest => kindOf(count).forward(count),
  expect: (count: number): unknown => kindOf(count).expect(variationOf(count), count),
};

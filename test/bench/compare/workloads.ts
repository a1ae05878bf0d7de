/** The six workloads. Variables vary with every request, so that no answer can be had twice. */
import { documentCount, documents } from './documents.ts';
import { type Employee, employee, employees, pay, staffCount } from './staff.ts';
import type { Expected, Workload } from './workload.ts';

const idOf = (count: number): number => (count * 7) % staffCount;
const six = (row: Employee): object => ({
  id: row.id,
  firstName: row.firstName,
  lastName: row.lastName,
  jobTitle: row.jobTitle,
  department: row.department,
  workEmail: row.workEmail,
});
const sixFields = 'id firstName lastName jobTitle department workEmail';

/** The same answer for everybody. */
const alike = (answer: (count: number) => unknown) => {
  const expected = (count: number): Expected => ({ data: answer(count) });
  return { open: expected, ruled: expected };
};

const pointQuery: Workload = {
  name: 'W1',
  title: 'point query (REST)',
  samples: 5,
  ask: (count, { id }) => ({
    query: `query One($id: ${id}) { employee(id: $id) { ${sixFields} } }`,
    variables: { id: String(idOf(count)) },
  }),
  forward: (count) => ({ method: 'GET', path: `/employees/${idOf(count)}` }),
  ...alike((count) => ({ employee: six(employee(idOf(count))) })),
};

const rows: Workload = {
  name: 'W2',
  title: '100 rows × 6 fields (REST)',
  samples: 5,
  ask: (count) => ({
    query: `query Many($limit: Int, $offset: Int) { employees(limit: $limit, offset: $offset) { ${sixFields} } }`,
    variables: { limit: 100, offset: idOf(count) },
  }),
  forward: (count) => ({ method: 'GET', path: `/employees?limit=100&offset=${idOf(count)}` }),
  ...alike((count) => ({ employees: employees(100, idOf(count)).map(six) })),
};

const joined: Workload = {
  name: 'W3',
  title: '50 rows joined over REST and GraphQL',
  samples: 5,
  ask: (count) => ({
    query:
      'query Pay($limit: Int, $offset: Int) { employees(limit: $limit, offset: $offset) { id firstName lastName salary currency grade } }',
    variables: { limit: 50, offset: idOf(count) },
  }),
  forward: (count) => ({
    method: 'GET',
    path: `/employees-and-pay?limit=50&offset=${idOf(count)}`,
  }),
  ...alike((count) => ({
    employees: employees(50, idOf(count)).map(({ id, firstName, lastName }) => ({
      firstName,
      lastName,
      ...pay(Number(id)),
    })),
  })),
};

const mutation: Workload = {
  name: 'W4',
  title: 'mutation (REST)',
  samples: 5,
  ask: (count, { id, update }) => ({
    query: `mutation Change($id: ${id}, $input: ${update}) { updateEmployee(id: $id, input: $input) { id lastName jobTitle } }`,
    variables: { id: String(idOf(count)), input: { jobTitle: `Title ${count}` } },
  }),
  forward: (count) => ({
    method: 'PATCH',
    path: `/employees/${idOf(count)}`,
    body: { jobTitle: `Title ${count}` },
  }),
  ...alike((count) => {
    const { id, lastName } = employee(idOf(count));
    return { updateEmployee: { id, lastName, jobTitle: `Title ${count}` } };
  }),
};

const deniedRows = 20;

const denied: Workload = {
  name: 'W5',
  title: '20 rows × 8 fields, two of them masked and two refused',
  samples: 5,
  ask: (count) => ({
    query:
      'query Mix($limit: Int, $offset: Int) { employees(limit: $limit, offset: $offset) { id firstName jobTitle department ssn dateOfBirth homePhone homeCity } }',
    variables: { limit: deniedRows, offset: idOf(count) },
  }),
  forward: (count) => ({
    method: 'GET',
    path: `/employees?limit=${deniedRows}&offset=${idOf(count)}`,
  }),
  open: (count) => ({
    data: {
      employees: employees(deniedRows, idOf(count)).map(
        ({ lastName: _, workEmail: _unasked, ...row }) => row,
      ),
    },
  }),
  ruled: (count) => ({
    data: {
      employees: employees(deniedRows, idOf(count)).map((row) => ({
        id: row.id,
        firstName: row.firstName,
        jobTitle: row.jobTitle,
        department: row.department,
        ssn: '•'.repeat(row.ssn.length - 4) + row.ssn.slice(-4),
        dateOfBirth: row.dateOfBirth.slice(0, 4),
        homePhone: null,
        homeCity: null,
      })),
    },
    forbidden: Array.from({ length: deniedRows }, (_, at) => [
      `employees.${at}.homePhone`,
      `employees.${at}.homeCity`,
    ]).flat(),
  }),
};

const rotation: Workload = {
  name: 'W6',
  title: `${documentCount} documents in rotation`,
  samples: documentCount * 2,
  ...documents,
  ...alike(documents.expect),
};

export const workloads: readonly Workload[] = [
  pointQuery,
  rows,
  joined,
  mutation,
  denied,
  rotation,
];

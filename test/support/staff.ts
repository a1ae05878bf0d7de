/**
 * Two upstreams that share employees by id: names and managers in one, pay in the other. Both are
 * really executed; tests replace what one of them answers.
 */
import { buildSchema, type GraphQLSchema } from 'graphql';
import { createGraphqlExecutor } from '../../gateway/delegate/graphql/graphql-executor.ts';
import { type ComposedGraph, composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import type {
  ComposedSubgraph,
  Joins,
  Links,
} from '../../gateway/delegate/stitch/stitch-config.ts';
import { type answering, servedBy } from './delegation.ts';

export type Served = ReturnType<typeof answering>;

export const hris = buildSchema(/* GraphQL */ `
  enum Status { ACTIVE LEFT }
  type Query { employees: [Employee!]!, employee(id: ID!): Employee, me: Employee }
  type Mutation { rename(id: ID!, name: String!): Employee }
  type Employee { id: ID!, name: String!, displayName: String, managerId: ID, status: Status }
`);
export const payroll = buildSchema(/* GraphQL */ `
  type Query { employeesById(ids: [ID!]!): [Employee], paidMost: Employee, total: Float }
  type Employee { id: ID!, salary: Float!, accounts: [Account!], bonus(year: Int): Float }
  type Account { iban: String!, owner: Employee }
`);

const people = [
  { id: '1', name: 'Ada', displayName: '42', managerId: '3', status: 'ACTIVE' },
  { id: '2', name: 'Bo', displayName: '1', managerId: '3', status: 'LEFT' },
  { id: '3', name: 'Cy', displayName: '2', managerId: null, status: 'ACTIVE' },
];
const pay = (id: string) => ({
  id,
  salary: Number(id) * 1000,
  accounts: [{ iban: `IBAN-${id}`, owner: () => pay(id) }],
  bonus: ({ year }: { year?: number }) => Number(id) * 10 + (year ?? 0),
});
const hrisRoot = {
  employees: people,
  me: people[0],
  employee: ({ id }: { id: string }) => people.find((one) => one.id === id) ?? null,
  rename: ({ id, name }: { id: string; name: string }) => ({ ...people[Number(id) - 1], name }),
};
const payrollRoot = {
  employeesById: ({ ids }: { ids: string[] }) => ids.map(pay),
  paidMost: { ...pay('3') },
  total: 6000,
};

export const joins: Joins = {
  Employee: {
    key: 'id',
    hris: { field: 'employee', argument: 'id' },
    payroll: { field: 'employeesById', argument: 'ids', batch: true },
  },
};
export const links: Links = {
  'Employee.manager': { upstream: 'hris', field: 'employee', argument: 'id', from: 'managerId' },
};

export function toSubgraph(
  name: string,
  schema: GraphQLSchema,
  served: Pick<Served, 'send'>,
): ComposedSubgraph {
  const executor = createGraphqlExecutor({ upstream: name, schema, send: served.send });
  return { name, schema, executor, kind: 'graphql' };
}

export function servedHris(): Served {
  return servedBy(hris, hrisRoot);
}

export function servedPayroll(): Served {
  return servedBy(payroll, payrollRoot);
}

/** The composed graph, and what was sent to each of its two upstreams. */
export function composeStaff(
  about: { hris?: Served; payroll?: Served; links?: Links } = {},
): ComposedGraph & {
  hris: Served;
  payroll: Served;
} {
  const served = { hris: about.hris ?? servedHris(), payroll: about.payroll ?? servedPayroll() };
  const subgraphs = [
    toSubgraph('hris', hris, served.hris),
    toSubgraph('payroll', payroll, served.payroll),
  ];
  return { ...composeSchema({ subgraphs, joins, links: about.links ?? links }), ...served };
}

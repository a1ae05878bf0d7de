/** Keys that joins need are asked for where there is more to fetch by them, and are not asked for twice. */
import { Kind, parse, visit } from 'graphql';
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const staffSdl = `
  type Query { employees: [Employee!]! employee(id: ID!): Employee }
  type Employee { id: ID! name: String }`;
const paySdl = `
  type Query { employeesById(ids: [ID!]!): [Employee] }
  type Employee { id: ID! grade: String }`;

const employees = [{ id: '1', fg_mine: '1', name: 'Ada', fg_called: 'Ada' }];

const rows = [
  { query: '{ employees { mine: id } }', expect: [['employees', 'fg_mine:id']] },
  { query: '{ employees { mine: id id } }', expect: [['employees', 'fg_mine:id', 'id']] },
  { query: '{ employees { called: name } }', expect: [['employees', 'fg_called:name', 'id']] },
];

describe.each(['compiled', 'reference'] as const)('the %s engine', (engine) => {
  it.each(rows)('asks for $query', async ({ query, expect: wanted }) => {
    const gateway = await testGateway({
      engine,
      upstreams: {
        staff: { sdl: staffSdl, answer: () => ({ data: { employees } }) },
        pay: { sdl: paySdl, answer: () => ({ data: {} }) },
      },
      joins: {
        Employee: {
          key: 'id',
          staff: { field: 'employee', argument: 'id' },
          pay: { field: 'employeesById', argument: 'ids', batch: true },
        },
      },
      rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
        Query: [employees], Employee: ["*"] } }] }`,
    });
    await gateway.query(query);
    expect(gateway.requests.map((request) => fieldsOf(request.query))).toEqual(wanted);
    await gateway.close();
  });
});

/** Without the names of types, which the reference engine asks for. */
function fieldsOf(query: string): string[] {
  const fields: string[] = [];
  visit(parse(query), {
    [Kind.FIELD]({ alias, name }) {
      if (name.value === '__typename') return;
      fields.push(alias === undefined ? name.value : `${alias.value}:${name.value}`);
    },
  });
  return fields;
}

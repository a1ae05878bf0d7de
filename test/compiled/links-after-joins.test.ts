/** Links whose key a join brings are followed once it is there; where it is not there, nothing is. */
import { describe, expect, it } from 'vitest';
import type { Joins, Links } from '../../gateway/delegate/stitch/stitch-config.ts';
import { testGateway } from '../support/gateway.ts';

const staffSdl = `
  type Query { employees: [Employee]! employee(id: ID!): Employee }
  type Employee { id: ID! name: String }`;
const paySdl = `
  type Query { paid(ids: [ID!]!): [Employee] }
  type Employee { id: ID! grade: String bossId: ID }`;
const officeSdl = `
  type Query { seated(ids: [ID!]!): [Employee] }
  type Employee { id: ID! room: String }`;

const joins: Joins = {
  Employee: {
    key: 'id',
    staff: { field: 'employee', argument: 'id' },
    pay: { field: 'paid', argument: 'ids', batch: true },
    office: { field: 'seated', argument: 'ids', batch: true },
  },
};
const links: Links = {
  'Employee.boss': { upstream: 'staff', field: 'employee', argument: 'id', from: 'bossId' },
};
const rules = `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
  Query: [employees], Employee: ["*"] } }] }`;

const keyOf = (query: string, field: string) =>
  new RegExp(`(\\w+)\\s*:\\s*${field}\\b`).exec(query)?.[1] ?? field;

/** Employees 1 and 2, whose bosses are 8 and 9; what joins 1 its boss fails if told. */
async function ask(engine: 'compiled' | 'reference', isFailed: boolean) {
  const rows = ['1', '2'].map((id, index) => ({
    id,
    _fgKey: id,
    grade: 'A',
    room: `R${id}`,
    bossId: ['8', '9'][index],
  }));
  const gateway = await testGateway({
    engine,
    upstreams: {
      staff: {
        sdl: staffSdl,
        answer: ({ query, variables }) => {
          if (query.includes('employees')) return { data: { [keyOf(query, 'employees')]: rows } };
          const roots = [...query.matchAll(/(?:(\w+): ?)?employee\(id: ?\$(\w+)/g)];
          const bosses = roots.map(([, key = 'employee', variable = '']) => {
            const id = variables[variable];
            return [key, { id, _fgKey: id, name: `Boss ${id}` }];
          });
          return { data: Object.fromEntries(bosses) };
        },
      },
      pay: {
        sdl: paySdl,
        answer: ({ query }) => {
          const key = keyOf(query, 'paid');
          const errors = isFailed ? [{ message: 'x', path: [key, 0] }] : [];
          return { data: { [key]: rows }, errors };
        },
      },
      office: {
        sdl: officeSdl,
        answer: ({ query }) => ({ data: { [keyOf(query, 'seated')]: rows } }),
      },
    },
    joins,
    links,
    rules,
  });
  const { body } = await gateway.query('{ employees { room grade boss { name } } }');
  const asked = gateway.requests
    .filter(({ upstream }) => upstream === 'staff')
    .flatMap(({ variables }) => Object.values(variables));
  await gateway.close();
  const told = (body.errors ?? []).map(({ path = [] }) => path.join('.'));
  return { data: body.data, told, asked };
}

const second = { room: 'R2', grade: 'A', boss: { name: 'Boss 9' } };

describe.each(['compiled', 'reference'] as const)('the %s engine', (engine) => {
  it('follows a key that one of two joins brings', async () => {
    const { data, asked } = await ask(engine, false);
    const first = { room: 'R1', grade: 'A', boss: { name: 'Boss 8' } };
    expect(data).toEqual({ employees: [first, second] });
    expect(asked.toSorted()).toEqual(['8', '9']);
  });

  it('follows none of a part that failed, and tells of it', async () => {
    const { data, told, asked } = await ask(engine, true);
    expect(data).toEqual({ employees: [{ room: 'R1', grade: null, boss: null }, second] });
    expect(told).toContain('employees.0.grade');
    expect(asked).toEqual(['9']);
  });
});

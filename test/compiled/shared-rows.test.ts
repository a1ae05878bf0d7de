/** A row that several places get is each one's own: what fails in it is told at each of them. */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  type Query { employees: [Employee!]! employee(id: ID!): Employee }
  type Employee { id: ID! managerId: ID tags: [String] grid: [[String]] }`;

const employees = ['1', '2', '3'].map((id) => ({ id, managerId: '9' }));
/** A list where a text belongs, and a text where a list does. */
const manager = { id: '9', _fgKey: '9', tags: ['a', ['b']], grid: [['c', ['d']], 'e'] };

const links = {
  'Employee.manager': {
    upstream: 'staff',
    field: 'employee',
    argument: 'id',
    from: 'managerId',
  },
};

/** Two each of two managers. */
const both = ['8', '9', '8', '9'].map((managerId, at) => ({ id: `${at}`, managerId }));
/** Null where none may be. */
const nameless = { id: '9', _fgKey: '9', name: { first: null } };

const empty = { id: '9', _fgKey: '9', name: null, names: [null, { first: null }] };

describe.each(['compiled', 'reference'] as const)('the %s engine', (engine) => {
  it('tells of a failed item at every place of its row', async () => {
    const gateway = await testGateway({
      engine,
      upstreams: {
        staff: {
          sdl,
          answer: ({ query }) =>
            query.includes('employees')
              ? { data: { employees } }
              : { data: Object.fromEntries(rootKeys(query).map((key) => [key, manager])) },
        },
      },
      links,
      rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
        Query: [employees], Employee: ["*"] } }] }`,
    });
    const { body } = await gateway.query('{ employees { manager { tags grid } } }');
    const row = { manager: { tags: ['a', null], grid: [['c', null], null] } };
    expect(body.data).toEqual({ employees: [row, row, row] });
    const told = (body.errors ?? []).map(({ path = [] }) => path.join('.'));
    const wanted = [0, 1, 2].flatMap((index) =>
      ['tags.1', 'grid.0.1', 'grid.1'].map((place) => `employees.${index}.manager.${place}`),
    );
    expect(told.toSorted()).toEqual(wanted.toSorted());
    await gateway.close();
  });

  it('gives what is null in a row at every place of it', async () => {
    const gateway = await testGateway({
      engine,
      upstreams: {
        staff: {
          sdl: `
            type Query { employees: [Employee!]! employee(id: ID!): Employee }
            type Employee { id: ID! managerId: ID name: Name names: [Name] }
            type Name { first: String }`,
          answer: ({ query }) =>
            query.includes('employees')
              ? { data: { employees } }
              : { data: Object.fromEntries(rootKeys(query).map((key) => [key, empty])) },
        },
      },
      links,
      rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
        Query: [employees], Employee: ["*"], Name: ["*"] } }] }`,
    });
    const { body } = await gateway.query(
      '{ employees { manager { name { first } names { first } } } }',
    );
    const row = { manager: { name: null, names: [null, { first: null }] } };
    expect(body).toEqual({ data: { employees: [row, row, row] } });
    await gateway.close();
  });

  it('says at every place of a row of which type an object in it is', async () => {
    const kinds = { id: '9', _fgKey: '9', pet: { __typename: 'Cat', name: 'Tom' } };
    const gateway = await testGateway({
      engine,
      upstreams: {
        staff: {
          sdl: `
            type Query { employees: [Employee!]! employee(id: ID!): Employee }
            type Employee { id: ID! managerId: ID pet: Pet }
            union Pet = Cat | Dog
            type Cat { name: String }
            type Dog { age: Int }`,
          answer: ({ query }) =>
            query.includes('employees')
              ? { data: { employees } }
              : { data: Object.fromEntries(rootKeys(query).map((key) => [key, kinds])) },
        },
      },
      links,
      rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
        Query: [employees], Employee: ["*"], Cat: ["*"], Dog: ["*"] } }] }`,
    });
    const { body } = await gateway.query(
      '{ employees { manager { pet { ... on Cat { name } ... on Dog { age } } } } }',
    );
    const row = { manager: { pet: { name: 'Tom' } } };
    expect(body).toEqual({ data: { employees: [row, row, row] } });
    await gateway.close();
  });

  it('tells at every place that its row failed, as a whole or in a value', async () => {
    const gateway = await testGateway({
      engine,
      upstreams: {
        staff: {
          sdl: `
            type Query { employees: [Employee!]! employee(id: ID!): Employee }
            type Employee { id: ID! managerId: ID name: Name }
            type Name { first: String! last: String }`,
          answer: ({ query }) => {
            if (query.includes('employees')) return { data: { employees: both } };
            const keys = rootKeys(query);
            return {
              data: Object.fromEntries(keys.map((key, at) => [key, at === 0 ? null : nameless])),
              errors: [{ message: 'no', path: [keys[0] ?? ''] }],
            };
          },
        },
      },
      links,
      rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
        Query: [employees], Employee: ["*"], Name: ["*"] } }] }`,
    });
    const { body } = await gateway.query('{ employees { manager { name { first } } } }');
    const [failed, partial] = [{ manager: null }, { manager: { name: null } }];
    expect(body.data).toEqual({ employees: [failed, partial, failed, partial] });
    const told = (body.errors ?? []).map(({ path = [] }) => path.join('.'));
    expect(told.toSorted()).toEqual([
      'employees.0.manager',
      'employees.1.manager.name',
      'employees.2.manager',
      'employees.3.manager.name',
    ]);
    await gateway.close();
  });
});

/** Under which keys an upstream is asked for the employee. */
function rootKeys(query: string): string[] {
  return [...query.matchAll(/(?:(\w+): ?)?employee\(/g)].map(([, key]) => key ?? 'employee');
}

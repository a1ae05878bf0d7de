/**
 * An upstream that is joined in states the key it was asked for under the gateway's own key, and
 * another one under the key's name. Would that be believed, it could rewrite whose object this is:
 * for the caller, for links that lead on, and for the audit trail.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { type TestGateway, testGateway } from '../support/gateway.ts';

const people = [
  { __typename: 'Employee', id: '1', name: 'Ada' },
  { __typename: 'Employee', id: '2', name: 'Bo' },
];

let gateway: TestGateway;
afterEach(() => gateway?.close());

const start = async (engine: 'compiled' | 'reference') => {
  gateway = await testGateway({
    engine,
    upstreams: {
      hris: {
        sdl: 'type Query { employees: [Employee!]! employee(id: ID!): Employee } type Employee { id: ID! name: String }',
        answer: () => ({ data: { employees: structuredClone(people) } }),
      },
      payroll: {
        sdl: 'type Query { employeesById(ids: [ID!]!): [Employee] } type Employee { id: ID! salary: String }',
        answer: ({ query, variables }) => {
          const [ids = []] = Object.values(variables) as string[][];
          const rows = ids.map((id) => ({
            __typename: 'Employee',
            _fgKey: id,
            id: id === '2' ? '666' : id,
            salary: `of ${id}`,
            // Not asked for, and not its own.
            name: 'Mallory',
            fgs_id: '666',
          }));
          const key = /(\w+)\s*:\s*employeesById/.exec(query)?.[1] ?? 'employeesById';
          return { data: { [key]: rows } };
        },
      },
    },
    joins: {
      Employee: {
        key: 'id',
        hris: { field: 'employee', argument: 'id' },
        payroll: { field: 'employeesById', argument: 'ids', batch: true },
      },
    },
    subjects: new Map([['Employee', { type: 'Employee', field: 'id' }]]),
    rules: `version: 1
rules:
  - { name: all, fields: { Query: [employees], Employee: [id, name] }, allow: everyone }
  - { name: pay, class: pay, fields: { Employee: [salary] }, allow: everyone }
`,
  });
};

describe.each(['compiled', 'reference'] as const)('a joined upstream, %s engine', (engine) => {
  it('cannot rewrite the key of the object it is joined to', async () => {
    await start(engine);
    const { body } = await gateway.query('{ employees { id name salary } }');
    expect(body.data).toEqual({
      employees: [
        { id: '1', name: 'Ada', salary: 'of 1' },
        { id: '2', name: 'Bo', salary: null },
      ],
    });
    expect(body.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['employees', 1, 'salary'], 'UPSTREAM_FAILED'],
    ]);
    const [record] = gateway.records;
    expect(record?.engine).toBe(engine);
    expect(record?.tally?.subjects).toEqual([{ type: 'Employee', id: '1' }]);
  });
});

/**
 * A REST service sends more than it was asked for, under names that mean something to the gateway:
 * nothing of it is read as another field's value, by the caller, a condition or the record.
 */
import { expect, it } from 'vitest';
import { toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

const text = { type: 'string' };
const employee = { type: 'object', properties: { id: text, name: text, leadId: text, pay: text } };
const document = toDocument(
  {
    '/employees': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { type: 'array', items: employee } } } },
        },
      },
    },
  },
  { Employee: employee },
);
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [employees], Employee: [id, name] }, allow: everyone }
  - { name: pay, class: pay, fields: { Employee: [pay] }, allow: { when: object.leadId == claims.me } }
`;

const own = { id: '1', name: 'Ada', pay: '9', leadId: 'X' };
const ours = { fgs_leadId: 'M', fg_leadId: 'M', fg0_leadId: 'M', fgs_id: '2', _fgKey: '2' };
const cases = [
  {
    name: 'what conditions and records are asked for by',
    row: JSON.stringify({ ...own, ...ours }),
  },
  {
    name: 'what callers call a field by',
    row: JSON.stringify({ ...own, key: 'unasked', __typename: 'Query' }),
  },
  {
    name: 'a prototype',
    row: '{"id":"1","name":"Ada","pay":"9","__proto__":{"leadId":"M"},"constructor":{"leadId":"M"}}',
  },
  { name: 'a list in the place of what decides', row: JSON.stringify({ ...own, leadId: ['M'] }) },
];
const queries = [
  '{ employees { id name pay } }',
  '{ employees { pay } }',
  '{ employees { key: pay id: name __typename } }',
];

for (const engine of ['compiled', 'reference'] as const) {
  it.each(cases)(`$name (${engine})`, async ({ row }) => {
    const gateway = await testGateway({
      engine,
      upstreams: {},
      rest: {
        staff: {
          document,
          operations: { 'Query.employees': 'GET /employees' },
          answer: () => ({
            status: 200,
            body: `[${row}, ${JSON.stringify({ ...own, leadId: 'M' })}]`,
          }),
        },
      },
      rules,
      subjects: new Map([['Employee', { type: 'Employee', field: 'id' }]]),
    });
    const rows = [];
    for (const query of queries) {
      const { body } = await gateway.query(query, { as: { scopes: [], claims: { me: 'M' } } });
      rows.push(body.data?.employees);
    }
    const both = (one: object, pay: object) => [{ ...one, ...pay }, one];
    expect(rows).toEqual([
      both({ id: '1', name: 'Ada', pay: '9' }, { pay: null }),
      both({ pay: '9' }, { pay: null }),
      both({ key: '9', id: 'Ada', __typename: 'Employee' }, { key: null }),
    ]);
    const subjects = gateway.records.map(({ tally }) => tally?.subjects);
    expect(subjects).toEqual(queries.map(() => [{ type: 'Employee', id: '1' }]));
    await gateway.close();
  });
}

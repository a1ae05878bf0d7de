/**
 * A REST service whose ids are numbers takes `7`, `07` and `007` for the same row. A caller who
 * spells an id anew each time must not get a new bucket of a rate that counts by it.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

// No control: what reaches the service is counted itself.

const person = {
  type: 'object',
  properties: { id: { type: 'integer' }, name: { type: 'string' } },
};
const document = toDocument(
  {
    '/people/{id}': {
      get: answering(person, {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      }),
    },
  },
  { Person: person },
);
const open = (engine: 'compiled' | 'reference') =>
  testGateway({
    engine,
    upstreams: {},
    rest: {
      people: {
        document,
        operations: { 'Query.person': 'GET /people/{id}' },
        answer: () => ({ status: 200, body: '{"id":7,"name":"Ada"}' }),
      },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [person], Person: [id, name] }, allow: everyone }
`,
    rates: `
version: 1
rates:
  - { name: per-row, fields: { Query: [person] }, per: args.id, limit: 2, window: 1h }
`,
  });

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  it('a row is asked for under one spelling', async () => {
    const gateway = await open(engine);
    const spellings = ['7', '07', '007', '0007', '000000000000007', '7'];
    for (const id of spellings) await gateway.query(`{ person(id: "${id}") { name } }`);
    expect(gateway.requests.map(({ query }) => query)).toEqual(['GET /people/7', 'GET /people/7']);
    await gateway.close();
  });

  it.each(['07', '-0', '-07', '+7', '7.0', '0x7'])('%s is no spelling of a number', async (id) => {
    const gateway = await open(engine);
    const { body } = await gateway.query('query ($id: ID!) { person(id: $id) { name } }', {
      variables: { id },
    });
    expect(gateway.requests).toEqual([]);
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['ARGUMENT_REFUSED']);
    await gateway.close();
  });

  it.each(['0', '7', '-7', '9007199254740991'])('%s is one', async (id) => {
    const gateway = await open(engine);
    await gateway.query(`{ person(id: "${id}") { name } }`);
    expect(gateway.requests.map(({ query }) => query)).toEqual([`GET /people/${id}`]);
    await gateway.close();
  });
});

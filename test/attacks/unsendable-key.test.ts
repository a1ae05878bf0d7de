/**
 * Keys of joins and links are what a service has in its rows, and some of them another service is
 * never asked for: half a surrogate pair, a name in the place of a number. Asked for together with
 * others, such a key fails its own row alone.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const text = { type: 'string' };
const list = (items: object) => ({ type: 'array', items });
const person = { type: 'object', required: ['id'], properties: { id: text, phone: text } };
const byKeys = (name: string, explode: boolean, items: object) =>
  answering(list(person), {
    parameters: [{ name, in: 'query', required: true, explode, schema: list(items) }],
  });

const open = (engine: 'compiled' | 'reference', rows: readonly object[]) =>
  testGateway({
    engine,
    upstreams: {
      hr: played(
        'type Query { people: [Person!] person(id: ID!): Person } type Person { id: ID! bossId: ID }',
        { people: rows, person: (given: { id: string }) => ({ id: given.id }) },
      ),
    },
    rest: {
      phones: {
        document: toDocument(
          {
            '/people': { get: byKeys('ids', false, text) },
            '/bosses': { get: byKeys('numbers', true, { type: 'string', pattern: '^[0-9]+$' }) },
          },
          { Person: person },
        ),
        operations: { 'Query.entries': 'GET /people', 'Query.bosses': 'GET /bosses' },
        answer: ({ path }) => {
          const { searchParams } = new URL(path, 'http://phones');
          const keys = [...searchParams.values()].flatMap((one) => one.split(','));
          return { status: 200, body: JSON.stringify(keys.map((id) => ({ id, phone: `+${id}` }))) };
        },
      },
    },
    joins: {
      Person: {
        key: 'id',
        hr: { field: 'person', argument: 'id' },
        phones: { field: 'entries', argument: 'ids', batch: true },
      },
    },
    links: {
      'Person.boss': {
        upstream: 'phones',
        field: 'bosses',
        argument: 'numbers',
        from: 'bossId',
        batch: true,
      },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [people], Person: [id, phone, boss] }, allow: everyone }
`,
  });

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  it.each(['7,8', '\ud800'])('a key %j of a join', async (key) => {
    const gateway = await open(engine, [{ id: '1' }, { id: key }, { id: '3' }]);
    const { body } = await gateway.query('{ people { phone } }');
    await gateway.close();
    expect(body.data).toEqual({ people: [{ phone: '+1' }, { phone: null }, { phone: '+3' }] });
    expect(body.errors).toMatchObject([
      { path: ['people', 1, 'phone'], extensions: { code: 'ARGUMENT_REFUSED' } },
    ]);
    expect(gateway.requests.map(({ query }) => query)).toContain('GET /people?ids=1,3');
  });

  it('a key of a link that the document does not take', async () => {
    const gateway = await open(engine, [
      { id: '1', bossId: '9' },
      { id: '2', bossId: 'n/a' },
    ]);
    const { body } = await gateway.query('{ people { boss { phone } } }');
    await gateway.close();
    expect(body.data).toEqual({ people: [{ boss: { phone: '+9' } }, { boss: null }] });
    expect(body.errors).toMatchObject([
      { path: ['people', 1, 'boss'], extensions: { code: 'ARGUMENT_REFUSED' } },
    ]);
    expect(gateway.requests.map(({ query }) => query)).toContain('GET /bosses?numbers=9');
  });
});

/**
 * Keys of joins and links come from a service, and what they are may be up to whoever fills its rows
 * (`7/purge` as an employee's number). In the path of another service they must be no other operation.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const text = { type: 'string' };
const person = { type: 'object', required: ['id'], properties: { id: text, phone: text } };
const id = { name: 'id', in: 'path', required: true, schema: text };
const one = answering(person, { parameters: [id] });

const open = (engine: 'compiled' | 'reference', key: string) =>
  testGateway({
    engine,
    upstreams: {
      hr: played(
        'type Query { people: [Person!] person(id: ID!): Person } type Person { id: ID! bossId: ID }',
        {
          people: [
            { id: key, bossId: '8' },
            { id: '7', bossId: key },
          ],
          person: (given: { id: string }) => ({ id: given.id }),
        },
      ),
    },
    rest: {
      phones: {
        document: toDocument(
          {
            '/people/all': { get: answering(text) },
            '/people/{id}': { get: one },
            '/people/{id}/purge': { get: one },
          },
          { Person: person },
        ),
        operations: { 'Query.entry': 'GET /people/{id}' },
        answer: ({ path }) => ({
          status: 200,
          body: JSON.stringify({ id: decodeURIComponent(path.slice(8)), phone: '1' }),
        }),
      },
    },
    joins: {
      Person: {
        key: 'id',
        hr: { field: 'person', argument: 'id' },
        phones: { field: 'entry', argument: 'id' },
      },
    },
    links: {
      'Person.boss': { upstream: 'phones', field: 'entry', argument: 'id', from: 'bossId' },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [people], Person: [id, phone, boss] }, allow: everyone }
`,
  });

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const ask = async (key: string, query: string) => {
    const gateway = await open(engine, key);
    const { body } = await gateway.query(query);
    await gateway.close();
    const sent = gateway.requests.filter(({ upstream }) => upstream === 'phones');
    return {
      data: body.data,
      errors: body.errors?.map(({ path, extensions }) => [path?.join('.'), extensions.code]),
      sent: sent.map((each) => each.query).sort(),
    };
  };
  const joined = '{ people { phone } }';
  const linked = '{ people { boss { phone } } }';

  it.each(['7/purge', 'all', 'ALL/', '8;x/purge', '..', '/'])('%s', async (key) => {
    expect(await ask(key, joined)).toEqual({
      data: { people: [{ phone: null }, { phone: '1' }] },
      errors: [['people.0.phone', 'ARGUMENT_REFUSED']],
      sent: ['GET /people/7'],
    });
    expect(await ask(key, linked)).toEqual({
      data: { people: [{ boss: { phone: '1' } }, { boss: null }] },
      errors: [['people.1.boss', 'ARGUMENT_REFUSED']],
      sent: ['GET /people/8'],
    });
  });

  it('a key with a slash that leads nowhere is one', async () => {
    expect(await ask('7/b', joined)).toEqual({
      data: { people: [{ phone: '1' }, { phone: '1' }] },
      errors: undefined,
      sent: ['GET /people/7', 'GET /people/7%2Fb'],
    });
  });
});

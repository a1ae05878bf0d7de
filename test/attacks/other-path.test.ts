/**
 * Services take `/users/all` for the path that is written so, before `/users/{id}`: a value of the id would
 * run an operation that has rules of its own, or that the graph does not have.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

// No control: what the service is sent is looked at itself.

const text = { type: 'string' };
const at = (name: string) => ({ name, in: 'path', required: true, schema: text });
const taking = (...names: string[]) =>
  answering({ type: 'boolean' }, { parameters: names.map(at) });
const plain = taking();
const document = toDocument({
  '/users': { get: plain },
  '/users/{id}': { get: taking('id'), delete: taking('id') },
  '/users/all': { delete: plain },
  '/users/me': { get: plain },
  '/users/{id}/purge': { delete: taking('id') },
  '/users/{id}/{part}': { delete: taking('id', 'part') },
  '/teams/{team}/users/{id}': { get: taking('team', 'id') },
  '/teams/{name}/users/current': { get: taking('name') },
  '/teams/core/users/none': { get: plain },
  '/{place}/{id}/notes': { get: taking('place', 'id') },
  '/slips/{id}/notes': { get: taking('id') },
  '/slips/{id}': { get: taking('id') },
  '/posts/{id}.json': { get: taking('id') },
  '/posts/search.json': { get: plain },
  '/slips/{slip}:cancel': { get: taking('slip') },
});
const open = (engine: 'compiled' | 'reference') =>
  testGateway({
    engine,
    upstreams: {},
    rest: {
      people: {
        document,
        operations: {
          'Query.users': 'GET /users',
          'Query.user': 'GET /users/{id}',
          'Query.member': 'GET /teams/{team}/users/{id}',
          'Query.notes': 'GET /{place}/{id}/notes',
          'Query.post': 'GET /posts/{id}.json',
          'Query.slip': 'GET /slips/{id}',
          'Mutation.remove': 'DELETE /users/{id}',
        },
        answer: () => ({ status: 200, body: 'true' }),
      },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [users, user, member, notes, post, slip], Mutation: [remove] }, allow: everyone }
`,
  });

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const ask = async (query: string) => {
    const gateway = await open(engine);
    const { body } = await gateway.query(query);
    await gateway.close();
    const sent = gateway.requests.map((one) => one.query);
    return { sent, codes: body.errors?.map((one) => one.extensions.code) };
  };

  it.each([
    'mutation { remove(id: "all") }',
    'mutation { remove(id: "ALL") }',
    'mutation { remove(id: "all/") }',
    'mutation { remove(id: "all.json") }',
    'mutation { remove(id: "7/purge") }',
    'mutation { remove(id: "7/Purge/") }',
    '{ user(id: "me") }',
    '{ member(team: "a b", id: "current") }',
    '{ member(team: "core", id: "none") }',
    '{ notes(place: "slips", id: "7") }',
    '{ post(id: "Search") }',
    '{ slip(id: "7:cancel") }',
    '{ slip(id: "7/8:CANCEL") }',
  ])('%s', async (query) => {
    expect(await ask(query)).toEqual({ sent: [], codes: ['ARGUMENT_REFUSED'] });
  });

  it.each([
    ['mutation { remove(id: "me") }', 'DELETE /users/me'],
    ['mutation { remove(id: "all.smith") }', 'DELETE /users/all.smith'],
    ['mutation { remove(id: "7/parts") }', 'DELETE /users/7%2Fparts'],
    ['mutation { remove(id: "7 purge") }', 'DELETE /users/7%20purge'],
    ['mutation { remove(id: "ball") }', 'DELETE /users/ball'],
    ['{ user(id: "all") }', 'GET /users/all'],
    ['{ user(id: "x/me") }', 'GET /users/x%2Fme'],
    ['{ member(team: "other", id: "none") }', 'GET /teams/other/users/none'],
    ['{ member(team: "current", id: "7") }', 'GET /teams/current/users/7'],
    ['{ notes(place: "slip", id: "7") }', 'GET /slip/7/notes'],
    ['{ post(id: "searching") }', 'GET /posts/searching.json'],
    ['{ slip(id: "7:cancelled") }', 'GET /slips/7%3Acancelled'],
    ['{ slip(id: ":cancel") }', 'GET /slips/%3Acancel'],
  ])('%s is its own', async (query, path) => {
    expect(await ask(query)).toEqual({ sent: [path], codes: undefined });
  });
});

/**
 * Services take `/users/all` for the path that is written so, before `/users/{id}`: a value of the id would
 * run an operation that has rules of its own, or that the graph does not have.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

// No control: what the service is sent is looked at itself.

const text = { type: 'string' };
const whole = { type: 'integer' };
const at = (name: string) => ({
  name,
  in: 'path',
  required: true,
  schema: name === 'volume' || name === 'page' ? whole : text,
});
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
  '/slips/{id}/files/{path}': { get: taking('id', 'path') },
  '/reports/{year}-{month}': { get: taking('year', 'month') },
  '/reports/all-time': { get: plain },
  '/reports/all-{month}': { get: taking('month') },
  '/posts/{id}.json': { get: taking('id') },
  '/posts/search.json': { get: plain },
  '/slips/{slip}:cancel': { get: taking('slip') },
  '/notes/{id}/': { get: taking('id') },
  '/notes/own': { get: plain },
  '/drafts/{id}': { get: taking('id') },
  '/drafts/own/': { get: plain },
  '/pages/{id}': { get: taking('id') },
  '/prints/{name}-{kind}': { get: taking('name', 'kind') },
  '/prints/{volume}-{page}': { get: taking('volume', 'page') },
  '/pages/{volume}-{page}': { get: taking('volume', 'page') },
  '/pages/{lang}.{name}.{kind}': { get: taking('lang', 'name', 'kind') },
  '/{tenant}/logs': { get: taking('tenant') },
  '/admin/{thing}': { get: taking('thing') },
  '/accounts/me/{part}': { get: taking('part') },
  '/accounts/{id}/orders': { get: taking('id') },
  '/bills/all-{month}': { get: taking('month') },
  '/bills/{name}-time': { get: taking('name') },
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
          'Query.report': 'GET /reports/{year}-{month}',
          'Query.note': 'GET /notes/{id}/',
          'Query.draft': 'GET /drafts/{id}',
          'Query.page': 'GET /pages/{id}',
          'Query.print': 'GET /prints/{name}-{kind}',
          'Query.logs': 'GET /{tenant}/logs',
          'Query.account': 'GET /accounts/me/{part}',
          'Query.bill': 'GET /bills/all-{month}',
          'Mutation.remove': 'DELETE /users/{id}',
        },
        answer: () => ({ status: 200, body: 'true' }),
      },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Mutation: [remove] }, allow: everyone }
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
    // A path in the place of a value: services that decode first take its parts for steps.
    'mutation { remove(id: "7/parts") }',
    'mutation { remove(id: "7/parts/more") }',
    '{ slip(id: "7/files/a/b") }',
    '{ slip(id: "7/files/a\\u2028") }',
    // Proxies that decode (nginx) merge slashes, and what is behind them ends a name at `;`.
    'mutation { remove(id: "/all") }',
    'mutation { remove(id: "7//purge") }',
    'mutation { remove(id: "all;x=1") }',
    'mutation { remove(id: "7;x/purge;y") }',
    'mutation { remove(id: "7\\\\purge") }',
    'mutation { remove(id: "all\\\\") }',
    '{ member(team: "core;x", id: "none") }',
    // Those that decode all but slashes (Apache) leave the one behind `;` in its name.
    'mutation { remove(id: "all;x/y") }',
    'mutation { remove(id: "/all;x/y;z/1") }',
    '{ member(team: "core;x/y", id: "none") }',
    '{ report(year: "all", month: "time") }',
    '{ report(year: "All", month: "05") }',
    // A slash at the end is none.
    '{ note(id: "own") }',
    '{ draft(id: "own") }',
    // What a service takes apart: at its first separator, and by the types of the parts.
    '{ page(id: "2024-05") }',
    '{ page(id: "2024-05/") }',
    '{ print(name: "2024", kind: "05") }',
    '{ page(id: "en.home.draft") }',
    '{ page(id: "en.home.first.draft") }',
    // Each path is the closer one in another segment: services differ in which they take.
    '{ logs(tenant: "admin") }',
    '{ account(part: "orders") }',
    '{ bill(month: "time") }',
  ])('%s', async (query) => {
    expect(await ask(query)).toEqual({ sent: [], codes: ['ARGUMENT_REFUSED'] });
  });

  it.each([
    ['mutation { remove(id: "me") }', 'DELETE /users/me'],
    ['mutation { remove(id: "all.smith") }', 'DELETE /users/all.smith'],
    ['{ slip(id: "7/parts") }', 'GET /slips/7%2Fparts'],
    ['{ slip(id: "7/file/a") }', 'GET /slips/7%2Ffile%2Fa'],
    ['mutation { remove(id: "7;all") }', 'DELETE /users/7%3Ball'],
    ['{ report(year: "2024", month: "time") }', 'GET /reports/2024-time'],
    ['{ print(name: "2024", kind: "a4") }', 'GET /prints/2024-a4'],
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
    ['{ note(id: "owner") }', 'GET /notes/owner/'],
    ['{ draft(id: "owner") }', 'GET /drafts/owner'],
    ['{ page(id: "2024-may") }', 'GET /pages/2024-may'],
    ['{ page(id: "2024-05-01") }', 'GET /pages/2024-05-01'],
    [
      '{ page(id: "12345678-1234-4234-8234-123456789012") }',
      'GET /pages/12345678-1234-4234-8234-123456789012',
    ],
    ['{ page(id: "-05") }', 'GET /pages/-05'],
    ['{ page(id: "en.home") }', 'GET /pages/en.home'],
    ['{ logs(tenant: "acme") }', 'GET /acme/logs'],
    ['{ account(part: "logs") }', 'GET /accounts/me/logs'],
    ['{ bill(month: "05") }', 'GET /bills/all-05'],
  ])('%s is its own', async (query, path) => {
    expect(await ask(query)).toEqual({ sent: [path], codes: undefined });
  });
});

/**
 * What an upstream says of its own troubles: a database message, an internal URL, a stack, and
 * `extensions.http`, which a GraphQL server takes for its own status, headers and cookies.
 */
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type TestUpstream, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { employee: Employee employees: [Employee] total: Int }
  type Employee { id: ID! name: String salary: Int }
`;
const marker = 'ORA-00942';
const said = {
  stacktrace: [`at /srv/${marker}/index.js:1:1`],
  serviceUrl: `http://${marker}.internal:8080`,
  code: marker,
  http: {
    status: 418,
    headers: { 'set-cookie': `session=${marker}`, 'access-control-allow-origin': '*' },
  },
};
const fail = (): never => {
  throw new GraphQLError(`${marker}: no such table`, { extensions: said });
};
const message = { message: `${marker} at http://db.internal`, extensions: said };
const always = (answer: unknown): TestUpstream => ({ sdl, answer: () => answer });

const rules = `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Employee: ["*"] }, allow: everyone }
`;
const query = '{ employee { id name salary } }';
const failed = [['UPSTREAM_FAILED', ['employee']]];
const cases: { name: string; given: TestUpstream; data: unknown; errors: unknown[] }[] = [
  {
    name: 'of a root field',
    given: played(sdl, { employee: fail }),
    data: { employee: null },
    errors: failed,
  },
  {
    name: 'of one field',
    given: played(sdl, { employee: { id: '1', name: 'Ada', salary: fail } }),
    data: { employee: { id: '1', name: 'Ada', salary: null } },
    errors: [['UPSTREAM_FAILED', ['employee', 'salary']]],
  },
  {
    name: 'without data',
    given: always({ errors: [message], extensions: said }),
    data: { employee: null },
    errors: failed,
  },
  {
    name: 'with a path of its own making',
    given: always({ data: { employee: null }, errors: [{ ...message, path: [marker, 0] }] }),
    data: { employee: null },
    errors: failed,
  },
  {
    name: 'with a code that is ours',
    given: always({
      data: null,
      errors: [{ ...message, extensions: { ...said, code: 'FORBIDDEN' } }],
    }),
    data: { employee: null },
    errors: failed,
  },
  {
    name: 'that are no errors',
    given: always({ data: { employee: null }, errors: [null, marker, { message: [marker] }] }),
    data: { employee: null },
    errors: failed,
  },
  {
    name: 'in extensions alone',
    given: always({ data: { employee: { id: '1', name: null, salary: 1 } }, extensions: said }),
    data: { employee: { id: '1', name: null, salary: 1 } },
    errors: [],
  },
  {
    name: 'in values that do not fit',
    given: always({ data: { employee: { id: { marker }, name: [marker], salary: marker } } }),
    data: { employee: null },
    errors: failed,
  },
  {
    name: 'instead of an answer',
    given: always(`${marker}: no such table`),
    data: { employee: null },
    errors: failed,
  },
];

describe('troubles of an upstream', () => {
  it('are told on by the obvious gateway, status and cookies and all', async () => {
    const open = obvious({ upstreams: { hr: played(sdl, { employee: fail }) } });
    const { text, status, headers } = await open.query(query);
    expect(text).toContain(`${marker}: no such table`);
    expect(text).toContain(`http://${marker}.internal:8080`);
    expect(status).toBe(418);
    expect(headers['set-cookie']).toContain(marker);
  });

  it.each(cases)('stay inside: $name', async ({ given, data, errors }) => {
    const gateway = await testGateway({ upstreams: { hr: given }, rules });
    const answer = await gateway.query(query);
    expect(answer.status).toBe(200);
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain(marker);
    expect(JSON.stringify(gateway.records)).not.toContain(marker);
    expect(Object.keys(answer.headers).sort()).toEqual([
      'cache-control',
      'content-type',
      'x-content-type-options',
      'x-request-id',
    ]);
    expect(answer.body.extensions).toBeUndefined();
    expect(answer.body.data).toEqual(data);
    expect(answer.body.errors?.map((one) => [one.extensions.code, one.path]) ?? []).toEqual(errors);
  });

  it('are one fixed text and a code', async () => {
    const gateway = await testGateway({ upstreams: { hr: played(sdl, { total: fail }) }, rules });
    const { body } = await gateway.query('{ total }');
    expect(body.errors).toEqual([
      { message: expect.any(String), path: ['total'], extensions: { code: 'UPSTREAM_FAILED' } },
    ]);
  });

  it('are ours where the gateway itself is at fault, and no more telling', async () => {
    const answer = (): never => {
      throw new Error(`connect ECONNREFUSED ${marker}.internal`);
    };
    const gateway = await testGateway({ upstreams: { hr: { sdl, answer } }, rules });
    const { text, body } = await gateway.query('{ total }');
    expect(text + JSON.stringify(gateway.records)).not.toContain(marker);
    expect(body.errors?.map((error) => error.extensions.code)).toEqual(['INTERNAL']);
    expect(gateway.records[0]?.faults).not.toEqual([]);
  });
});

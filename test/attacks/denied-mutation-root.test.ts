/**
 * A mutation whose second field is denied: a gateway that decides field by field has done the
 * first one by then. A denied root refuses the whole operation before anything runs.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { type QueryOptions, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { me: Employee }
  type Mutation { rename(name: String): Employee fire(id: ID, force: Boolean): Boolean! hidden: Int }
  type Employee { id: ID! ssn: String }
`;
const me = { id: '1', ssn: '900-11-1111' };
const ran: string[] = [];
const upstreams = {
  hr: played(sdl, {
    me,
    rename: () => ran.push('rename') && me,
    fire: () => ran.push('fire') > 0,
  }),
};
const gateway = await testGateway({
  upstreams,
  rules: `
version: 1
rules:
  - { name: open, fields: { Query: [me], Employee: [id], Mutation: [rename] }, allow: everyone }
  - { name: ids, fields: { Employee: [ssn] }, allow: { scopes: [ssn] } }
  - { name: leave, fields: { Mutation: [fire] }, allow: { scopes: [fire, hr] } }
  - { name: force, fields: { Mutation: ["fire(force:)"] }, allow: { scopes: [force] } }
`,
});

beforeEach(() => {
  gateway.requests.length = 0;
  gateway.records.length = 0;
  ran.length = 0;
});

describe('a denied field of a mutation', () => {
  const second = 'mutation { rename { id } fire }';

  it('comes after its neighbour has run in the obvious gateway', async () => {
    const open = obvious({
      upstreams,
      rules: ({ scope }) => ({ Mutation: { fire: scope('hr') } }),
    });
    await open.query(second);
    expect(ran).toEqual(['rename']);
  });

  const cases: { name: string; given: string; about?: QueryOptions }[] = [
    { name: 'last', given: second },
    { name: 'first', given: 'mutation { fire rename { id } }' },
    { name: 'under another name', given: 'mutation { rename { id } __typename: fire }' },
    {
      name: 'under the name of its neighbour',
      given: 'mutation { a: rename { id } rename: fire }',
    },
    { name: 'in an inline fragment', given: 'mutation { rename { id } ... { ... { fire } } }' },
    {
      name: 'in a fragment',
      given: 'mutation { rename { id } ...F } fragment F on Mutation { fire }',
    },
    {
      name: 'included by a variable',
      given: 'mutation ($yes: Boolean!) { rename { id } fire @include(if: $yes) }',
      about: { variables: { yes: true } },
    },
    {
      name: 'included by a default',
      given: 'mutation ($no: Boolean = false) { rename { id } fire @skip(if: $no) }',
    },
    {
      name: 'beside another operation',
      given: 'query Q { me { id } } mutation M { rename { id } fire }',
      about: { operationName: 'M' },
    },
    { name: 'one scope of two', given: second, about: { as: { scopes: ['hr'] } } },
    {
      name: 'by one of its arguments',
      given: 'mutation { rename { id } fire(force: true) }',
      about: { as: { scopes: ['hr', 'fire'] } },
    },
  ];
  it.each(cases)('stops all of it before anything runs: $name', async ({ given, about }) => {
    const { status, body } = await gateway.query(given, about);
    expect([status, body.data]).toEqual([403, undefined]);
    expect(body.errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN']);
    expect(gateway.records[0]?.refusal?.reason).toBe('authorize/denied');
    expect(gateway.requests).toEqual([]);
    expect(ran).toEqual([]);
  });

  it('that is not included stops nothing', async () => {
    const given = 'mutation ($yes: Boolean!) { rename { id } fire @include(if: $yes) }';
    const { body } = await gateway.query(given, { variables: { yes: false } });
    expect(body).toEqual({ data: { rename: { id: '1' } } });
    expect(ran).toEqual(['rename']);
  });

  it('below the root is null, and the mutation runs', async () => {
    const { body } = await gateway.query('mutation { rename { id ssn } }');
    expect(body.data).toEqual({ rename: { id: '1', ssn: null } });
    expect(ran).toEqual(['rename']);
    expect(gateway.requests[0]?.query).not.toContain('ssn');
  });

  it('that is granted runs, each once and in order', async () => {
    const as = { scopes: ['fire', 'hr'] };
    const { body } = await gateway.query('mutation { fire rename { id } again: fire }', { as });
    expect(body.data).toEqual({ fire: true, rename: { id: '1' }, again: true });
    expect(ran).toEqual(['fire', 'rename', 'fire']);
  });
});

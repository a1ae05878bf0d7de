/**
 * What one caller warms, another one gets: a cached "valid" or a cached plan that was made for
 * more rights. The same document from callers with different rights, in every order and at once.
 */
import { type FieldNode, GraphQLError, type ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { type TestAnswer, type TestGateway, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { me: Employee employees: [Employee!]! }
  type Employee { id: ID! ssn: String iban: String }
`;
const me = { id: '1', ssn: '900-11-1111', iban: 'IBAN-11' };
const upstreams = { hr: played(sdl, { me, employees: [me] }) };
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me, employees], Employee: [id] }, allow: everyone }
  - name: ids
    fields: { Employee: [ssn] }
    allow: { scopes: [ssn] }
    otherwise: [{ mask: last4, allow: { scopes: [ssn4] } }, deny]
  - { name: bank, fields: { Employee: [iban] }, allow: { roles: [clerk], scopes: [bank] } }
`;
const query = '{ me { id ssn iban } }';

const callers = [
  { name: 'admin', as: { scopes: ['ssn', 'bank'], roles: ['clerk'] }, expect: [me.ssn, me.iban] },
  { name: 'ids', as: { scopes: ['ssn'] }, expect: [me.ssn, null] },
  { name: 'masked', as: { scopes: ['ssn4', 'bank'] }, expect: ['•••••••1111', null] },
  { name: 'role alone', as: { scopes: [], roles: ['clerk'] }, expect: [null, null] },
  { name: 'guest', as: { scopes: [] }, expect: [null, null] },
  { name: 'anonymous', as: undefined, expect: [null, null] },
  { name: 'joined text', as: { scopes: ['ssnbank'] }, expect: [null, null] },
];
type Case = (typeof callers)[number];

/** A document is kept the second time, its plan the third. */
const untilKept = [1, 2, 3];

const ask = (gateway: TestGateway, { as }: Case): Promise<TestAnswer> =>
  gateway.query(query, as === undefined ? {} : { as });

function check({ body }: TestAnswer, { expect: [ssn, iban] }: Case): void {
  expect(body.data).toEqual({ me: { id: '1', ssn, iban } });
  expect(body.errors?.map((error) => error.extensions.coordinate) ?? []).toEqual([
    ...(ssn === null ? ['Employee.ssn'] : []),
    ...(iban === null ? ['Employee.iban'] : []),
  ]);
}

describe('a validation that depends on the caller', () => {
  const byScope: Plugin<{ request: Request }> = {
    onValidate({ addValidationRule, context }) {
      const may = context.request.headers.get('x-scopes') === 'ssn';
      addValidationRule(function ssnByScope(validation: ValidationContext) {
        return {
          Field(node: FieldNode) {
            if (node.name.value === 'ssn' && !may) validation.reportError(new GraphQLError('no'));
          },
        };
      });
    },
  };

  it('is answered from the cache in the obvious gateway', async () => {
    const open = obvious({ upstreams, plugins: [byScope] });
    const cold = obvious({ upstreams, plugins: [byScope] });
    const guest = { as: { scopes: ['none'] } };
    expect((await cold.query(query, guest)).text).not.toContain(me.ssn);
    await open.query(query, { as: { scopes: ['ssn'] } });
    expect((await open.query(query, guest)).text).toContain(me.ssn);
  });
});

describe('one document from callers with different rights', () => {
  const pairs = callers.flatMap((first) =>
    callers.filter((then) => then !== first).map((then) => ({ first, then })),
  );
  it.each(pairs)('$first.name, then $then.name', async ({ first, then }) => {
    const gateway = await testGateway({ upstreams, rules });
    for (const _ of untilKept) check(await ask(gateway, first), first);
    gateway.requests.length = 0;
    check(await ask(gateway, then), then);
    const sent = gateway.requests.map((request) => request.query).join();
    expect([sent.includes('ssn'), sent.includes('iban')]).toEqual(
      then.expect.map((value) => value !== null),
    );
    check(await ask(gateway, first), first);
  });

  it('50 times at once, mixed', async () => {
    const gateway = await testGateway({ upstreams, rules });
    const mixed = Array.from({ length: 50 }, () => callers).flat();
    const answers = await Promise.all(mixed.map((caller) => ask(gateway, caller)));
    for (const [index, answer] of answers.entries()) check(answer, mixed[index] as Case);
    const [sent, granted] = [
      gateway.requests.filter((request) => request.query.includes('iban')).length,
      mixed.filter((caller) => caller.expect[1] !== null).length,
    ];
    expect(sent).toBe(granted);
  });

  it('introspection that one may have is not cached for the other', async () => {
    const gateway = await testGateway({ upstreams, rules, introspection: 'authenticated' });
    const schema = '{ me { id } __schema { queryType { name } } }';
    for (const _ of untilKept) {
      expect((await gateway.query(schema, { as: { scopes: [] } })).status).toBe(200);
    }
    expect((await gateway.query(schema)).status).toBe(403);
    expect((await gateway.query(schema, { as: { scopes: [] } })).status).toBe(200);
  });

  it('one text, two operations: each has its own plan', async () => {
    const gateway = await testGateway({ upstreams, rules });
    const text = 'query A { me { id } } query B { me { ssn } }';
    const as = { scopes: ['ssn'] };
    for (const round of [...untilKept, 4]) {
      const a = await gateway.query(text, { as, operationName: 'A' });
      const b = await gateway.query(text, { as, operationName: 'B' });
      expect([round, a.body.data, b.body.data]).toEqual([
        round,
        { me: { id: '1' } },
        { me: { ssn: me.ssn } },
      ]);
    }
  });
});

/**
 * The first lock alone: with shield taken off the schema, the plan refuses as before and fetches
 * nothing. With both out everything leaks, which shows that each of the two can carry it.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Decide } from '../../gateway/authorize/decide.ts';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

vi.mock('../../gateway/authorize/shield-lock.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../../gateway/authorize/shield-lock.ts')>()),
  lockSchema: () => undefined,
}));

const sdl = /* GraphQL */ `
  type Query { me: Employee employees: [Employee!]! }
  type Mutation { fire: Boolean }
  type Employee { id: ID! ssn: String! taxId: String }
`;
const me = { id: '1', ssn: '900-11-1111', taxId: 'TAX-11-1111' };
const ran: string[] = [];
const upstreams = {
  hr: played(sdl, { me, employees: [me], fire: () => ran.push('fire') > 0 }),
};
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me, employees], Employee: [id] }, allow: everyone }
  - { name: ids, fields: { Employee: [ssn], Mutation: [fire] }, allow: { scopes: [ssn] } }
  - name: tax
    fields: { Employee: [taxId] }
    allow: { scopes: [tax] }
    otherwise: [{ mask: last4, allow: { scopes: [tax4] } }, deny]
`;
const allowEverything: Decide = (policy) => {
  const rule = [...policy.grants, ...policy.masks][0]?.rule;
  if (rule === undefined) throw new Error(`no rule lists ${policy.coordinate}`);
  return { kind: 'allow', rule };
};
const gateway = await testGateway({ upstreams, rules });
const unlocked = await testGateway({ upstreams, rules, decide: allowEverything });

beforeEach(() => {
  gateway.requests.length = 0;
  ran.length = 0;
});

const queries = [
  '{ me { ssn taxId } }',
  '{ employees { id: ssn taxId } }',
  '{ me { ...F } } fragment F on Employee { taxId ... { ssn } }',
];

describe('with shield taken out', () => {
  it.each(queries)('both locks out, it leaks: %s', async (given) => {
    expect((await unlocked.query(given)).text).toMatch(/900-11-1111.*TAX-11|TAX-11.*900-11-1111/);
  });

  it.each(queries)('the plan refuses, and fetches nothing: %s', async (given) => {
    const { text, body } = await gateway.query(given);
    expect(text).not.toMatch(/900-\d\d-|TAX-/);
    expect(body.errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(gateway.requests.map(({ query }) => query).join()).not.toMatch(/ssn|taxId/);
  });

  it('the plan masks', async () => {
    const { body } = await gateway.query('{ me { taxId } }', { as: { scopes: ['tax4'] } });
    expect(body.data).toEqual({ me: { taxId: '•••••••1111' } });
  });

  it('the plan refuses a mutation before it runs', async () => {
    expect((await gateway.query('mutation { fire }')).status).toBe(403);
    expect(ran).toEqual([]);
    await unlocked.query('mutation { fire }');
    expect(ran).toEqual(['fire']);
  });
});

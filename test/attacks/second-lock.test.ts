/**
 * The second lock: with a plan that lets everything through, shield on the schema still refuses
 * what the policy does not grant. Here the first lock is taken out by `decide`.
 */
import { buildSchema, graphql, isObjectType } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Decide } from '../../gateway/authorize/decide.ts';
import { lockSchema } from '../../gateway/authorize/shield-lock.ts';
import { createConditionRules } from '../../gateway/authorize/shield-rules.ts';
import type { Caller } from '../../gateway/request.ts';
import { findSecondLock } from '../../gateway/watch/audit-event/second-lock.ts';
import { anonymous, policyOf, withScopes } from '../authorize/policy-rig.ts';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { me: Employee employees(ssn: String, by: By, taxId: String): [Employee!]! crowd: [Employee!]! people: [Person!]! hidden: Int }
  type Mutation { rename(name: String): Employee fire: Boolean! }
  interface Person { id: ID! ssn: String! }
  type Employee implements Person { id: ID! name: String ssn: String! taxId: String account: Account! }
  type Account { iban: String }
  input By { iban: String name: String }
`;
const me = {
  __typename: 'Employee',
  id: '1',
  name: 'Ada',
  ssn: '900-11-1111',
  taxId: 'TAX-11-1111',
  account: { iban: 'IBAN-11' },
};
const ran: string[] = [];
const root = {
  me,
  employees: [me, me],
  crowd: Array.from({ length: 12 }, () => me),
  people: [me],
  rename: () => ran.push('rename') && me,
  fire: () => ran.push('fire') > 0,
};
const rules = `
version: 1
rules:
  - name: open
    fields: { Query: [me, employees, crowd, people], Employee: [id, name], Person: [id], Mutation: [rename] }
    allow: everyone
  - { name: ids, class: id, fields: { Person: [ssn] }, allow: { scopes: [ssn] } }
  - name: tax
    fields: { Employee: [taxId] }
    allow: { scopes: [tax] }
    otherwise: [{ mask: last4, allow: { scopes: [tax4] } }, deny]
  - { name: bank, class: banking, fields: { Employee: [account], Account: [iban] }, allow: { scopes: [bank] } }
  - { name: taxes, fields: { Query: ["employees(taxId:)"] }, allow: { scopes: [tax] } }
  - { name: leave, fields: { Mutation: [fire] }, allow: { scopes: [hr] } }
`;

const allowEverything: Decide = (policy) => {
  const rule = [...policy.grants, ...policy.masks][0]?.rule;
  if (rule === undefined) throw new Error(`no rule lists ${policy.coordinate}`);
  return { kind: 'allow', rule };
};
const gateway = await testGateway({
  upstreams: { hr: played(sdl, root) },
  rules,
  decide: allowEverything,
});

beforeEach(() => {
  gateway.requests.length = 0;
  ran.length = 0;
});

describe('with the first lock taken out', () => {
  const cases = [
    {
      name: 'a field',
      given: '{ me { id ssn } }',
      data: { me: { id: '1', ssn: null } },
      paths: [['me', 'ssn']],
    },
    {
      name: 'a field under another name',
      given: '{ me { id: ssn name } }',
      data: { me: { id: null, name: 'Ada' } },
      paths: [['me', 'id']],
    },
    {
      name: 'in a list',
      given: '{ employees { ssn } }',
      data: { employees: [{ ssn: null }, { ssn: null }] },
      paths: [
        ['employees', 0, 'ssn'],
        ['employees', 1, 'ssn'],
      ],
    },
    {
      name: 'through an interface',
      given: '{ people { ssn } }',
      data: { people: [{ ssn: null }] },
      paths: [['people', 0, 'ssn']],
    },
    {
      name: 'an object',
      given: '{ me { account { iban } name } }',
      data: { me: { account: null, name: 'Ada' } },
      paths: [['me', 'account']],
    },
    {
      name: 'what another caller may only see masked',
      given: '{ me { taxId } }',
      data: { me: { taxId: null } },
      paths: [['me', 'taxId']],
    },
  ];
  it.each(cases)('shield refuses: $name', async ({ given, data, paths }) => {
    const { body, text } = await gateway.query(given);
    expect(text).not.toMatch(/900-\d\d-|TAX-|IBAN-/);
    expect(body.data).toEqual(data);
    expect(body.errors?.map((error) => error.path)).toEqual(paths);
    expect(new Set(body.errors?.map((error) => error.extensions.code))).toEqual(
      new Set(['FORBIDDEN']),
    );
    // The lock is behind the fetch: that the field was asked for shows that the first one was out.
    expect(gateway.requests.map(({ query }) => query).join()).toMatch(/ssn|iban|taxId/);
  });

  const given = [
    { name: 'an argument', query: '{ employees(ssn: "9") { id } }' },
    {
      name: 'an argument by a variable',
      query: 'query ($s: String) { employees(ssn: $s) { id } }',
      variables: { s: '9' },
    },
    { name: 'one that a rule names', query: '{ employees(taxId: "9") { id } }' },
    {
      name: 'an input field by a default',
      query: 'query ($b: By = { iban: "9" }) { employees(by: $b) { id } }',
    },
  ];
  it.each(given)(
    'what is given is refused before it is sent: $name',
    async ({ query, ...about }) => {
      const { body } = await gateway.query(query, about);
      expect(body.data).toEqual({ employees: null });
      expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      expect(gateway.requests).toEqual([]);
      expect(gateway.records.at(-1)?.faults).toEqual([
        'refused by the second lock: Query.employees',
      ]);
      const as = { scopes: ['ssn', 'tax', 'bank'] };
      expect((await gateway.query(query, { ...about, as })).body.errors).toBeUndefined();
    },
  );

  it('what is not governed is given, and a variable that brings nothing', async () => {
    const query = 'query ($s: String) { employees(ssn: $s, by: { name: "x" }) { id } }';
    expect((await gateway.query(query)).body.errors).toBeUndefined();
  });

  it('the operator is told', async () => {
    await gateway.query('{ me { ssn } }');
    expect(gateway.records.at(-1)?.faults).toEqual(['refused by the second lock: Employee.ssn']);
    const [record] = gateway.records.slice(-1);
    expect(record && findSecondLock(record)).toMatchObject({
      severity: 5,
      request: record?.id,
      coordinates: ['Employee.ssn'],
    });
    await gateway.query('{ employees { ssn } me { taxId } }');
    const [next] = gateway.records.slice(-1);
    expect(next && findSecondLock(next)?.coordinates.toSorted()).toEqual([
      'Employee.ssn',
      'Employee.taxId',
    ]);
  });

  it('of each field, however many rows were refused before', async () => {
    await gateway.query('{ crowd { ssn } other: crowd { taxId } }');
    const [record] = gateway.records.slice(-1);
    expect(record && findSecondLock(record)?.coordinates).toEqual([
      'Employee.ssn',
      'Employee.taxId',
    ]);
  });

  it('who may only see a masked value does not get the whole one', async () => {
    const { text } = await gateway.query('{ me { taxId } }', { as: { scopes: ['tax4'] } });
    expect(text).not.toContain(me.taxId);
  });

  it('who may has it', async () => {
    const as = { scopes: ['ssn', 'tax', 'bank', 'hr'] };
    const { body } = await gateway.query('{ me { ssn taxId account { iban } } }', { as });
    expect(body).toEqual({
      data: { me: { ssn: me.ssn, taxId: me.taxId, account: { iban: 'IBAN-11' } } },
    });
    expect((await gateway.query('mutation { fire }', { as })).body.data).toEqual({ fire: true });
  });

  it('a denied mutation does not run', async () => {
    const { body } = await gateway.query('mutation { fire }');
    expect(ran).toEqual([]);
    expect(gateway.requests).toEqual([]);
    expect(body.errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN']);
    expect(body.data?.fire ?? null).toBeNull();
  });
});

describe('shield on a schema', () => {
  const open = 'type Query { id: String ssn: String name: String phone: String other: String }';
  const policy = policyOf(
    open,
    `
- { name: open, fields: { Query: [name] }, allow: everyone }
- { name: ids, fields: { Query: [ssn] }, allow: { scopes: [ssn] }, otherwise: [{ mask: last4, allow: { scopes: [last4] } }] }
- { name: phones, fields: { Query: [phone] }, allow: everyone, require: { scopes: [phone] } }
`,
  );
  const schema = buildSchema(open);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) field.resolve = () => 'seen';
  }
  lockSchema(schema, policy, createConditionRules(policy.conditions), new Set(['Query.id']));

  const cases: readonly {
    name: string;
    query: string;
    caller?: Caller | undefined;
    masked?: readonly string[];
    seen: boolean;
  }[] = [
    { name: 'what all may', query: '{ name }', seen: true },
    { name: 'what all may, of nobody', query: '{ name }', caller: undefined, seen: false },
    { name: 'what no rule lists', query: '{ other }', seen: false },
    { name: 'a grant', query: '{ ssn }', caller: withScopes('ssn'), seen: true },
    { name: 'no grant', query: '{ ssn }', seen: false },
    {
      name: 'a mask that the plan has not',
      query: '{ ssn }',
      caller: withScopes('last4'),
      seen: false,
    },
    {
      name: 'a mask',
      query: '{ ssn }',
      caller: withScopes('last4'),
      masked: ['Query.ssn'],
      seen: true,
    },
    {
      name: 'a mask of others',
      query: '{ ssn }',
      caller: withScopes(),
      masked: ['Query.ssn'],
      seen: false,
    },
    {
      name: 'the mask of another field',
      query: '{ ssn }',
      caller: withScopes('last4'),
      masked: ['Query.name'],
      seen: false,
    },
    { name: 'a requirement', query: '{ phone }', caller: withScopes('phone'), seen: true },
    { name: 'a requirement that does not hold', query: '{ phone }', seen: false },
    { name: 'an id for the record', query: '{ fgs_id: id }', seen: true },
    { name: 'the same id for a caller', query: '{ id }', seen: false },
    { name: 'the same id under another key', query: '{ fg_id: id }', seen: false },
    { name: 'what is nobody’s id', query: '{ fgs_ssn: ssn }', seen: false },
  ];
  it.each(cases)('$name', async ({ query, masked = [], seen, ...about }) => {
    const caller = 'caller' in about ? about.caller : anonymous;
    const record = { caller, verdicts: { masked }, networks: [], startedAtMs: 0 };
    const { data } = await graphql({ schema, source: query, contextValue: { record } });
    expect(Object.values(data ?? {})).toEqual([seen ? 'seen' : null]);
  });
});

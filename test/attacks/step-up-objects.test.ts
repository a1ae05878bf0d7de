/**
 * A field that a fresh sign-in opens, and for some objects something else: a caller's own record, say.
 * At the objects that are refused, who would have them all after a new sign-in is told so, and nobody
 * else: what an object holds, what somebody else may, and what a sign-in alone would not open must not
 * show in what is said.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestCaller, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const ran: string[] = [];
const staff = /* GraphQL */ `
  type Query { people: [Employee] one(id: ID): Employee }
  type Mutation { raise(id: ID, by: Int): Employee }
  type Employee {
    id: ID! tenant: ID boss: ID ssn: String iban: String badge: String phone: String grade: String
  }
`;
const person = (id: string, boss: string) => ({
  ...{ id, boss, tenant: 'a', ssn: `ssn-${id}`, iban: `iban-${id}`, badge: `badge-${id}` },
  ...{ phone: `phone-${id}`, grade: `grade-${id}` },
});
const sealed = played(staff, {
  people: [person('1', '9'), { ...person('3', '9'), tenant: 'b' }, person('2', '1')],
  one: ({ id }: { id: string }) => person(id, '9'),
  raise: () => ran.push('raise') && person('1', '9'),
});
const signed = '{ auth: { acr: [mfa] } }';
const own = '{ when: object.id == claims.id }';
const rules = `
version: 1
rules:
- { name: open, fields: { Query: [people, one], Employee: [id] }, allow: everyone }
- { name: ids, fields: { Employee: [ssn] }, allow: { any: [${signed}, ${own}] } }
- { name: iban, fields: { Employee: [iban] }, allow: { any: [{ all: [${signed}, { scopes: [pay] }] }, ${own}] } }
- { name: badge, fields: { Employee: [badge] }, allow: { any: [{ all: [${signed}, { when: object.boss == claims.id }] }, ${own}] } }
- { name: phone, fields: { Employee: [phone] }, allow: { any: [${signed}, ${own}] }, otherwise: [{ mask: redact, allow: { scopes: [masked] } }, deny] }
- { name: grade, fields: { Employee: [grade] }, allow: { any: [${signed}, ${own}] }, require: { when: object.boss == claims.id } }
- { name: apart, types: [Employee], require: { when: object.tenant == claims.tenant }, otherwise: [drop] }
- { name: raise, fields: { Mutation: [raise] }, object: "Query.one(id: args.id)", allow: { any: [${signed}, ${own}] } }
`;
const { query, requests, records } = await testGateway({ upstreams: { hr: sealed }, rules });
const together = rules.replace(/^- \{ name: apart.*$/m, '');
const oneTenant = await testGateway({ upstreams: { hr: sealed }, rules: together });

beforeEach(() => {
  for (const list of [ran, requests, records]) list.length = 0;
});

const me = (more: Record<string, unknown> = {}, scopes: string[] = []): TestCaller => ({
  scopes,
  claims: { id: '1', tenant: 'a', ...more },
});
const errorsOf = ({ body }: { body: { errors?: { path?: unknown; extensions: object }[] } }) =>
  (body.errors ?? []).map(({ path, extensions }) => ({ path, ...extensions }));
const asked = { code: 'STEP_UP_REQUIRED', acr_values: 'mfa' };
const refused = { code: 'FORBIDDEN' };

describe('an object that is refused', () => {
  const at = (name: string) => ({ path: ['people', 1, name], coordinate: `Employee.${name}` });
  const cases: { name: string; field: string; as: TestCaller; said: object | undefined }[] = [
    { name: 'that a sign-in would open', field: 'ssn', as: me(), said: asked },
    { name: 'with the scope beside it', field: 'iban', as: me({}, ['pay']), said: asked },
    { name: 'without it', field: 'iban', as: me(), said: refused },
    { name: 'that other objects decide then', field: 'badge', as: me(), said: refused },
    { name: 'behind a mask', field: 'phone', as: me({}, ['masked']), said: undefined },
    { name: 'without the mask', field: 'phone', as: me(), said: asked },
    { name: 'signed in already', field: 'ssn', as: me({ acr: 'mfa' }), said: undefined },
  ];
  it.each(cases)('$name', async ({ field, as, said }) => {
    const answer = await query(`{ people { ${field} } }`, { as });
    expect(answer.status).toBe(200);
    expect(errorsOf(answer)).toEqual(said === undefined ? [] : [{ ...said, ...at(field) }]);
    const { people } = answer.body.data as { people: Record<string, unknown>[] };
    const [first, second] = people.map((one) => one[field]);
    expect(first).toBe(`${field}-1`);
    if (said !== undefined) expect(second).toBeNull();
  });

  it('that a requirement of objects keeps back whatever the sign-in is', async () => {
    const answer = await query('{ people { grade } }', { as: me() });
    expect(errorsOf(answer).map((one) => ({ ...one, path: undefined }))).toEqual(
      Array.from({ length: 2 }, () => ({ ...refused, coordinate: 'Employee.grade' })),
    );
  });

  it('is told alike by whatever names, and in the record', async () => {
    const answer = await query('{ a: people { b: ssn } }', { as: me() });
    expect(errorsOf(answer)).toEqual([
      { ...asked, path: ['a', 1, 'b'], coordinate: 'Employee.ssn' },
    ]);
    const [, denial] = records[0]?.denials ?? [];
    expect(denial).toMatchObject({ coordinate: 'Employee.ssn', rule: 'ids', stepUp: true });
  });

  it('is not told to others by the plan of who was', async () => {
    for (let round = 0; round < 3; round += 1) {
      const [one, other] = await Promise.all([
        query('{ people { iban } }', { as: me({}, ['pay']) }),
        query('{ people { iban } }', { as: me() }),
      ]);
      expect(errorsOf(one)).toMatchObject([asked]);
      expect(errorsOf(other)).toEqual([{ ...refused, ...at('iban') }]);
    }
  });
});

describe('a write that its object refuses', () => {
  const write = 'mutation { raise(id: "2") { id } }';

  it('asks for the sign-in that would grant it, and is not done', async () => {
    const answer = await oneTenant.query(write, { as: me() });
    expect(errorsOf(answer)).toEqual([{ ...asked, path: ['raise'], coordinate: 'Mutation.raise' }]);
    expect([answer.body.data, ran]).toEqual([{ raise: null }, []]);
  });

  it('asks for none where the object has to be of a tenant, whose ever it is', async () => {
    for (const tenant of ['a', 'b']) {
      const answer = await query(write, { as: me({ tenant }) });
      expect(errorsOf(answer)).toEqual([
        { ...refused, path: ['raise'], coordinate: 'Mutation.raise' },
      ]);
    }
    expect(ran).toEqual([]);
  });
});

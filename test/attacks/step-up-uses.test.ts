/**
 * A field that wants both a fresh sign-in and something of its arguments or of the object at hand. Who
 * can have it once they sign in must be told so, and by that nobody may learn what an object holds:
 * nothing is fetched for it, and where the arguments or the caller's claims rule it out whatever the
 * sign-in is, nobody is sent to sign in for nothing.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const ran: string[] = [];
const codesOf = ({ body }: { body: { errors?: { extensions: object }[] } }) =>
  (body.errors ?? []).map(({ extensions }) => extensions);

const staff = /* GraphQL */ `
  type Query { me: Employee people: [Employee] pay(amount: Int): Int one(id: ID): Employee }
  type Mutation { raise(id: ID): Employee }
  type Employee { id: ID! manager: ID ssn: String iban: String badge: String }
`;
const sealed = played(staff, {
  me: { id: '1', manager: '9', ssn: '900-11-1111', iban: 'I', badge: 'b' },
  people: [
    { id: '1', manager: '9', ssn: '900-11-1111', iban: 'I', badge: 'b' },
    { id: '2', manager: '8', ssn: '900-22-2222', iban: 'J', badge: 'c' },
  ],
  one: { id: '1', manager: '9' },
  pay: 1,
  raise: () => ran.push('raise') && { id: '1' },
});
const signed = 'auth: { acr: [mfa] }';
const theirs = 'when: object.manager == claims.id';
const small = 'when: args.amount < 1000';
const raise = 'fields: { Mutation: [raise] }, object: "Query.one(id: args.id)"';
const given = `
version: 1
rules:
- { name: open, fields: { Query: [me, people, one], Employee: [id, manager] }, allow: everyone }
- { name: ids, fields: { Employee: [ssn] }, allow: { ${signed}, ${theirs} } }
- { name: iban, fields: { Employee: [iban] }, allow: everyone, require: { all: [{ ${signed} }, { ${theirs} }] } }
- { name: badge, fields: { Employee: [badge] }, allow: { ${signed} } }
- { name: badges, fields: { Employee: [badge] }, require: { ${theirs} } }
- { name: pay, fields: { Query: [pay] }, allow: { any: [{ ${signed}, ${small} }, { auth: { acr: [phr] }, when: args.amount < 2000 }] } }
- { name: raise, ${raise}, allow: { ${signed}, ${theirs} } }
`;
const { query, requests } = await testGateway({ upstreams: { hr: sealed }, rules: given });
const asked = { code: 'STEP_UP_REQUIRED', acr_values: 'mfa' };
const fields = ['ssn', 'iban', 'badge'];

describe('beside what arguments or objects decide', () => {
  it.each(fields)(
    'is asked for at %s, whatever the objects are, and asks for nothing',
    async (name) => {
      for (const id of ['9', '8', 'x']) {
        requests.length = 0;
        const answer = await query(`{ people { id ${name} } }`, { as: { claims: { id } } });
        const one = { ...asked, coordinate: `Employee.${name}` };
        expect(codesOf(answer)).toEqual([one, one]);
        expect(JSON.stringify(requests)).not.toMatch(/manager|ssn|iban|badge/);
      }
    },
  );

  it.each(fields)('leaves %s of objects that are not theirs closed after it', async (name) => {
    const as = { claims: { id: '9', acr: 'mfa' } };
    const answer = await query(`{ people { ${name} } }`, { as });
    expect(answer.body.data).toMatchObject({ people: [{ [name]: expect.anything() }, {}] });
    const closed = { code: 'FORBIDDEN', coordinate: `Employee.${name}` };
    expect(codesOf(answer)).toEqual([closed]);
  });

  it.each(fields)('is not asked for at %s where no object can be theirs', async (name) => {
    const answer = await query(`{ me { ${name} } }`, { as: { claims: {} } });
    expect(codesOf(answer)).toEqual([{ code: 'FORBIDDEN', coordinate: `Employee.${name}` }]);
  });

  it('is asked for before a write that reads its object first', async () => {
    const write = 'mutation { raise(id: "1") { id } }';
    requests.length = 0;
    const answer = await query(write, { as: { claims: { id: '8' } } });
    expect([answer.status, codesOf(answer)]).toEqual([
      401,
      [{ ...asked, coordinate: 'Mutation.raise' }],
    ]);
    const refused = await query(write, { as: { claims: {} } });
    expect([refused.status, requests, ran]).toEqual([403, [], []]);
  });

  it.each([
    { amount: 999, expect: { ...asked, coordinate: 'Query.pay' } },
    { amount: 1999, expect: { ...asked, acr_values: 'phr', coordinate: 'Query.pay' } },
    { amount: 2000, expect: { code: 'FORBIDDEN', coordinate: 'Query.pay' } },
  ])('is asked for by the amount of $amount', async ({ amount, expect: said }) => {
    const text = 'query ($amount: Int) { pay(amount: $amount) }';
    for (let round = 0; round < 3; round += 1) {
      const answer = await query(text, { as: {}, variables: { amount } });
      expect(codesOf(answer)).toEqual([said]);
      const other = await query(text, { as: {}, variables: { amount: 2000 } });
      expect(codesOf(other)).toEqual([{ code: 'FORBIDDEN', coordinate: 'Query.pay' }]);
      const literal = await query(`{ pay(amount: ${amount}) }`, { as: {} });
      expect(codesOf(literal)).toEqual([said]);
    }
  });
});

describe('a filter on what objects decide', () => {
  const sealed = played(
    'type Query { people(ssn: String): [Employee] } type Employee { ssn: String own: ID }',
    {
      people: [{ ssn: '1', own: '1' }],
    },
  );
  const filtered = (allow: string) => `
version: 1
rules:
  - { name: open, fields: { Query: [people], Employee: [own] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Employee: [ssn] }, allow: ${allow} }
`;
  const when = 'when: object.own == claims.id';

  it.each([
    { allow: `{ auth: { acr: [mfa] }, ${when} }`, said: { code: 'FORBIDDEN' } },
    {
      allow: `{ any: [{ auth: { acr: [mfa] } }, { ${when} }] }`,
      said: { code: 'STEP_UP_REQUIRED', acr_values: 'mfa' },
    },
  ])('is opened by a sign-in alone or not at all: $allow', async ({ allow, said }) => {
    const { query } = await testGateway({ upstreams: { hr: sealed }, rules: filtered(allow) });
    const text = '{ people(ssn: "1") { own } }';
    const answer = await query(text, { as: { claims: { id: '1' } } });
    expect(codesOf(answer)).toEqual([{ ...said, coordinate: 'Query.people(ssn:)' }]);
    const after = await query(text, { as: { claims: { id: '1', acr: 'mfa' } } });
    expect(codesOf(after).length).toBe(said.code === 'FORBIDDEN' ? 1 : 0);
  });
});

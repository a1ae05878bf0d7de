/**
 * A stolen session, or a colleague at an unlocked desk: the token is good, and the sign-in behind it
 * is weak or old. Rules that ask for a stronger or more recent one must not be met by claims that are
 * absent, of another form or of the future, by a clock that jumps, by what was decided for the same
 * token a minute ago, or for somebody else. And what is said of it must tell nothing of the policy to
 * whom a new sign-in would not help.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../gateway/shape/answer.ts';
import { type QueryOptions, type TestCaller, testGateway } from '../support/gateway.ts';
import { tokenOf } from '../support/tokens.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { me: Employee people(ssn: String, city: String): [Employee!] }
  type Mutation { pay(amount: Int): Boolean rename(name: String): Employee }
  type Employee { id: ID! ssn: String salary: Int iban: String note: String badge: String }
`;
const me = { id: '1', ssn: '900-11-1111', salary: 7, iban: 'I', note: 'n', badge: 'b' };
const ran: string[] = [];
const root = {
  me,
  people: [me],
  pay: () => ran.push('pay') > 0,
  rename: () => ran.push('rename') && me,
};

const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me, people], Employee: [id], Mutation: [rename] }, allow: everyone }
  - { name: ids, fields: { Employee: [ssn] }, allow: { auth: { acr: [mfa, phr], maxAge: 5m }, scopes: [hr] } }
  - { name: pay, fields: { Employee: [salary] }, allow: { auth: { maxAge: 5m } } }
  - { name: iban, fields: { Employee: [iban] }, allow: { auth: { acr: [mfa] } }, otherwise: [reject] }
  - { name: note, fields: { Employee: [note] }, allow: { auth: { maxAge: 5m } }, otherwise: [hide] }
  - { name: badge, fields: { Employee: [badge] }, allow: everyone, require: { auth: { acr: [mfa] } }, otherwise: [{ mask: redact, allow: { scopes: [masked] } }, deny] }
  - { name: filter, fields: { Query: ["people(ssn:)"] }, allow: { auth: { acr: [mfa] } } }
  - { name: city, fields: { Query: ["people(city:)"] }, allow: { scopes: [city] } }
  - { name: transfer, fields: { Mutation: [pay] }, allow: { auth: { acr: [mfa], maxAge: 60s } } }
  - { name: amount, fields: { Mutation: ["pay(amount:)"] }, allow: { scopes: [pay] } }
`;

const start = Date.now();
let nowMs = start;
const gateway = await testGateway({
  upstreams: { hr: played(sdl, root) },
  rules,
  now: () => nowMs,
  batch: 5,
});
/** Seconds since the epoch, so long before the start. */
const ago = (seconds: number): number => Math.floor(start / 1_000) - seconds;

beforeEach(() => {
  nowMs = start;
  gateway.requests.length = 0;
  gateway.records.length = 0;
  ran.length = 0;
});

const hr = (claims: Record<string, unknown>): TestCaller => ({ scopes: ['hr'], claims });
const codesOf = ({ body }: { body: { errors?: { extensions: object }[] } }) =>
  (body.errors ?? []).map(({ extensions }) => extensions);

describe('a field', () => {
  const query = '{ me { id ssn } }';
  const asked = { acr_values: 'mfa phr', max_age: 300 };
  const cases: { name: string; claims: Record<string, unknown>; ok?: true }[] = [
    { name: 'strong and recent', claims: { acr: 'mfa', auth_time: ago(10) }, ok: true },
    { name: 'another of the two', claims: { acr: 'phr', auth_time: ago(290) }, ok: true },
    {
      name: 'a clock that is a little ahead',
      claims: { acr: 'mfa', auth_time: ago(-4) },
      ok: true,
    },
    { name: 'neither', claims: {} },
    { name: 'weak', claims: { acr: 'pwd', auth_time: ago(10) } },
    { name: 'old', claims: { acr: 'mfa', auth_time: ago(302) } },
    { name: 'no time', claims: { acr: 'mfa' } },
    { name: 'of the future', claims: { acr: 'mfa', auth_time: ago(-7) } },
    { name: 'in milliseconds', claims: { acr: 'mfa', auth_time: start } },
    { name: 'a time as text', claims: { acr: 'mfa', auth_time: String(ago(10)) } },
    { name: 'a time with a fraction', claims: { acr: 'mfa', auth_time: ago(10) + 0.5 } },
    { name: 'a time that is a list', claims: { acr: 'mfa', auth_time: [ago(10)] } },
    { name: 'no number', claims: { acr: 'mfa', auth_time: null } },
    { name: 'negative', claims: { acr: 'mfa', auth_time: -1 } },
    { name: 'a list of values', claims: { acr: ['mfa'], auth_time: ago(10) } },
    { name: 'in other letters', claims: { acr: 'MFA', auth_time: ago(10) } },
    { name: 'as part of a text', claims: { acr: 'pwd mfa', auth_time: ago(10) } },
    { name: 'as an object', claims: { acr: { mfa: true }, auth_time: ago(10) } },
    { name: 'amr in its place', claims: { amr: ['mfa'], auth_time: ago(10) } },
    { name: 'issued just now', claims: { acr: 'mfa', iat: ago(1) } },
  ];
  it.each(cases)('by a sign-in that is $name', async ({ claims, ok }) => {
    const { status, body } = await gateway.query(query, { as: hr(claims) });
    expect(status).toBe(200);
    expect(body.data).toEqual({ me: { id: '1', ssn: ok ? me.ssn : null } });
    expect(codesOf({ body })).toEqual(
      ok ? [] : [{ code: 'STEP_UP_REQUIRED', coordinate: 'Employee.ssn', ...asked }],
    );
    expect(gateway.requests.some((one) => one.query.includes('ssn'))).toBe(ok === true);
  });

  it('says nothing of a sign-in to whom it would not help', async () => {
    for (const as of [undefined, { claims: { acr: 'pwd', auth_time: ago(10) } }]) {
      const answer = await gateway.query(query, { ...(as && { as }) });
      expect(codesOf(answer)).toEqual([{ code: 'FORBIDDEN', coordinate: 'Employee.ssn' }]);
    }
  });

  it('is not said to whoever lacks the scope because it was said to who has it', async () => {
    const weak = { acr: 'pwd', auth_time: ago(10) };
    for (let round = 0; round < 3; round += 1) {
      const [one, other] = await Promise.all([
        gateway.query(query, { as: hr(weak) }),
        gateway.query(query, { as: { claims: weak } }),
      ]);
      expect([codesOf(one)[0], codesOf(other)[0]]).toEqual([
        expect.objectContaining({ code: 'STEP_UP_REQUIRED' }),
        { code: 'FORBIDDEN', coordinate: 'Employee.ssn' },
      ]);
    }
  });

  it('asks for what is needed at once, also where part of it is there', async () => {
    const given = { as: hr({ acr: 'mfa', auth_time: ago(400) }) };
    const answer = await gateway.query('{ me { salary ssn } }', given);
    expect(codesOf(answer)).toEqual([
      { code: 'STEP_UP_REQUIRED', coordinate: 'Employee.salary', max_age: 300 },
      { code: 'STEP_UP_REQUIRED', coordinate: 'Employee.ssn', ...asked },
    ]);
  });

  it('that a weaker sign-in has masked stays masked, without an error', async () => {
    const { body } = await gateway.query('{ me { badge } }', { as: hr({ acr: 'pwd' }) });
    // The requirement stands before masks, too.
    expect(codesOf({ body })).toEqual([
      { code: 'STEP_UP_REQUIRED', coordinate: 'Employee.badge', acr_values: 'mfa' },
    ]);
  });
});

describe('the same token', () => {
  const as = hr({ acr: 'mfa', auth_time: ago(10) });
  const query = '{ me { salary ssn } }';
  const note = '{ me { note } }';

  it('is refused once its sign-in is old, however often it was let through', async () => {
    for (let round = 0; round < 3; round += 1) {
      expect(codesOf(await gateway.query(query, { as }))).toEqual([]);
      expect(codesOf(await gateway.query(note, { as }))).toEqual([]);
    }
    nowMs = start + 291_000;
    for (let round = 0; round < 3; round += 1) {
      const answer = await gateway.query(query, { as });
      expect(answer.body.data).toEqual({ me: { salary: null, ssn: null } });
      const { status, text } = await gateway.query(note, { as });
      expect([status, text.includes('GRAPHQL_VALIDATION_FAILED')]).toEqual([200, true]);
    }
    expect(gateway.requests.every((one) => !/ssn|salary|note/.test(one.query))).toBe(false);
  });

  it('is refused when the clock jumps, either way', async () => {
    for (const jumpMs of [3_000_000, -60_000]) {
      nowMs = start + jumpMs;
      const { body } = await gateway.query(query, { as });
      expect(body.data).toEqual({ me: { salary: null, ssn: null } });
      nowMs = start;
      const again = await gateway.query(query, { as });
      expect(codesOf(again)).toEqual([]);
    }
  });

  it('sees what is hidden from old sign-ins while it is recent alone', async () => {
    const fields = '{ __type(name: "Employee") { fields { name } } }';
    const seen = async () => JSON.stringify((await gateway.query(fields, { as })).body.data);
    expect(await seen()).toContain('note');
    nowMs = start + 291_000;
    expect(await seen()).not.toContain('note');
    const { text } = await gateway.query('{ me { notes } }', { as });
    expect(text).not.toMatch(/STEP_UP|"note"|note\?/);
    nowMs = start;
    expect(await seen()).toContain('note');
  });
});

describe('beside what a rule requires of each object', () => {
  const team = /* GraphQL */ `
    type Query { me: Employee people: [Employee] }
    type Mutation { rename(id: ID): Employee }
    type Employee { id: ID! tenant: ID ssn: String }
  `;
  const sealed = played(team, {
    me: { id: '1', tenant: 'a', ssn: '900-11-1111' },
    people: [
      { id: '1', tenant: 'a', ssn: '900-11-1111' },
      { id: '2', tenant: 'b', ssn: '900-22-2222' },
    ],
    rename: () => me,
  });
  const apart = `
version: 1
rules:
  - { name: open, fields: { Query: [me], Employee: [id] }, allow: everyone }
  - { name: ids, fields: { Employee: [ssn] }, allow: { auth: { acr: [mfa] }, scopes: [hr] } }
  - { name: list, fields: { Query: [people] }, allow: { auth: { acr: [mfa] } } }
  - { name: rename, fields: { Mutation: [rename] }, object: new, allow: { auth: { acr: [mfa] } } }
  - { name: apart, types: [Employee], require: { when: object.tenant == claims.tenant } }
`;
  const asked = { code: 'STEP_UP_REQUIRED', acr_values: 'mfa' };

  it('is asked for at the objects that are theirs, and at lists of such', async () => {
    const { query } = await testGateway({ upstreams: { hr: sealed }, rules: apart });
    const field = await query('{ me { id ssn } }', { as: hr({ tenant: 'a' }) });
    expect(codesOf(field)).toEqual([{ ...asked, coordinate: 'Employee.ssn' }]);
    const list = await query('{ people { id } }', { as: hr({ tenant: 'a' }) });
    expect(codesOf(list)).toEqual([{ ...asked, coordinate: 'Query.people' }]);
    const write = await query('mutation { rename(id: "1") { id } }', { as: hr({ tenant: 'a' }) });
    expect([write.status, codesOf(write)]).toEqual([
      401,
      [{ ...asked, coordinate: 'Mutation.rename' }],
    ]);
    const after = await query('{ people { ssn } }', { as: hr({ tenant: 'a', acr: 'mfa' }) });
    expect(after.body.data).toEqual({ people: [{ ssn: '900-11-1111' }, null] });
  });

  it('is not asked for where the object is not theirs, or something else is missing', async () => {
    const { query } = await testGateway({ upstreams: { hr: sealed }, rules: apart });
    for (const as of [hr({ tenant: 'b' }), hr({}), { claims: { tenant: 'a' } }]) {
      const { text } = await query('{ me { ssn } }', { as });
      expect(text).toContain('FORBIDDEN');
      expect(text).not.toContain('STEP_UP');
    }
  });
});

describe('an argument', () => {
  const cases: { name: string; query: string; as: TestCaller; expect: object }[] = [
    {
      name: 'that a new sign-in opens',
      query: '{ people(ssn: "9") { id } }',
      as: {},
      expect: { code: 'STEP_UP_REQUIRED', coordinate: 'Query.people(ssn:)', acr_values: 'mfa' },
    },
    {
      name: 'beside one that it does not',
      query: '{ people(ssn: "9", city: "X") { id } }',
      as: {},
      expect: { code: 'FORBIDDEN', coordinate: 'Query.people(city:)' },
    },
    {
      name: 'beside one that is granted',
      query: 'query ($c: String) { people(city: $c, ssn: "9") { id } }',
      as: { scopes: ['city'] },
      expect: { code: 'STEP_UP_REQUIRED', coordinate: 'Query.people(ssn:)', acr_values: 'mfa' },
    },
  ];
  it.each(cases)('$name', async ({ query, as, expect: expected }) => {
    const variables = { c: 'X' };
    const answer = await gateway.query(query, { as, variables });
    expect(codesOf(answer)).toEqual([expected]);
    expect(gateway.requests).toEqual([]);
  });
});

describe('a whole operation', () => {
  const description = 'Stronger or more recent authentication is required';
  const challenge = (asked: string) =>
    `Bearer error="insufficient_user_authentication", error_description="${description}", ${asked}`;
  const cases: {
    name: string;
    query: string;
    about: QueryOptions;
    status: number;
    coordinate: string;
    challenge?: string;
  }[] = [
    {
      name: 'a write',
      query: 'mutation { rename { id } pay }',
      about: { as: hr({ acr: 'mfa', auth_time: ago(120) }) },
      status: 401,
      coordinate: 'Mutation.pay',
      challenge: challenge('acr_values="mfa", max_age="60"'),
    },
    {
      name: 'a write of somebody without a token',
      query: 'mutation { rename { id } pay }',
      about: {},
      status: 403,
      coordinate: 'Mutation.pay',
    },
    {
      name: 'a write whose argument no sign-in opens',
      query: 'mutation { a: rename { id } pay(amount: 1) }',
      about: { as: hr({ acr: 'pwd' }) },
      status: 403,
      coordinate: 'Mutation.pay',
    },
    {
      name: 'a write that is open beside one that no sign-in opens',
      query: 'mutation { pay b: pay(amount: 1) }',
      about: { as: hr({ acr: 'pwd' }) },
      status: 403,
      coordinate: 'Mutation.pay',
    },
    {
      name: 'a field that rejects',
      query: '{ me { id iban } }',
      about: { as: hr({ acr: 'pwd' }) },
      status: 401,
      coordinate: 'Employee.iban',
      challenge: challenge('acr_values="mfa"'),
    },
    {
      name: 'a field that rejects, in a write that wants more',
      query: 'mutation { rename { iban } pay }',
      about: { as: hr({ acr: 'pwd' }) },
      status: 401,
      coordinate: 'Employee.iban',
      challenge: challenge('acr_values="mfa", max_age="60"'),
    },
    {
      name: 'a field that rejects a stranger',
      query: '{ me { id iban } }',
      about: {},
      status: 403,
      coordinate: 'Employee.iban',
    },
  ];
  it.each(cases)('$name', async ({ query, about, status, coordinate, challenge: said }) => {
    const answer = await gateway.query(query, about);
    expect(answer.status).toBe(status);
    expect(answer.body.data).toBeUndefined();
    expect(answer.headers['www-authenticate']).toBe(said);
    const code = said === undefined ? 'FORBIDDEN' : 'STEP_UP_REQUIRED';
    expect(codesOf(answer)[0]).toMatchObject({ code, coordinate });
    const reason = said === undefined ? 'authorize/denied' : 'authorize/step-up';
    expect(gateway.records[0]?.refusal?.reason).toBe(reason);
    expect([gateway.requests, ran]).toEqual([[], []]);
  });

  it('runs once the sign-in is there', async () => {
    const as = hr({ acr: 'mfa', auth_time: ago(20) });
    const { status, body } = await gateway.query('mutation { pay rename { iban } }', { as });
    expect([status, body.data]).toEqual([200, { pay: true, rename: { iban: 'I' } }]);
  });

  it('in a list says so in its entry, and the list carries no challenge', async () => {
    const authorization = `Bearer ${await tokenOf(hr({ acr: 'pwd' }))}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const text = JSON.stringify([{ query: '{ me { iban } }' }, { query: '{ me { id } }' }]);
    const body = (async function* () {
      yield new TextEncoder().encode(text);
    })();
    const answer = await gateway.send({ headers, body });
    const [first, second] = answer.body as unknown as Answer[];
    expect(answer.status).toBe(200);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(JSON.stringify(first)).toContain('"acr_values":"mfa"');
    expect(second).toEqual({ data: { me: { id: '1' } } });
  });
});

it('the record says which refusals a sign-in would have lifted', async () => {
  const as = { claims: { acr: 'pwd' } };
  await gateway.query('{ me { salary ssn } }', { as });
  expect(gateway.records[0]?.denials).toEqual([
    {
      ...{ coordinate: 'Employee.salary', classes: [], rule: 'pay', scopes: [] },
      ...{ asks: ['auth'], stepUp: true },
    },
    { coordinate: 'Employee.ssn', classes: [], rule: 'ids', scopes: ['hr'], asks: ['auth'] },
  ]);
});

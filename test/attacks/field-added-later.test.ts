/**
 * An upstream is deployed with a field that nobody has thought about yet. Silence means no: it is
 * closed and hidden. A wildcard takes plain new fields in, for that is what it says, but neither
 * structured scalars nor what a rule has put into a class.
 */
import { describe, expect, it } from 'vitest';
import { type TestGateway, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const before = /* GraphQL */ `
  type Query { employee: Employee }
  type Mutation { update(input: Changes!): Employee }
  type Employee { id: ID! name: String }
  input Changes { name: String }
`;
const after = /* GraphQL */ `
  scalar JSON
  scalar Extra
  type Query { employee: Employee salaries: [Int!] }
  type Mutation { update(input: Changes!): Employee fire: Boolean }
  type Employee { id: ID! name: String salary: Int meta: JSON extra: Extra list: [Extra] ssn: String spouse: Spouse }
  type Spouse { name: String }
  input Changes { name: String role: String }
`;
const secret = 'SECRET-77';
const employee = {
  id: '1',
  name: 'Ada',
  salary: 7777,
  meta: { ssn: secret },
  extra: { ssn: secret },
  list: ['plain', { ssn: secret }],
  ssn: secret,
  spouse: { name: secret },
};
const root = { employee, salaries: [7777], update: () => employee, fire: true };

const listed = `
version: 1
rules:
  - name: directory
    fields:
      Query: [employee]
      Employee: [id, name]
      Mutation: [update]
      Changes: [name]
    allow: everyone
`;
const wild = `
version: 1
rules:
  - { name: wide, fields: { Query: [employee], Employee: ["*"] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Employee: [ssn] }, allow: { scopes: [ssn] } }
`;

const open = (sdl: string, rules: string): Promise<TestGateway> =>
  testGateway({ rules, upstreams: { hr: played(sdl, root, { lenient: true }) } });

const attempts = [
  { name: 'a field', given: '{ employee { id salary } }' },
  { name: 'a structured scalar', given: '{ employee { id meta } }' },
  { name: 'an object', given: '{ employee { id spouse { name } } }' },
  { name: 'a root field', given: '{ salaries }' },
  { name: 'a mutation', given: 'mutation { fire }' },
  { name: 'an input field', given: 'mutation { update(input: { role: "admin" }) { id } }' },
  {
    name: 'an input field in a variable',
    given: 'mutation ($i: Changes!) { update(input: $i) { id } }',
    variables: { i: { role: 'admin' } },
  },
];

describe('a field that no rule names', () => {
  it('is public at once in the obvious gateway', async () => {
    const upstreams = { hr: played(after, root) };
    const gateway = obvious({ upstreams, rules: ({ scope }) => ({ Mutation: scope('write') }) });
    const { text } = await gateway.query('{ employee { salary ssn } }');
    expect(text).toContain('7777');
    expect(text).toContain(secret);
  });

  it.each(attempts)('does not exist: $name', async ({ given, variables }) => {
    const [old, next] = [await open(before, listed), await open(after, listed)];
    const about = { as: { scopes: ['admin'] }, ...(variables === undefined ? {} : { variables }) };
    const answer = await next.query(given, about);
    expect(next.records[0]?.refusal?.reason).toMatch(/^limits\/(invalid|variables)$/);
    expect(next.requests).toEqual([]);
    // The very answer of the time before: nothing tells that it is there now.
    expect(answer.text).toBe((await old.query(given, about)).text);
  });

  it('leaves the view of the schema as it was', async () => {
    const [old, next] = [await open(before, listed), await open(after, listed)];
    const query = '{ __schema { types { name fields { name } inputFields { name } } } }';
    expect((await next.query(query)).text).toBe((await old.query(query)).text);
  });
});

describe('a wildcard', () => {
  it('takes a plain field in, as it says', async () => {
    const { body } = await (await open(after, wild)).query('{ employee { salary } }');
    expect(body).toEqual({ data: { employee: { salary: 7777 } } });
  });

  it('does not open a scalar that holds anything', async () => {
    const gateway = await open(after, wild);
    const answer = await gateway.query('{ employee { meta } }', { as: { scopes: ['ssn'] } });
    expect(gateway.records[0]?.refusal?.reason).toBe('limits/invalid');
    expect(answer.text).not.toContain(secret);
    expect(gateway.requests).toEqual([]);
  });

  it('lets no structure out of a scalar of an unknown kind', async () => {
    const { body, text } = await (await open(after, wild)).query('{ employee { extra list } }');
    expect(text).not.toContain(secret);
    expect(body.data).toEqual({ employee: { extra: null, list: ['plain', null] } });
    expect(body.errors?.map((error) => [error.extensions.coordinate, error.path])).toEqual([
      ['Employee.extra', ['employee', 'extra']],
      ['Employee.list', ['employee', 'list', 1]],
    ]);
  });

  it('does not open what has a class', async () => {
    const gateway = await open(after, wild);
    const { body } = await gateway.query('{ employee { name ssn } }');
    expect(body.data).toEqual({ employee: { name: 'Ada', ssn: null } });
    expect(body.errors?.[0]?.extensions.coordinate).toBe('Employee.ssn');
    expect(gateway.requests[0]?.query).not.toContain('ssn');
  });

  it('does not reach the fields of another type', async () => {
    const gateway = await open(after, wild);
    await gateway.query('{ employee { spouse { name } } }');
    expect(gateway.records[0]?.refusal?.reason).toBe('limits/invalid');
  });
});

/** What a refusal looks like: nulls, errors, masks, rejects, and what upstreams are asked for. */
import { buildSchema, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  type Query { employees: [Employee!]! employee(id: ID!): Employee }
  type Mutation { setTitle(id: ID!, title: String!): Employee pay(id: ID!): Boolean }
  type Employee { id: ID! firstName: String! ssn: String! accounts: [Account!]! }
  type Account { iban: String! }
`;
const schema = buildSchema(sdl);
const people = [
  { id: '1', firstName: 'Ada', ssn: '900-11-1111', accounts: [{ iban: 'XX01' }] },
  { id: '2', firstName: 'Bo', ssn: '900-22-2222', accounts: [] },
];
const rootValue = {
  employees: people,
  employee: ({ id }: { id: string }) => people.find((one) => one.id === id),
  setTitle: () => people[0],
  pay: () => true,
};

const rules = `
version: 1
rules:
  - name: directory
    fields: { Query: [employees, employee], Employee: [id, firstName] }
    allow: everyone
  - name: ids
    class: government-id
    fields: { Employee: [ssn] }
    allow: { scopes: [ssn] }
    otherwise:
      - { mask: last4, allow: { scopes: [ssn4] } }
      - deny
  - name: bank
    fields: { Employee: [accounts], Account: ["*"] }
    allow: { scopes: [bank] }
    otherwise: [reject]
  - name: writes
    fields: { Mutation: [setTitle, pay] }
    allow: { scopes: [write] }
`;

const gateway = await testGateway({
  rules,
  upstreams: {
    hr: {
      sdl,
      answer: ({ query, variables }) =>
        execute({ schema, document: parse(query), rootValue, variableValues: variables }),
    },
  },
});

describe('deny', () => {
  it('puts null and FORBIDDEN at each row, and never asks for the field', async () => {
    gateway.requests.length = 0;
    const { body, status } = await gateway.query('{ employees { ssn firstName } }');
    expect(status).toBe(200);
    expect(body.data).toEqual({
      employees: [
        { ssn: null, firstName: 'Ada' },
        { ssn: null, firstName: 'Bo' },
      ],
    });
    expect(Object.keys((body.data as { employees: object[] }).employees[0] ?? {})).toEqual([
      'ssn',
      'firstName',
    ]);
    expect(
      body.errors?.map((error) => [error.extensions.code, error.extensions.coordinate, error.path]),
    ).toEqual([
      ['FORBIDDEN', 'Employee.ssn', ['employees', 0, 'ssn']],
      ['FORBIDDEN', 'Employee.ssn', ['employees', 1, 'ssn']],
    ]);
    expect(gateway.requests.map((request) => request.query).join()).not.toContain('ssn');
  });

  it('fetches nothing of an object whose every field is refused but that it is there', async () => {
    gateway.requests.length = 0;
    const { body } = await gateway.query('{ employee(id: "1") { ssn } }');
    expect(body.data).toEqual({ employee: { ssn: null } });
    expect(gateway.requests).toHaveLength(1);
    expect(gateway.requests[0]?.query).not.toContain('ssn');
  });
});

describe('mask', () => {
  it('shows the last four and says so', async () => {
    const { body } = await gateway.query('{ employee(id: "1") { ssn } }', {
      as: { scopes: ['ssn4'] },
    });
    expect(body).toEqual({
      data: { employee: { ssn: '•••••••1111' } },
      extensions: { masked: ['Employee.ssn'] },
    });
  });
});

describe('reject', () => {
  it('refuses the whole operation before anything runs', async () => {
    gateway.requests.length = 0;
    const { body, status } = await gateway.query('{ employees { firstName accounts { iban } } }');
    expect(status).toBe(403);
    expect(body.data).toBeUndefined();
    expect(body.errors?.[0]?.extensions).toEqual({
      code: 'FORBIDDEN',
      coordinate: 'Employee.accounts',
    });
    expect(gateway.requests).toEqual([]);
  });

  it('refuses a mutation whose second field is denied, before the first runs', async () => {
    gateway.requests.length = 0;
    const { status } = await gateway.query(
      'mutation { a: setTitle(id: "1", title: "x") { id } b: pay(id: "1") }',
    );
    expect(status).toBe(403);
    expect(gateway.requests).toEqual([]);
  });

  it('tells of a field that no sign-in opens, if there is one, and records all', async () => {
    const several = await testGateway({
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [employees], Employee: [id] }, allow: everyone }
  - { name: payments, fields: { Mutation: [pay] }, allow: { auth: { acr: [mfa] } } }
  - { name: titles, fields: { Mutation: [setTitle] }, allow: { scopes: [write] } }
`,
      upstreams: { hr: { sdl, answer: () => ({ data: {} }) } },
    });
    const query = 'mutation { pay(id: "1") setTitle(id: "1", title: "x") { id } }';
    const { body } = await several.query(query, { as: { claims: { acr: 'pwd' } } });
    expect(body.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'FORBIDDEN', coordinate: 'Mutation.setTitle' },
    ]);
    expect(several.records.at(-1)?.denials).toMatchObject([
      { coordinate: 'Mutation.setTitle', rule: 'titles' },
      { coordinate: 'Mutation.pay', rule: 'payments' },
    ]);
    expect(several.requests).toEqual([]);
  });
});

describe('the caller who may', () => {
  it('gets everything in their own spelling', async () => {
    const { body } = await gateway.query(
      'query Q($who: ID!) { me: employee(id: $who) { id: firstName number: ssn ...A } } fragment A on Employee { accounts { iban } }',
      { as: { scopes: ['ssn', 'bank'] }, variables: { who: '1' } },
    );
    expect(body).toEqual({
      data: { me: { id: 'Ada', number: '900-11-1111', accounts: [{ iban: 'XX01' }] } },
    });
  });
});

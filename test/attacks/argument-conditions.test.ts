/**
 * Rules that look at arguments: decided for each use of a field with what is really given, before
 * anything is fetched, and for each request anew.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    employee(id: ID!): Employee
    page(limit: Int = 50, of: Tenant): [Employee!]!
  }
  type Mutation { rename(id: ID!, name: String): Employee note(id: ID!): String }
  type Employee { id: ID! name: String year(of: Int = 2020): String }
  input Tenant { id: ID, inner: Tenant }
`;
const rules = `
version: 1
rules:
  - { name: employee, fields: { Query: [employee] }, allow: { any: [{ scopes: [all] }, { when: args.id == claims.employee_id }] } }
  - { name: page, fields: { Query: [page] }, allow: { when: args.limit <= 10 } }
  - { name: tenant, fields: { Query: ["page(of:)"] }, allow: { when: args.of.id == claims.tenant } }
  - { name: fields, fields: { Employee: [id, name] }, allow: everyone }
  - { name: year, fields: { Employee: [year] }, allow: { when: args.of >= 2024 } }
  - { name: write, fields: { Mutation: [rename, note, "rename(id:)", "rename(name:)", "note(id:)"] }, allow: { when: args.id == claims.employee_id } }
`;
const employee = {
  id: '1',
  name: 'Ada',
  year: ({ of }: { of: number }) => `year ${of}`,
};
const gateway = await testGateway({
  upstreams: {
    hr: played(sdl, {
      employee: ({ id }: { id: string }) => ({ ...employee, id }),
      page: [employee],
      rename: employee,
      note: 'noted',
    }),
  },
  rules,
});
const as = { claims: { employee_id: '1', tenant: 'a' } };

async function ask(query: string, variables?: Record<string, unknown>, who: object = as) {
  const before = gateway.requests.length;
  const options = { as: who, ...(variables && { variables }) };
  const answer = await gateway.query(query, options);
  const sent = gateway.requests
    .slice(before)
    .map((one) => JSON.stringify(one))
    .join('\n');
  return { ...answer, sent };
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

describe('a field that its arguments decide', () => {
  it('is decided at each alias', async () => {
    const query =
      '{ a: employee(id: "1") { id } b: employee(id: "2") { id } c: employee(id: 1) { id } }';
    const { body, sent } = await ask(query);
    expect(body.data).toEqual({ a: { id: '1' }, b: null, c: { id: '1' } });
    expect(body.errors?.map(({ path }) => path)).toEqual([['b']]);
    expect(sent).not.toContain('"2"');
    expect(sent).not.toContain('\\"2\\"');
  });

  it('is decided for each value of a variable, whatever ran before', async () => {
    const query = 'query($id: ID!) { employee(id: $id) { id name } }';
    for (const id of ['1', '1', '1', '2', '2', '2', '1', 2, 1]) {
      const { body, sent } = await ask(query, { id });
      const mine = String(id) === '1';
      expect(body.data).toEqual({ employee: mine ? { id: '1', name: 'Ada' } : null });
      expect(sent === '').toBe(!mine);
    }
  });

  it('is decided for each caller, whoever warmed the caches', async () => {
    const query = 'query($id: ID!) { employee(id: $id) { id } }';
    for (const employee_id of ['1', '2', '1', '2', '2']) {
      const { body } = await ask(query, { id: '1' }, { claims: { employee_id } });
      expect(body.data).toEqual({ employee: employee_id === '1' ? { id: '1' } : null });
    }
    const { body } = await ask(query, { id: '7' }, { scopes: ['all'] });
    expect(body.data).toEqual({ employee: { id: '7' } });
  });

  it('is refused where the token says nothing', async () => {
    for (const claims of [{}, { employee_id: null }, { employee_id: '' }]) {
      const { body, sent } = await ask('{ employee(id: "") { id } }', undefined, { claims });
      expect(body.data).toEqual({ employee: null });
      expect(sent).toBe('');
    }
  });

  it('is decided by defaults, of the schema and of the operation', async () => {
    expect((await ask('{ page { id } }')).body.data).toEqual({ page: null });
    expect((await ask('{ page(limit: 5) { id } }')).body.data).toEqual({ page: [{ id: '1' }] });
    expect((await ask('{ page(limit: null) { id } }')).body.data).toEqual({ page: null });
    const query = 'query($limit: Int = 5) { page(limit: $limit) { id year y: year(of: 2024) } }';
    const five = [{ id: '1', year: null, y: 'year 2024' }];
    expect((await ask(query)).body.data).toEqual({ page: five });
    expect((await ask(query, { limit: 11 })).body.data).toEqual({ page: null });
    expect((await ask(query, { limit: 10 })).body.data).toEqual({ page: five });
    expect((await ask(query, { limit: null })).body.data).toEqual({ page: null });
    const bare = 'query($limit: Int) { page(limit: $limit) { id } }';
    // Without a value the default of the schema counts.
    expect((await ask(bare)).body.data).toEqual({ page: null });
  });

  it('is decided by the default of what the caller does not see, as the upstream does', async () => {
    const hiding = await testGateway({
      upstreams: { hr: played(sdl, { page: [employee], employee }) },
      rules: `
version: 1
rules:
  - { name: fields, fields: { Employee: [id], Query: [employee] }, allow: everyone }
  - { name: page, fields: { Query: [page] }, allow: { when: '!has(args.limit) || args.limit <= 10' } }
  - { name: limit, fields: { Query: ["page(limit:)"] }, allow: { scopes: [limit] }, otherwise: [hide] }
  - { name: year, fields: { Employee: [year] }, allow: { when: 'object.id == "1" && !has(args.of)' } }
  - { name: of, fields: { Employee: ["year(of:)"] }, allow: { scopes: [limit] }, otherwise: [hide] }
`,
    });
    for (const scopes of [[], ['limit']]) {
      const { body } = await hiding.query('{ page { id } employee(id: "1") { year } }', {
        as: { scopes },
      });
      expect(body.data).toEqual({ page: null, employee: { year: null } });
      expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual([
        'FORBIDDEN',
        'FORBIDDEN',
      ]);
    }
    const few = await hiding.query('{ page(limit: 10) { id } }', { as: { scopes: ['limit'] } });
    expect(few.body).toEqual({ data: { page: [{ id: '1' }] } });
  });

  it('holds for arguments that a rule names', async () => {
    const query = 'query($of: Tenant) { page(limit: 1, of: $of) { id } }';
    expect((await ask(query, { of: { id: 'a' } })).body.data).toEqual({ page: [{ id: '1' }] });
    for (const of of [{ id: 'b' }, {}, { id: null }, { inner: { id: 'a' } }]) {
      const { body, sent } = await ask(query, { of });
      expect(body.data).toEqual({ page: null });
      expect(sent).toBe('');
    }
    const literal =
      '{ a: page(limit: 1, of: { id: "a" }) { id } b: page(limit: 1, of: { id: "b" }) { id } }';
    expect((await ask(literal)).body.data).toEqual({ a: [{ id: '1' }], b: null });
  });

  it('refuses a write whole, before anything is done', async () => {
    const query = 'mutation($id: ID!) { note(id: "1") rename(id: $id, name: "x") { id } }';
    const { body, sent, status } = await ask(query, { id: '2' });
    expect(status).toBe(403);
    expect(body.data).toBeUndefined();
    expect(sent).toBe('');
    const mine = await ask(query, { id: '1' });
    expect(mine.body.data).toEqual({ note: 'noted', rename: { id: '1' } });
    expect((await ask(query, { id: '2' })).status).toBe(403);
  });

  it('is decided alone in a list of operations', async () => {
    const batching = await testGateway({
      upstreams: { hr: played(sdl, { employee }) },
      rules,
      batch: 5,
    });
    const token = await batching.tokenOf(as);
    const query = 'query($id: ID!) { employee(id: $id) { id } }';
    const body = JSON.stringify(['1', '2', '1'].map((id) => ({ query, variables: { id } })));
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const answer = await batching.send({ headers, body: chunks(body) });
    const parsed = answer.body as unknown as { data: unknown }[];
    expect(parsed.map(({ data }) => data)).toEqual([
      { employee: { id: '1' } },
      { employee: null },
      { employee: { id: '1' } },
    ]);
  });
});

/**
 * The whole gateway over a real document and a stand-in upstream that is built from it, on real
 * sockets: what is classified stays where it is, ids stay ids, credentials are the gateway's.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listOperations } from '../../gateway/delegate/openapi/document/list-operations.ts';
import { loadOpenApi } from '../../gateway/delegate/openapi/load-openapi.ts';
import { sampleOf } from '../support/sample-json.ts';
import { type PlayedUpstream, playUpstream, type Served, serveFiles } from '../support/served.ts';
import { audience, issuer, type TestCaller, testKeys, tokenOf } from '../support/tokens.ts';
import { apideck as source } from './documents.ts';

const ssn = '123-45-6789';
const iban = 'CH2989144532982975332';

interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

let upstream: PlayedUpstream;
let gateway: Served & AsyncDisposable;
let directory = '';
let seen: Seen[] = [];

/** Answers what the document describes and nothing else. */
async function playDocument(): Promise<PlayedUpstream> {
  const { listed } = listOperations(await loadOpenApi(source));
  return playUpstream((request, response, body) => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const { method = '', headers } = request;
    seen.push({ method, path, query: new URLSearchParams(query), headers, body });
    const found = listed.find(
      (each) =>
        each.method === method &&
        new RegExp(`^${each.path.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`).test(path),
    );
    if (found === undefined) return response.writeHead(404).end('{}');
    const [status, content] = [...found.responses].find(([one]) => one.startsWith('2')) ?? [];
    const answer = sampleOf(content?.['application/json']?.schema);
    response.writeHead(Number(status ?? 204), { 'content-type': 'application/json' });
    return response.end(
      JSON.stringify(answer)
        .replaceAll('the social_security_number', ssn)
        .replaceAll('the iban', iban),
    );
  });
}

beforeAll(async () => {
  upstream = await playDocument();
  directory = await mkdtemp(join(tmpdir(), 'fieldgate-corpus-'));
  await copyFile(source, join(directory, 'hris.yml'));
  gateway = await serveFiles({
    'keys.json': (await testKeys()).text,
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  apideck:
    openapi: ${join(directory, 'hris.yml')}
    url: ${upstream.url}
    operations: all
    select: { parameter: fields, in: data, nested: dotted }
    headers:
      authorization: Bearer upstream-key
      x-apideck-app-id: the-app
      x-apideck-consumer-id: "{claims.consumer}"
identity:
  jwt:
    - { issuer: "${issuer}", audience: ${audience}, jwks: keys.json, algorithms: [ES256], scopes: scope, roles: roles, client: azp }
introspection: everyone
`,
    'policies/access/hr.yaml': `
version: 1
rules:
  - name: directory
    fields:
      Query: [employeesOne, employeesAll]
      GetEmployeeResponse: [data, status]
      GetEmployeesResponse: [data]
      Employee: [id, first_name, last_name, title, addresses]
      Address: [id, city]
    allow: { scopes: [hr:read] }
  - name: ssn
    class: government-id
    fields: { Employee: [social_security_number] }
    allow: { scopes: [hr:ssn:read] }
  - name: bank
    class: banking
    fields: { Employee: [bank_accounts], BankAccount: ["iban", "bank_name"] }
    allow: { scopes: [payroll:read] }
  - name: writing
    fields:
      Mutation: [employeesUpdate]
      UpdateEmployeeResponse: [status]
      EmployeeInput: [first_name]
    allow: { scopes: [hr:write] }
`,
  });
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  await gateway?.close();
  await upstream?.close();
  await rm(directory, { recursive: true, force: true });
});

const clerk: TestCaller = { scopes: ['hr:read'], claims: { consumer: 'c-1' } };
const payroll: TestCaller = {
  scopes: ['hr:read', 'hr:ssn:read', 'payroll:read'],
  claims: { consumer: 'c-1' },
};

async function ask(query: string, as: TestCaller = clerk, variables: object = {}) {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await tokenOf(as)}`,
      'x-apideck-app-id': 'a-caller-says',
    },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  return { text, body: JSON.parse(text) };
}

describe('an employee', () => {
  test('is read; what is denied is not even asked for, nor let out', async () => {
    const query =
      '{ employeesOne(id: "7") { data { first_name social_security_number bank_accounts { iban } } } }';
    const { text, body } = await ask(query);
    expect(body.data.employeesOne.data).toEqual({
      first_name: 'the first_name',
      social_security_number: null,
      bank_accounts: null,
    });
    expect(
      body.errors.map((error: { extensions: { code: string } }) => error.extensions.code),
    ).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(text).not.toContain(ssn);
    expect(text).not.toContain(iban);
    expect(seen.map(({ query: sent }) => sent.get('fields'))).toEqual(['first_name']);
  });

  test('is whole for those who may see it', async () => {
    const query =
      '{ employeesOne(id: "7") { data { social_security_number bank_accounts { iban } addresses { city } } } }';
    const { body } = await ask(query, payroll);
    expect(body).toEqual({
      data: {
        employeesOne: {
          data: {
            social_security_number: ssn,
            bank_accounts: [{ iban }],
            addresses: [{ city: 'the city' }],
          },
        },
      },
    });
    expect(seen[0]?.query.get('fields')).toBe(
      'social_security_number,bank_accounts.iban,addresses.city',
    );
  });

  test('in a list is guarded alike, under any alias', async () => {
    const query =
      '{ a: employeesAll(limit: 2) { data { id: social_security_number } } b: employeesAll(limit: 3) { data { id } } }';
    const { text } = await ask(query);
    expect(text).not.toContain(ssn);
    expect(text).toContain('FORBIDDEN');
    // How many rows there are is asked all the same: nothing of them is named.
    const asked = seen.map(({ query: sent }) => [sent.get('limit'), sent.get('fields')]);
    expect(asked.sort()).toEqual([
      ['2', null],
      ['3', 'id'],
    ]);
  });
});

describe('ids', () => {
  const hostile = ['..', '../../vault', '..%2f..', '%2e%2e', '', '.', 'a/../../b', 'a\\..\\b'];
  test.each(hostile)('%j reaches no other route', async (id) => {
    const { body } = await ask(
      'query ($id: ID!) { employeesOne(id: $id) { data { first_name } } }',
      clerk,
      { id },
    );
    for (const { path } of seen) expect(path).toMatch(/^\/hris\/employees\/[^/]+$/);
    const isSent = seen.length > 0;
    if (!isSent) expect(body.errors).toHaveLength(1);
    const decoded = seen.map(({ path }) => decodeURIComponent(path.split('/').at(-1) ?? ''));
    expect(decoded).toEqual(isSent ? [id] : []);
  });

  test.each(['7?fields=ssn', '7&raw=true', '7#x', '7;a=b', '7%3Fraw=true'])(
    '%j adds no parameter',
    async (id) => {
      await ask('query ($id: ID!) { employeesOne(id: $id) { data { first_name } } }', clerk, {
        id,
      });
      expect(seen.map(({ query }) => [...query.keys()])).toEqual([['fields']]);
      expect(decodeURIComponent(seen[0]?.path ?? '')).toBe(`/hris/employees/${id}`);
    },
  );
});

test('credentials are the gateway’s, and no argument or inbound header changes them', async () => {
  const { body } = await ask('{ __type(name: "Query") { fields { args { name } } } }');
  const names = JSON.stringify(body).toLowerCase();
  expect(names).toContain('"id"');
  expect(names).not.toMatch(/apideck|authorization|consumer/);
  await ask('{ employeesOne(id: "7") { data { first_name } } }');
  expect(seen[0]?.headers).toMatchObject({
    authorization: 'Bearer upstream-key',
    'x-apideck-app-id': 'the-app',
    'x-apideck-consumer-id': 'c-1',
  });
});

test('the sparse-fieldset parameter is no argument', async () => {
  const { text } = await ask(
    '{ employeesOne(id: "7", fields: "social_security_number") { data { id } } }',
  );
  expect(text).toContain('GRAPHQL_VALIDATION_FAILED');
  expect(seen).toEqual([]);
});

test('a write carries what a rule lists and no more', async () => {
  const writer: TestCaller = { scopes: ['hr:write'], claims: { consumer: 'c-1' } };
  const update = (input: string) =>
    `mutation { employeesUpdate(id: "7", input: ${input}) { status } }`;
  await ask(update('{ first_name: "Ana" }'), writer);
  expect(seen.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([
    ['PATCH', { first_name: 'Ana' }],
  ]);
  seen = [];
  await ask(update(`{ social_security_number: "${ssn}" }`), writer);
  expect(seen).toEqual([]);
});

/** The stand-in HRIS over a real socket: its document, its refusals, its tenants, its log. */
import { fileURLToPath } from 'node:url';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RunningHris, startHris } from '../../subgraphs/hris/server.ts';

let hris: RunningHris;
let lines: string[] = [];

beforeAll(async () => {
  hris = await startHris({ port: 0, host: '127.0.0.1', log: (line) => lines.push(line) });
});
beforeEach(() => {
  lines = [];
});
afterAll(() => hris.close());

async function call(
  path: string,
  options: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: 'Bearer demo', 'x-tenant-id': 'aurora', ...options.headers };
  const { method = 'GET', body } = options;
  const request = body === undefined ? { method, headers } : { method, headers, body };
  const response = await fetch(`${hris.url}${path}`, request);
  return { status: response.status, body: await response.json() };
}

const document = fileURLToPath(new URL('../../subgraphs/hris/openapi.yaml', import.meta.url));

test('the document is valid OpenAPI 3.1', async () => {
  await expect(SwaggerParser.validate(document)).resolves.toMatchObject({ openapi: '3.1.0' });
});

interface ObjectSchema {
  required: string[];
  properties: Record<string, { enum?: string[] }>;
}
interface SchemaDocument {
  components: { schemas: Record<string, ObjectSchema> };
}

const shapeCases = [
  { name: 'Employee', given: '/employees?limit=100' },
  { name: 'Employee', given: '/employees/1001' },
  { name: 'Employment', given: '/employees/1001/employment' },
  { name: 'TimeOff', given: '/employees/1005/time-off' },
];
test.each(shapeCases)('$given is what the document says of $name', async ({ name, given }) => {
  const { components } = (await SwaggerParser.dereference(document)) as unknown as SchemaDocument;
  const schema = components.schemas[name];
  const { body } = await call(given);
  const rows = (Array.isArray(body) ? body : [body]) as Record<string, string>[];
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    expect(Object.keys(row).sort()).toEqual([...(schema?.required ?? [])].sort());
    for (const [key, value] of Object.entries(row)) {
      const allowed = schema?.properties[key]?.enum;
      if (allowed !== undefined) expect(allowed).toContain(value);
    }
  }
});

const json = { 'content-type': 'application/json' };
const refusals = [
  { name: 'no credentials', path: '/employees', headers: { authorization: '' }, expect: 401 },
  {
    name: 'other credentials',
    path: '/employees',
    headers: { authorization: 'Bearer x' },
    expect: 401,
  },
  { name: 'limit over 100', path: '/employees?limit=101', expect: 400 },
  { name: 'limit zero', path: '/employees?limit=0', expect: 400 },
  { name: 'unknown parameter', path: '/employees?ssn=9', expect: 400 },
  { name: 'unknown department', path: '/employees?department=x', expect: 400 },
  { name: 'nobody', path: '/employees/9999', expect: 404 },
  { name: 'a person of another tenant', path: '/employees/1002', expect: 404 },
  { name: 'unknown part', path: '/employees/1001/salary', expect: 404 },
  { name: 'broken escape', path: '/employees/%E0%A4%A', expect: 400 },
  { name: 'wrong method', path: '/employees', method: 'DELETE', expect: 405 },
  {
    name: 'body that is no JSON',
    path: '/employees/1001',
    method: 'PATCH',
    body: '{',
    expect: 400,
  },
  {
    name: 'SSN in an update',
    path: '/employees/1001',
    method: 'PATCH',
    body: '{"ssn":"1"}',
    expect: 400,
  },
  {
    name: 'a huge body',
    path: '/employees/1001',
    method: 'PATCH',
    body: `"${'x'.repeat(70_000)}"`,
    expect: 400,
  },
  {
    name: 'time off that ends before it starts',
    path: '/employees/1001/time-off',
    method: 'POST',
    body: '{"kind":"vacation","startDate":"2026-05-02","endDate":"2026-05-01"}',
    expect: 400,
  },
];
test.each(refusals)('refuses: $name', async ({ name: _, path, expect: status, ...options }) => {
  const answer = await call(path, options);
  expect(answer.status).toBe(status);
  expect(Object.keys(answer.body as object)).toEqual(['error']);
});

test('lists page by page within one tenant, by department where asked', async () => {
  const tenantsOf = (body: unknown) =>
    new Set((body as { tenantId: string }[]).map((row) => row.tenantId));
  const first = await call('/employees');
  expect(first.body).toHaveLength(20);
  expect(tenantsOf(first.body)).toEqual(new Set(['aurora']));
  const second = await call('/employees?limit=5&offset=5');
  expect(second.body).toEqual((first.body as unknown[]).slice(5, 10));
  const legal = (await call('/employees?department=legal&limit=100')).body as {
    department: string;
  }[];
  expect(legal.length).toBeGreaterThan(10);
  expect(new Set(legal.map(({ department }) => department))).toEqual(new Set(['legal']));
});

test('an update changes what it names and is seen afterwards', async () => {
  const before = (await call('/employees/1003')).body as Record<string, unknown>;
  const body = '{"jobTitle":"Chief Tinkerer"}';
  const changed = await call('/employees/1003', { method: 'PATCH', body, headers: json });
  expect(changed).toEqual({ status: 200, body: { ...before, jobTitle: 'Chief Tinkerer' } });
  expect((await call('/employees/1003')).body).toEqual(changed.body);
});

test('time off is added up to a bound', async () => {
  const body = '{"kind":"vacation","startDate":"2026-05-01","endDate":"2026-05-02"}';
  const statuses: number[] = [];
  for (let index = 0; index < 51; index += 1) {
    const options = { method: 'POST', body, headers: json };
    statuses.push((await call('/employees/1007/time-off', options)).status);
  }
  expect(statuses[0]).toBe(201);
  expect(statuses.at(-1)).toBe(409);
  expect((await call('/employees/1007/time-off')).body).toHaveLength(50);
});

test('the log has method and path, no query and no body', async () => {
  await call('/employees?department=legal');
  await call('/employees/1001', { method: 'PATCH', body: '{"jobTitle":"Secret"}' });
  expect(lines).toEqual(['GET /employees', 'PATCH /employees/1001']);
});

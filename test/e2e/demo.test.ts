/**
 * The demo from `npm start` to SIGTERM: the printed tokens and curl lines are used as printed, and
 * payroll's own log tells what it was asked for.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TypedDocumentString } from '../generated/graphql.ts';
import { type DemoProcess, startDemoProcess } from './demo-process.ts';
import { directoryDocument, payDocument, updateEmployeeDocument } from './documents.ts';

interface Answer<Data> {
  data?: Data | null;
  errors?: { path?: (string | number)[]; extensions: { code: string; coordinate?: string } }[];
  extensions?: Record<string, unknown>;
}

interface Row {
  firstName: string | null;
  ssn: string | null;
  bankAccounts: { iban: string; primary: boolean }[] | null;
}

let demo: DemoProcess;

beforeAll(async () => {
  demo = await startDemoProcess();
}, 45_000);
afterAll(() => demo?.cleanUp());

async function post<Data>(url: string, name: string, body: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${demo.callers[name]?.token}`,
    },
    body,
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as Answer<Data> };
}

/** What the printed curl line of a caller sends. */
async function asPrinted(name: string) {
  const caller = demo.callers[name];
  const answer = await post<{ employees: Row[] }>(caller?.url ?? '', name, caller?.body ?? '');
  return { ...answer, rows: answer.body.data?.employees ?? [] };
}

function typed<Data, Variables>(
  name: string,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
) {
  const body = JSON.stringify({ query: document.toString(), variables });
  return post<Data>(demo.endpoint, name, body);
}

const codesAt = (answer: Answer<unknown>) =>
  (answer.errors ?? []).map(
    ({ path, extensions }) => `${extensions.code} ${path?.join('.')} ${extensions.coordinate}`,
  );

const refusedAt = (...fields: string[]) =>
  [0, 1].flatMap((row) =>
    fields.map((field) => `FORBIDDEN employees.${row}.${field} Employee.${field}`),
  );

const payrollLines = () => demo.printed().match(/^payroll \| .*$/gm) ?? [];

test('prints an endpoint and four callers that all ask it the same', () => {
  const { endpoint, callers } = demo;
  expect(Object.keys(callers)).toEqual(['partner', 'hr', 'payroll', 'manager']);
  expect(new Set(Object.values(callers).map(({ url }) => url))).toEqual(new Set([endpoint]));
  expect(new Set(Object.values(callers).map(({ body }) => body)).size).toBe(1);
});

test('without a token nothing is answered', async () => {
  const body = demo.callers.partner?.body ?? '';
  const response = await fetch(demo.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(response.status).toBe(401);
});

test('the partner gets names, and neither SSN nor bank data is fetched for it', async () => {
  const { status, rows, text, body } = await asPrinted('partner');
  expect(status).toBe(200);
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    expect(row.firstName).toMatch(/^[A-Z][a-z]+$/);
    expect(row).toMatchObject({ ssn: null, bankAccounts: null });
  }
  expect(codesAt(body).sort()).toEqual(refusedAt('bankAccounts', 'ssn').sort());
  // The HRIS sends the SSN unasked: it is dropped as its answer is read.
  expect(text).not.toMatch(/\d{3}-\d{2}-\d{4}/);
});

test('HR gets the SSN masked, and no bank data', async () => {
  const { rows, text, body } = await asPrinted('hr');
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    expect(row.ssn).toMatch(/^•{7}\d{4}$/u);
    expect(row.bankAccounts).toBeNull();
  }
  expect(body.extensions?.masked).toEqual(['Employee.ssn']);
  expect(codesAt(body).sort()).toEqual(refusedAt('bankAccounts'));
  expect(text).not.toMatch(/\d{3}-\d{2}-\d{4}/);
});

test('payroll gets the SSN whole and bank accounts joined to the employees', async () => {
  const { rows, body } = await asPrinted('payroll');
  expect(body.errors).toBeUndefined();
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    expect(row.ssn).toMatch(/^9\d\d-[1-4]\d-\d{4}$/);
    expect(row.bankAccounts?.[0]).toMatchObject({ primary: true });
    expect(row.bankAccounts?.[0]?.iban).toMatch(/^GB\d\dFICT/);
  }
});

test('the log of payroll shows one request, and it is the one of the caller with the scope', async () => {
  // Lines come in order: once this caller's request shows, an earlier caller's would have, too.
  await demo.until(/^payroll \| .*bankAccounts/m);
  expect(payrollLines()).toHaveLength(1);
  expect(payrollLines()[0]).toContain('iban');
});

test('typed documents: a manager is followed, pay is joined to the right person', async () => {
  const directory = await typed('partner', directoryDocument, { limit: 2 });
  const [head, second] = directory.body.data?.employees ?? [];
  expect(head).toMatchObject({ id: '1001', manager: null });
  expect(second?.manager).toEqual({ id: '1001', firstName: head?.firstName });

  const pay = await typed('payroll', payDocument, { id: '1003' });
  const { employee } = pay.body.data ?? {};
  expect(employee?.salary).toMatchObject({ currency: 'USD', period: 'YEAR' });
  expect(employee?.bankAccounts?.[0]?.holder).toContain(employee?.firstName);
  expect(employee?.payslips).toHaveLength(1);
});

test('only who may write writes; a refused write reaches no service', async () => {
  const change = { id: '1005', input: { jobTitle: 'Lamplighter' } };
  const refused = await typed('partner', updateEmployeeDocument, change);
  expect(refused.status).toBe(403);
  expect(refused.body.data ?? null).toBeNull();
  expect(refused.body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);

  const done = await typed('hr', updateEmployeeDocument, change);
  expect(done.body).toEqual({ data: { updateEmployee: { id: '1005', jobTitle: 'Lamplighter' } } });
  await demo.until(/^hris +\| PATCH \/employees\/1005$/m);
  expect(demo.printed().match(/^hris +\| PATCH/gm)).toHaveLength(1);
});

test('a manager gets their own bank accounts, and nobody else’s', async () => {
  const { rows, body } = await asPrinted('manager');
  expect(rows.map(({ bankAccounts }) => bankAccounts !== null)).toEqual([false, true]);
  const refused = refusedAt('bankAccounts', 'ssn').filter((one) => !one.includes('.1.bank'));
  expect(codesAt(body).sort()).toEqual(refused.sort());
});

test('the printed changes: the one of a report is made, the other reaches no service', async () => {
  const [, line = ''] = await demo.until(/^changing jobs: .*\n +try +curl .* -d '(.*)'$/m);
  const { body } = await post(demo.endpoint, 'manager', line);
  expect(body.data).toEqual({ a: { jobTitle: 'Lead' }, b: null });
  expect(codesAt(body)).toEqual(['FORBIDDEN b Mutation.updateEmployee']);
  await demo.until(/^hris +\| GET \/employees\/1015$[\s\S]*^hris +\| PATCH \/employees\/1015$/m);
  await demo.until(/^hris +\| GET \/employees\/1005$/m);
  // The other one is of an earlier caller, who may.
  const written = demo.printed().match(/^hris +\| PATCH .*$/gm) ?? [];
  expect(written.map((line) => line.split('/').at(-1))).toEqual(['1005', '1015']);
});

test('the printed guesses: five reach the accounts service, the sixth is refused', async () => {
  const [, body = ''] = await demo.until(/^ +try +for n in 1 2 3 4 5 6; do curl .* -d '(.*)' -w /m);
  const answers = [];
  for (let guess = 0; guess < 6; guess += 1)
    answers.push(await post(demo.endpoint, 'partner', body));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
  const codes = answers.flatMap(({ body: { errors } }) => errors ?? []);
  expect(codes.map(({ extensions }) => extensions.code)).toEqual([
    ...Array.from({ length: 5 }, () => 'UPSTREAM_FAILED'),
    'RATE_LIMITED',
  ]);
  await demo.until(/(?:^accounts \| POST \/sign-in$[\s\S]*?){5}/m);
  expect(demo.printed().match(/^accounts \| POST/gm)).toHaveLength(5);
});

test('the right password signs in, for another account', async () => {
  const query = `mutation { signIn(input: { email: "Bo@example.test", password: "seven green bottles" }) { displayName session } }`;
  const { body } = await post(demo.endpoint, 'partner', JSON.stringify({ query }));
  expect(body).toMatchObject({ data: { signIn: { displayName: 'Bo' } } });
  const { status } = await post(demo.endpoint, 'hr', JSON.stringify({ query }));
  expect(status).toBe(403);
});

test('a person of another tenant is nobody', async () => {
  const { body } = await typed('payroll', payDocument, { id: '1002' });
  expect(body).toEqual({ data: { employee: null } });
});

test('in a browser the endpoint opens GraphiQL', async () => {
  const response = await fetch(demo.endpoint, { headers: { accept: 'text/html' } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/html');
});

test('the console is where it is printed', async () => {
  const [, url = ''] = await demo.until(/console +(\S+)/);
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<title>Fieldgate console</title>');
});

test('SIGTERM ends all of it within five seconds', async () => {
  const { tookMs } = await demo.stop();
  expect(tookMs).toBeLessThan(5_000);
  await expect(fetch(demo.endpoint)).rejects.toThrow();
}, 15_000);

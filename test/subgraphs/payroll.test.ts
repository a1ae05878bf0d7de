/** The stand-in payroll over a real socket: batches, tenants, changes, and what its log shows. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { documentLine } from '../../subgraphs/payroll/document-line.ts';
import { fictionalIban } from '../../subgraphs/payroll/iban.ts';
import { type RunningPayroll, startPayroll } from '../../subgraphs/payroll/server.ts';

let payroll: RunningPayroll;
let lines: string[] = [];

beforeAll(async () => {
  payroll = await startPayroll({ port: 0, host: '127.0.0.1', log: (line) => lines.push(line) });
});
beforeEach(() => {
  lines = [];
});
afterAll(() => payroll.close());

async function ask(
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<{ status: number; body: { data?: unknown; errors?: unknown[] } }> {
  const response = await fetch(payroll.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer demo',
      'x-tenant-id': 'aurora',
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as { data?: unknown; errors?: unknown[] };
  return { status: response.status, body };
}

test('other credentials are refused before the document is read', async () => {
  const answer = await ask('{ __typename }', {}, { authorization: 'Bearer x' });
  expect(answer.status).toBe(401);
  expect(lines).toEqual([]);
});

test('a batch is answered in the order asked for, null for nobody and for other tenants', async () => {
  const { body } = await ask('query ($ids: [ID!]!) { employeesById(ids: $ids) { id } }', {
    ids: ['1003', '1002', 'nobody', '1001', '1003'],
  });
  const row = (id: string) => ({ id });
  expect(body).toEqual({
    data: { employeesById: [row('1003'), null, null, row('1001'), row('1003')] },
  });
});

test('a batch is bounded', async () => {
  const ids = Array.from({ length: 1_001 }, (_, index) => String(index));
  const { body } = await ask('query ($ids: [ID!]!) { employeesById(ids: $ids) { id } }', { ids });
  expect(body.data).toBeNull();
  expect(body.errors).toHaveLength(1);
});

const slipCases = [
  { name: 'three by default', given: '', expect: 3 },
  { name: 'three for an explicit null', given: '(last: null)', expect: 3 },
  { name: 'as many as asked for', given: '(last: 5)', expect: 5 },
  { name: 'none below zero', given: '(last: -2)', expect: 0 },
  { name: 'no more than there are', given: '(last: 99)', expect: 12 },
];
test.each(slipCases)('payslips: $name', async ({ given, expect: count }) => {
  const { body } = await ask(`{ employeesById(ids: ["1001"]) { payslips${given} { id month } } }`);
  const { employeesById } = body.data as { employeesById: { payslips: { month: string }[] }[] };
  const months = employeesById[0]?.payslips.map(({ month }) => month) ?? [];
  expect(months).toHaveLength(count);
  expect(months).toEqual([...months].sort().reverse());
});

test('a payslip is found by id, in its own tenant', async () => {
  const { body } = await ask(
    '{ own: payslip(id: "1001-2026-03") { id month } other: payslip(id: "1002-2026-03") { id } }',
  );
  expect(body.data).toEqual({ own: { id: '1001-2026-03', month: '2026-03' }, other: null });
});

const update =
  'mutation ($id: ID!, $input: BankAccountInput!) { updateBankAccount(employeeId: $id, input: $input) { iban primary } }';

test('a new account takes the place of the primary one', async () => {
  const iban = fictionalIban(77_000_001);
  const input = { iban, holder: 'Somebody New' };
  const { body } = await ask(update, { id: '1005', input });
  expect(body).toEqual({ data: { updateBankAccount: { iban, primary: true } } });
  const after = await ask('{ employeesById(ids: ["1005"]) { bankAccounts { iban primary } } }');
  const { employeesById } = after.body.data as {
    employeesById: { bankAccounts: { iban: string; primary: boolean }[] }[];
  };
  const primary = employeesById[0]?.bankAccounts.filter((account) => account.primary);
  expect(primary).toEqual([{ iban, primary: true }]);
});

test('an account of another tenant or a malformed IBAN changes nothing', async () => {
  const input = { iban: fictionalIban(77_000_002), holder: 'Somebody New' };
  expect((await ask(update, { id: '1002', input })).body).toEqual({
    data: { updateBankAccount: null },
  });
  const wrong = await ask(update, { id: '1005', input: { ...input, iban: 'GB00FICT' } });
  expect(wrong.body.errors).toHaveLength(1);
});

test('the log has one line per request: the fields asked for, none of the values', async () => {
  await ask('query Pay($ids: [ID!]!) {\n  employeesById(ids: $ids) { id salary { amount } }\n}', {
    ids: ['1001'],
  });
  await ask('{ payslip(id: "1001-2026-03") { net } }');
  expect(lines).toEqual([
    'query Pay($ids:[ID!]!){employeesById(ids:$ids){id salary{amount}}}',
    '{payslip(id:_){net}}',
  ]);
});

const lineCases = [
  {
    name: 'every kind of literal',
    given: '{a(b:"x",c:1,d:1.5,e:true,f:G,h:[1,{i:"j"}])}',
    expect: '{a(b:_ c:_ d:_ e:_ f:_ h:[_{i:_}])}',
  },
  {
    name: 'defaults of variables',
    given: 'query($a:Int=7){b(c:$a)}',
    expect: 'query($a:Int=_){b(c:$a)}',
  },
  { name: 'comments', given: '{a # secret\n}', expect: '{a}' },
  { name: 'what does not parse', given: '{ secret', expect: 'unreadable document' },
];
test.each(lineCases)('document line: $name', ({ given, expect: line }) => {
  expect(documentLine(given)).toBe(line);
});

test('a document line is bounded', () => {
  expect(documentLine(`{${'field '.repeat(1_000)}}`)).toHaveLength(2_001);
});

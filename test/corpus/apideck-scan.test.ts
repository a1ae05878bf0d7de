/**
 * `scan` over a real document that knows nothing of us: the fields of an employee that a person would
 * call sensitive are found, and of those that nobody would, none.
 */
import { expect, test } from 'vitest';
import { runCommand } from '../cli/run-command.ts';
import { apideck as source } from './documents.ts';

const files = {
  'gateway.yaml': `
version: 1
upstreams: { apideck: { openapi: ${source}, url: "http://127.0.0.1:1", operations: all } }
identity: { anonymous: allow }
`,
  'policies/access/hr.yaml': `version: 1
rules:
  - name: directory
    fields:
      Query: [employeesAll]
      GetEmployeesResponse: [data]
      Employee: [id, first_name, last_name]
    allow: { scopes: [hr:read] }
`,
};

/** By type: names that a person would put into the class; `''` is none. */
const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Employee: {
    'government-id': 'social_security_number tax_code tax_id',
    personal:
      'marital_status partner ethnicity birthday deceased_on country_of_birth gender pronouns nationalities photo_url',
    health: 'food_allergies dietary_preference',
    '': 'id first_name last_name title department division_id company_name employment_start_date employee_number employment_status description languages timezone source record_url works_remote tags row_version deleted updated_by created_at pass_through',
  },
  Address: {
    personal: 'string line1 line2 street_number postal_code latitude longitude phone_number email',
    '': 'id type name country salutation website notes row_version',
  },
  PhoneNumber: { personal: 'number', '': 'id country_code type' },
  Email: { personal: 'email', '': 'id type' },
  EmployeeCompensation: { pay: 'rate', '': 'id job_id currency payment_unit effective_date' },
  EmployeeJob: {
    pay: 'compensation_rate',
    '': 'id employee_id title role start_date currency status',
  },
  Compensation: { pay: 'net_pay gross_pay', '': 'employee_id' },
  Benefit: { pay: 'employee_deduction', '': 'name' },
  Deduction: { pay: 'amount', '': 'name' },
  BankAccount: {
    banking:
      'bank_name account_number account_name iban bic routing_number bsb_number branch_identifier bank_code',
    '': 'account_type currency country',
  },
  TimeOffRequest: {
    '': 'id employee_id policy_id status start_date request_type units amount day_part',
  },
  HrisCompany: { '': 'id legal_name subdomain status company_number currency deleted' },
  Department: { '': 'id parent_id name code description' },
};

async function scan(given: Readonly<Record<string, string>>) {
  const { code, stdout } = await runCommand(['scan', '--json'], given);
  const said = JSON.parse(stdout) as {
    yaml: string;
    proposals: { coordinate: string; class: string }[];
  };
  return { code, ...said };
}

const labelled = Object.entries(labels).flatMap(([type, byLabel]) =>
  Object.entries(byLabel).flatMap(([label, names]) =>
    names.split(' ').map((name) => ({ coordinate: `${type}.${name}`, label })),
  ),
);

test('precision and recall', async () => {
  const { proposals } = await scan(files);
  const proposed = new Map(proposals.map((one) => [one.coordinate, one.class]));
  const found = labelled.filter(({ coordinate }) => proposed.has(coordinate));
  const wrong = found.filter(({ coordinate, label }) => proposed.get(coordinate) !== label);
  const missed = labelled.filter(
    ({ coordinate, label }) => label !== '' && proposed.get(coordinate) !== label,
  );
  const sensitive = labelled.filter(({ label }) => label !== '').length;
  const said = JSON.stringify({ wrong, missed }, null, 1);
  expect(1 - wrong.length / found.length, said).toBeGreaterThan(0.95);
  expect(1 - missed.length / sensitive, said).toBeGreaterThan(0.85);
});

test('the rules load, and leave filters alone to propose', async () => {
  const { code, yaml } = await scan(files);
  expect(code).toBe(1);
  const given = { ...files, 'policies/access/classes.yaml': yaml };
  expect((await runCommand(['check'], given)).code).toBe(0);
  const again = await scan(given);
  expect(again.proposals.filter(({ coordinate }) => !coordinate.includes('Filter'))).toEqual([]);
});

/** `scan`: what is proposed and why, that the file it prints loads and changes nobody's access, and what it says. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchemas } from '../../gateway/json-schemas.ts';
import { writeFiles } from '../support/config-files.ts';
import { type Files, runCommand, runIn } from './run-command.ts';

interface Said {
  readonly coordinate: string;
  readonly class: string;
  readonly confidence: string;
  readonly access: string;
  readonly closes: boolean;
  readonly rule: string | null;
  readonly evidence: { readonly by: string; readonly text: string }[];
}

const config = (rest = '') => `
version: 1
upstreams:
  hr: { graphql: hr.graphql, url: "http://127.0.0.1:1"${rest} }
  desk: { openapi: desk.json, url: "http://127.0.0.1:1", operations: { Query.getDesks: GET /desks } }
identity: { anonymous: allow }
`;

const sdl = /* GraphQL */ `
  directive @pii(kind: String) on FIELD_DEFINITION
  directive @constraint(format: String, pattern: String) on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
  scalar IBAN
  type Query {
    staff(salaryMin: Int, passportNumber: String, first: Int): [Staff!]
    named: [Named!]
    wide: Wide
  }
  type Mutation {
    signIn(email: String!, password: String!, extra: Extra): Boolean
    update(input: StaffInput!): Staff
  }
  scalar Extra
  interface Named { name: String birthDate: String }
  type Staff implements Named {
    id: ID! name: String birthDate: String ssn: String passengers: Int session: String
    pay: IBAN
    "The employee's social security number."
    n1: String
    "Whether the password was changed."
    n2: String
    "Number of the passport, as printed."
    n3: String
    n4: String @pii
    n5: String @pii(kind: "health")
    n6: String @constraint(format: "password")
    n7: String @constraint(pattern: "^\\\\d{3}-\\\\d{2}-\\\\d{4}$")
    n8: String @pii(kind: "none")
    passwordRules: String
    hasSalary: Boolean
    hasDisability: Boolean
    salary: Money
    account: BankAccount
  }
  type Money { amount: Float currency: String }
  type BankAccount { number: String holder: String active: Boolean id: ID }
  type Wide { diagnosis: String open: String }
  input StaffInput { name: String dob: String ssn: String }
`;

const text = (more: object) => ({ type: 'string', ...more });
const desk = {
  openapi: '3.1.0',
  info: { title: 'Desk', version: '1' },
  paths: {
    '/desks': {
      get: {
        parameters: [
          { name: 'who', in: 'query', schema: text({ format: 'email', 'x-pii': true }) },
          { name: 'x-token', in: 'header', schema: text({}) },
        ],
        responses: {
          200: {
            description: 'desks',
            content: {
              'application/json': {
                schema: { type: 'array', items: { $ref: '#/components/schemas/Desk' } },
              },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      NationalId: { type: 'string' },
      Desk: {
        type: 'object',
        properties: {
          'door-secret': text({ format: 'password' }),
          a: text({ format: 'iban' }),
          b: text({ pattern: '^[A-Z]{2}\\d{2}[A-Z0-9]{11,30}$' }),
          c: { $ref: '#/components/schemas/NationalId' },
          d: { allOf: [text({ 'x-data-classification': 'restricted' })] },
          e: text({ 'x-data-classification': 'public' }),
          f: { type: 'array', items: text({ title: 'Phone number' }) },
          g: text({ description: 'Date of birth of whoever sits there' }),
          h: text({ format: 'uuid', pattern: '^\\w+$' }),
          i: text({ pattern: '^(a+)+$' }),
          place: text({ description: 'A token for the next page' }),
        },
      },
    },
  },
};

const access = `version: 1
rules:
  - name: staff
    fields:
      Query: [staff, named, wide, getDesks]
      Staff: [id, name, ssn, passengers, session, pay, n1, n2, n3, n4, n5, n6, n7, n8, passwordRules, hasSalary, hasDisability, salary, account]
      Money: [amount, currency]
      BankAccount: [number, holder, active, id]
      Mutation: [signIn, update]
      StaffInput: [name, ssn]
    allow: { scopes: [hr] }
  - { name: wide, fields: { Wide: ["*"] }, allow: { scopes: [hr] } }
  - { name: desks, fields: { Desk: ["*"] }, allow: { scopes: [desk] } }
`;

const files: Files = {
  'gateway.yaml': config(),
  'hr.graphql': sdl,
  'desk.json': JSON.stringify(desk),
  'policies/access/hr.yaml': access,
};

async function scan(given: Files = files, ...args: string[]) {
  const ran = await runCommand(['scan', '--json', ...args], given);
  return { ...ran, found: JSON.parse(ran.stdout) as { proposals: Said[]; yaml: string } };
}

const directory = await mkdtemp(join(tmpdir(), 'fieldgate-scan-'));
await mkdir(join(directory, 'policies/access'), { recursive: true });
for (const [name, content] of Object.entries(files))
  await writeFile(join(directory, name), content);
const { code, stdout } = await runIn(directory, ['scan', '--json']);
if (code === 2) throw new Error(stdout);
const found = JSON.parse(stdout) as { proposals: Said[]; yaml: string };
afterAll(() => rm(directory, { recursive: true, force: true }));

const cases: [coordinate: string, ofClass: string | undefined, by?: string][] = [
  ['Staff.ssn', 'government-id', 'name'],
  ['Staff.birthDate', 'personal', 'name'],
  ['Staff.passengers', undefined],
  ['Staff.session', undefined],
  ['Staff.passwordRules', undefined],
  ['Staff.hasSalary', undefined],
  ['Staff.hasDisability', 'health', 'name'],
  ['Staff.pay', 'banking', 'type'],
  ['Staff.salary', 'pay', 'name'],
  ['Staff.account', undefined],
  ['Money.currency', undefined],
  ['BankAccount.number', 'banking', 'owner'],
  ['BankAccount.active', undefined],
  ['BankAccount.id', undefined],
  ['Staff.n1', 'government-id', 'description'],
  ['Staff.n2', undefined],
  ['Staff.n3', 'government-id', 'description'],
  ['Staff.n4', 'personal', 'mark'],
  ['Staff.n5', 'health', 'mark'],
  ['Staff.n6', 'credential', 'format'],
  ['Staff.n7', 'government-id', 'pattern'],
  ['Staff.n8', undefined],
  ['Wide.diagnosis', 'health', 'name'],
  ['Named.birthDate', undefined],
  ['Desk.doorSecret', 'credential', 'format'],
  ['Desk.a', 'banking', 'format'],
  ['Desk.b', 'banking', 'pattern'],
  ['Desk.c', 'government-id', 'type'],
  ['Desk.d', 'personal', 'mark'],
  ['Desk.e', undefined],
  ['Desk.f', 'personal', 'type'],
  ['Desk.g', 'personal', 'description'],
  ['Desk.h', undefined],
  ['Desk.i', undefined],
  ['Desk.place', undefined],
  ['Query.getDesks(who:)', 'personal', 'mark'],
  ['Query.staff(passportNumber:)', 'government-id', 'name'],
  ['Query.staff(salaryMin:)', undefined],
  ['Mutation.signIn(password:)', 'credential', 'name'],
  ['Mutation.signIn(email:)', 'personal', 'name'],
  ['StaffInput.ssn', 'government-id', 'name'],
  ['StaffInput.dob', 'personal', 'name'],
  ['StaffInput.name', undefined],
];
test.each(cases)('%s: %s by its %s', (coordinate, ofClass, by) => {
  const one = found.proposals.find((proposal) => proposal.coordinate === coordinate);
  expect(one?.class).toBe(ofClass);
  if (by !== undefined) expect(one?.evidence.map((each) => each.by)).toContain(by);
});

test('something to propose is a no', () => expect(code).toBe(1));

describe('the file', () => {
  test('is one by the JSON Schema', () => {
    const validate = new Ajv2020({ strict: false }).compile(
      jsonSchemas()['access.schema.json'] as object,
    );
    expect([validate(parse(found.yaml)), validate.errors]).toEqual([true, null]);
  });

  test('loads as it is, and nothing but filters is left to propose', async () => {
    const given = { ...files, 'policies/access/classes.yaml': found.yaml };
    expect((await runCommand(['check'], given)).code).toBe(0);
    const again = await scan(given, '--confidence', 'medium');
    expect(again.found.proposals.map(({ coordinate }) => coordinate)).toEqual([
      'Query.staff(passportNumber:)',
      'Query.getDesks(who:)',
    ]);
    const { stdout } = await runCommand(['matrix', '--json'], given);
    const classified = JSON.parse(stdout).rows.map((row: { coordinate: string }) => row.coordinate);
    expect(classified).toEqual(expect.arrayContaining(['Staff.ssn', 'Desk.a', 'StaffInput.dob']));
  });

  test('is not printed where only filters are left', async () => {
    const given = { ...files, 'policies/access/classes.yaml': found.yaml };
    const { stdout } = await runCommand(['scan', '--confidence', 'medium'], given);
    expect(stdout).toContain('There is nothing to paste.');
    expect(stdout).not.toContain('rules: []');
  });

  test('widens nothing, and closes what it says it does', async () => {
    const directory = await writeFiles({ ...files, 'policies/access/classes.yaml': found.yaml });
    const base = await writeFiles(files);
    const { code: worse, stdout } = await runIn(directory, ['diff', base, '--json']);
    expect(worse).toBe(0);
    const { narrows } = JSON.parse(stdout) as {
      narrows: { coordinates: { coordinate: string }[] };
    };
    const closing = found.proposals.filter(({ closes }) => closes);
    const narrowed = narrows.coordinates.map(({ coordinate }) => coordinate);
    expect(closing.map(({ coordinate }) => coordinate)).toContain('Wide.diagnosis');
    expect(narrowed.sort()).toEqual(closing.map(({ coordinate }) => coordinate).sort());
  });
});

test('who has a field by its name keeps it; what nobody has stays hidden', () => {
  const of = (coordinate: string) =>
    found.proposals.find((proposal) => proposal.coordinate === coordinate);
  expect(of('Staff.ssn')).toMatchObject({ access: 'listed', closes: false });
  expect(of('Staff.birthDate')).toMatchObject({ access: 'unlisted', closes: false });
  expect(of('StaffInput.dob')).toMatchObject({
    access: 'unlisted',
    rule: 'scan-personal-unlisted',
  });
  expect(of('Mutation.signIn(password:)')).toMatchObject({ access: 'with-field', closes: false });
  expect(of('Query.staff(passportNumber:)')).toMatchObject({ access: 'filter', rule: null });
});

test('a filter on what gets a class is not named, and is told of', async () => {
  const { found: said } = await scan();
  expect(said.proposals.map(({ coordinate }) => coordinate)).not.toContain(
    'Query.staff(salaryMin:)',
  );
  expect(JSON.stringify(said)).toContain('"locks":["Query.staff(salaryMin:)"]');
});

test('a class is called as the policies call it', async () => {
  const own = `${access}  - { name: ids, class: restricted, fields: { StaffInput: [ssn] } }\n`;
  const { found: said } = await scan({ ...files, 'policies/access/hr.yaml': own });
  const labels = new Map(said.proposals.map((one) => [one.coordinate, one.class]));
  expect(labels.get('Staff.ssn')).toBe('restricted');
  expect(labels.get('Staff.pay')).toBe('banking');
  expect(labels.has('StaffInput.ssn')).toBe(false);
});

test('names of rules are not taken twice', async () => {
  const own = `${access}  - { name: scan-government-id, fields: { Staff: [ssn] }, require: { roles: [x] } }\n`;
  const { found: said } = await scan({ ...files, 'policies/access/hr.yaml': own });
  expect(said.yaml).toContain('name: scan-government-id-2');
});

test('a rule in shadow mode is told of where a class ends its shadow mode', async () => {
  // Within the days that a shadow may last.
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const shadow = (name: string, field: string) =>
    `  - { name: ${name}, fields: { Staff: [${field}] }, require: { scopes: [x] }, shadow: { until: ${until} } }\n`;
  const own = `${access}${shadow('trying', 'ssn')}${shadow('harmless', 'name')}`;
  const { code: some, found: said } = await scan({ ...files, 'policies/access/hr.yaml': own });
  expect([some, said.proposals.length]).toEqual([1, found.proposals.length]);
  expect(said.yaml).toMatch(/^# {3}trying \(.*hr\.yaml:\d+\)$/m);
  expect(said.yaml).not.toContain('harmless');
});

test('a prefix is no word', async () => {
  const given = { ...files, 'gateway.yaml': config(', prefix: Salary_') };
  const { found: said } = await scan({
    ...given,
    'policies/access/hr.yaml':
      'version: 1\nrules: [{ name: a, fields: { Query: [staff], Salary_Staff: [id, ssn] }, allow: everyone }]\n',
  });
  const owned = said.proposals.filter(({ evidence }) => evidence.some(({ by }) => by === 'owner'));
  expect(owned.map(({ coordinate }) => coordinate).sort()).toEqual([
    'Salary_BankAccount.holder',
    'Salary_BankAccount.number',
  ]);
});

test('how sure it has to be', async () => {
  const counts = [];
  for (const level of ['high', 'medium', 'low']) {
    const { found: said } = await scan(files, '--confidence', level);
    counts.push(said.proposals.length);
  }
  expect(counts).toEqual([...counts].sort((one, other) => one - other));
  expect(new Set(counts).size).toBe(3);
});

test.each([['--confidence', 'sure'], ['--yaml', '--json'], ['--confidance', 'low'], ['ssn']])(
  'misuse: %s %s',
  async (...args) => {
    expect((await runCommand(['scan', ...args.filter(Boolean)], files)).code).toBe(2);
  },
);

test('nothing to propose is a yes', async () => {
  const { code: none, stdout } = await runCommand(['scan'], {
    'gateway.yaml':
      'version: 1\nupstreams: { a: { graphql: a.graphql, url: "http://127.0.0.1:1" } }\nidentity: { anonymous: allow }\n',
    'a.graphql': 'type Query { title: String classname: String }',
    'policies/access/a.yaml':
      'version: 1\nrules: [{ name: a, fields: { Query: [title] }, allow: everyone }]\n',
  });
  expect([none, stdout]).toEqual([0, 'nothing to propose, of 2 coordinates\n']);
});

test('for a terminal: by type, in columns, the file alone with --yaml, no text that moves the cursor', async () => {
  const evil = '\u001b[2J\u202e\nok: nothing\u2028';
  const hostile = structuredClone(desk);
  Object.assign(hostile.components.schemas.Desk.properties, {
    z: text({ title: `Phone number ${evil}`, 'x-pii': evil, description: `The SSN ${evil}` }),
  });
  const given = { ...files, 'desk.json': JSON.stringify(hostile) };
  const { stdout } = await runCommand(['scan'], given);
  const lines = stdout.split('\n');
  const at = (line: RegExp) => lines.findIndex((one) => line.test(one));
  expect(at(/^Staff$/)).toBeLessThan(at(/^ {2}ssn +government-id +high +listed +name "ssn"$/));
  expect(at(/^ {2}z +/)).toBeGreaterThan(at(/^Desk$/));
  expect(stdout).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]|^ok/mu);
  const yaml = await runCommand(['scan', '--yaml'], given);
  expect(parse(yaml.stdout)).toMatchObject({ version: 1 });
  expect(stdout).toContain(yaml.stdout);
});

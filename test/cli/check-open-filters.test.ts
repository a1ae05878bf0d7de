/** `check`: open filters on fields that nobody has and that have no class. */
import { describe, expect, test } from 'vitest';
import { type Files, runCommand } from './run-command.ts';

const sdl = `
type Query {
  staff(ssnStartsWith: String, where: StaffFilter, order: StaffSort, name: String, page: Int, id: ID, bossId: ID, nationalId: ID): [Staff]
  count(ssn: String): Int
  closed(ssn: String): [Staff]
}
type Mutation { hire(ssn: String, input: Hire): Staff }
type Staff { id: ID, bossId: ID, nationalId: ID, name: String, ssn: String, salary: Salary, page: Int }
type Salary { amount: Int }
input StaffFilter { salary_gt: Int, name: String, pay: PayFilter }
input PayFilter { amountLessThan: Int }
input Hire { ssn: String, name: String }
enum StaffSort { NAME_ASC SSN_ASC }
`;
const document = `
openapi: 3.1.0
info: { title: Staff, version: "1" }
paths:
  /staff:
    get:
      operationId: staff
      parameters:
        - { name: ssnStartsWith, in: query, schema: { type: string } }
        - { name: name, in: query, schema: { type: string } }
        - { name: bossId, in: query, schema: { type: string } }
        - { name: sort, in: query, schema: { type: string, enum: [name, -salary, salary] } }
      responses:
        "200":
          description: staff
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Staff" } }
  /staff/{id}:
    get:
      operationId: one
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        "200":
          description: one of the staff
          content: { application/json: { schema: { $ref: "#/components/schemas/Staff" } } }
components:
  schemas:
    Staff:
      type: object
      properties:
        id: { type: string }
        bossId: { type: string }
        name: { type: string }
        ssn: { type: string }
        salary: { type: number }
`;

const operations = {
  graphql: '',
  openapi: ', operations: { Query.staff: GET /staff, Query.one: "GET /staff/{id}" }',
};
const files = (
  upstream: 'graphql' | 'openapi',
  fields: string,
  more: readonly string[],
): Files => ({
  'gateway.yaml': `
version: 1
upstreams: { hr: { ${upstream}: hr.source, url: "http://127.0.0.1:1"${operations[upstream]} } }
identity: { anonymous: allow }
`,
  'hr.source': upstream === 'graphql' ? sdl : document,
  'policies/access/hr.yaml': `
version: 1
rules:
  - { name: all, fields: { ${fields} }, allow: everyone }
${more.map((rule) => `  - { ${rule} }\n`).join('')}`,
});

async function check(found: Files) {
  const { code, stdout, stderr } = await runCommand(['check', '--json'], found);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const filters: { coordinate: string; means: string[] }[] = JSON.parse(stdout).openFilters;
  return filters.map(({ coordinate, means }) => `${coordinate} ${means}`);
}

describe('of a GraphQL service', () => {
  const of = (...more: string[]) =>
    files('graphql', 'Query: [staff, count], Mutation: [hire], Hire: [name], Staff: [name]', more);
  const bySsn = 'Query.staff(ssnStartsWith:) Staff.ssn';
  const bySort = 'StaffSort.SSN_ASC Staff.ssn';
  const counted = 'Query.count(ssn:) Staff.ssn';
  const inside = 'PayFilter.amountLessThan Salary.amount';
  const bySalary = 'StaffFilter.salary_gt Staff.salary';
  const byNational = 'Query.staff(nationalId:) Staff.nationalId';
  const all = [inside, counted, byNational, bySsn, bySalary, bySort];
  const without = (...closed: string[]) => all.filter((one) => !closed.includes(one));

  const cases = [
    { name: 'arguments, input fields and values of enums', rules: [], expected: all },
    {
      name: 'not what a rule grants',
      rules: ['name: one, fields: { Query: ["staff(ssnStartsWith:)"] }, allow: { roles: [hr] }'],
      expected: without(bySsn),
    },
    {
      name: 'not what a rule forbids, nor what is within it',
      rules: [
        'name: one, fields: { StaffSort: [SSN_ASC], Query: ["staff(where:)"] }, forbid: true',
      ],
      expected: without(bySort, bySalary, inside),
    },
    {
      name: 'not what a rule pins',
      rules: ['name: pin, pin: { "Query.staff(ssnStartsWith:)": claims.ssn }'],
      expected: without(bySsn),
    },
    {
      name: 'not those on a field with a class',
      rules: ['name: ids, class: government-id, fields: { Staff: [ssn] }, forbid: true'],
      expected: without(bySsn, counted, bySort),
    },
    {
      name: 'not those on a field that somebody has',
      rules: ['name: ids, fields: { Staff: [ssn] }, allow: { roles: [hr] }'],
      expected: without(bySsn, counted, bySort),
    },
    {
      name: 'those on a field that a rule forbids',
      rules: ['name: ids, fields: { Staff: [ssn] }, forbid: true'],
      expected: all,
    },
    {
      name: 'those on a field of which a mask shows a part',
      rules: [
        'name: ids, fields: { Staff: [ssn] }, require: { roles: [hr] }, otherwise: [{ mask: last4, allow: everyone }, deny]',
      ],
      expected: all,
    },
    {
      name: 'not those of a field that nobody has',
      rules: ['name: ids, fields: { Query: [staff] }, forbid: true'],
      expected: [counted],
    },
    {
      name: 'what only a wildcard opens, and not what it forbids',
      rules: [
        'name: wide, fields: { StaffFilter: ["*"] }, allow: { roles: [hr] }',
        'name: none, fields: { PayFilter: ["*"] }, forbid: true',
      ],
      expected: without(inside),
    },
  ];
  test.each(cases)('$name', async ({ rules, expected }) => {
    expect(await check(of(...rules))).toEqual(expected);
  });

  test('the line', async () => {
    const { stdout } = await runCommand(['check'], of());
    expect(stdout).toMatch(/^open-filter +Query\.count\(ssn:\): .*Staff\.ssn.*`forbid`/m);
    expect(stdout).toMatch(/^ok: .*, 6 open filters, /m);
  });
});

test('of a service with an OpenAPI document', async () => {
  const of = (...more: string[]) => files('openapi', 'Query: [staff, one], Staff: [name]', more);
  const open = await check(of());
  expect(open).toContain('Query.staff(ssnStartsWith:) Staff.ssn');
  expect(open.filter((one) => one.endsWith(' Staff.salary'))).toHaveLength(2);
  expect(open).toHaveLength(3);
  const closed = await check(
    of(
      'name: ids, fields: { Query: ["staff(ssnStartsWith:)"] }, forbid: true',
      'name: pay, class: financial, fields: { Staff: [salary] }, forbid: true',
    ),
  );
  expect(closed).toEqual([]);
});

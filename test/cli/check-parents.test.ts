/** `check`: conditions on `parent` where that can be more than their author may think. */
import { expect, test } from 'vitest';
import { type Files, runCommand } from './run-command.ts';

const sdl = `
type Query { employee: Employee, department: Department }
interface Paid { id: ID, pay: Money }
type Employee { id: ID, ssn: String, pay: Money, boss: Employee, note: Note, hit: Hit }
type Department { id: ID, budget: Money, name: String, label: Label }
type Label { text: String }
type Money { amount: Int }
type Note { text: String }
union Hit = Note | Label
`;
const files = (fields: string, how: string, ways: string): Files => ({
  'gateway.yaml': `
version: 1
upstreams: { hr: { graphql: hr.graphql, url: "http://127.0.0.1:1" } }
identity: { anonymous: allow }
`,
  'hr.graphql': sdl,
  'policies/access/hr.yaml': `
version: 1
rules:
  - { name: ways, fields: { Query: [employee, department], ${ways} }, allow: everyone }
  - { name: own, fields: { ${fields} }, ${how} }
`,
});
const own = 'allow: { when: parent.id == claims.me }';
const all = 'Employee: [pay, note, hit], Department: [budget, label]';

const cases: {
  name: string;
  fields: string;
  how?: string;
  ways?: string;
  expect: [string, string[]][];
}[] = [
  { name: 'one type above', fields: 'Note: [text]', expect: [] },
  {
    name: 'two types above',
    fields: 'Money: [amount]',
    expect: [['Money.amount', ['Department', 'Employee']]],
  },
  {
    name: 'two types above, and no rule opens the way from one of them',
    fields: 'Money: [amount]',
    ways: 'Employee: [pay]',
    expect: [],
  },
  {
    name: 'two types above, one by a union',
    fields: 'Label: [text]',
    expect: [['Label.text', ['Department', 'Employee']]],
  },
  {
    name: 'the type itself above',
    fields: 'Employee: [ssn]',
    ways: 'Employee: [boss]',
    expect: [['Employee.ssn', ['Employee']]],
  },
  {
    name: 'a field that only one of them has',
    fields: 'Money: [amount]',
    how: 'allow: { when: parent.ssn == claims.me }',
    expect: [],
  },
  {
    name: 'behind a mask',
    fields: 'Label: [text]',
    how: 'allow: { roles: [hr] }, otherwise: [{ mask: redact, allow: { when: parent.id == claims.me } }]',
    expect: [['Label.text', ['Department', 'Employee']]],
  },
  {
    name: 'a requirement, which opens nothing',
    fields: 'Money: [amount]',
    how: 'allow: everyone, require: { when: parent.id == claims.me }',
    expect: [],
  },
];
test.each(cases)('$name', async ({ fields, how = own, ways = all, expect: expected }) => {
  const { code, stdout, stderr } = await runCommand(['check', '--json'], files(fields, how, ways));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const found: { coordinate: string; types: string[] }[] = JSON.parse(stdout).parents;
  expect(found.map(({ coordinate, types }) => [coordinate, types])).toEqual(expected);
});

test('the line', async () => {
  const { stdout } = await runCommand(['check'], files('Money: [amount]', own, all));
  expect(stdout).toMatch(
    /^parents +Money\.amount: parent\.id in own \(.+hr\.yaml:5\) is of whatever stands above: Department or Employee$/m,
  );
});

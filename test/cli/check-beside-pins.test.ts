/** `check`: what is called like a pinned argument, beside it, and that callers may write. */
import { expect, test } from 'vitest';
import { type Files, runCommand } from './run-command.ts';

const sdl = `
type Query {
  people(tenantId: ID, tenant_id: ID, filter: Filter, other: ID): [Int]
  find(filter: Filter): Int
}
type Mutation {
  move(tenantId: ID, move: Move): Int
  swap(swap: Swap): Int
  hire(tenantId: ID, input: Hire, deep: Deep): Int fire(tenantId: ID, input: Fire): Int
}
input Move { to: Place }
input Place { near: Place, at: Spot }
input Spot { tenantId: ID, place: Place }
input Swap { one: One, other: Other }
input One { tenantId: ID, name: String }
input Other { tenant_id: ID }
input Filter { tenantId: ID, name: String }
input Hire { tenantId: ID, name: String, boss: Deep }
input Deep { one: Hire }
input Fire { tenantId: ID, TENANT_ID: ID, name: String }
`;
const open = 'Query: [people, find], Mutation: [hire, fire, move, swap]';
const files = (pin: string, inputs: string): Files => ({
  'gateway.yaml': `
version: 1
upstreams: { hr: { graphql: hr.graphql, url: "http://127.0.0.1:1" } }
identity: { anonymous: allow }
`,
  'hr.graphql': sdl,
  'policies/access/hr.yaml': `
version: 1
rules:
  - { name: open, fields: { ${open}, ${inputs} }, allow: everyone }
  - name: pin
    pin: { ${pin} }
`,
});
const claim = 'claims.tenant';
const names = 'Hire: [name], Fire: [name], Deep: [one]';

const cases: { name: string; pin: string; inputs: string; expect: string[] }[] = [
  {
    name: 'an input field beside the pinned argument of a write',
    pin: `"Mutation.hire(tenantId:)": ${claim}`,
    inputs: 'Hire: [tenantId, name]',
    expect: ['Mutation.hire(input.tenantId:)'],
  },
  {
    name: 'none that no rule lists',
    pin: `"Mutation.hire(tenantId:)": ${claim}`,
    inputs: names,
    expect: [],
  },
  {
    name: 'an argument beside the pinned input field, and a field in other words',
    pin: `"Mutation.fire(input.tenantId:)": ${claim}`,
    inputs: 'Fire: [name, TENANT_ID]',
    expect: ['Mutation.fire(tenantId:)', 'Mutation.fire(input.TENANT_ID:)'],
  },
  {
    name: 'none that is pinned as well',
    pin: `"Mutation.fire(input.tenantId:)": ${claim}, "Mutation.fire(tenantId:)": ${claim}`,
    inputs: 'Fire: [name]',
    expect: [],
  },
  {
    name: 'arguments of a query',
    pin: `"Query.people(tenantId:)": ${claim}`,
    inputs: names,
    expect: ['Query.people(tenant_id:)', 'Query.people(filter.tenantId:)'],
  },
  {
    name: 'a field deep inside an argument, once where its types contain themselves',
    pin: `"Mutation.move(tenantId:)": ${claim}`,
    inputs: 'Move: [to], Place: [near, at], Spot: [tenantId, place]',
    expect: ['Mutation.move(move.to.at.tenantId:)'],
  },
  {
    name: 'a field beside one that is pinned deep inside an argument',
    pin: `"Mutation.swap(swap.one.tenantId:)": ${claim}`,
    inputs: 'Swap: [one, other], One: [name], Other: [tenant_id]',
    expect: ['Mutation.swap(swap.other.tenant_id:)'],
  },
];
test.each(cases)('$name', async ({ pin, inputs, expect: found }) => {
  const { code, stdout } = await runCommand(['check', '--json'], files(pin, inputs));
  expect(code).toBe(0);
  const { besidePins } = JSON.parse(stdout);
  const [, pinned] = /"(.*?)"/.exec(pin) ?? [];
  expect(besidePins).toEqual(found.map((coordinate) => ({ coordinate, pinned })));
});

test('says what to do, in a line', async () => {
  const { stdout } = await runCommand(
    ['check'],
    files(`"Mutation.hire(tenantId:)": ${claim}`, 'Hire: [tenantId, name]'),
  );
  expect(stdout).toMatch(
    /^beside-pin +Mutation\.hire\(input\.tenantId:\): callers may write it beside Mutation\.hire\(tenantId:\)/m,
  );
  expect(stdout).toMatch(/, 1 beside pins, /);
});

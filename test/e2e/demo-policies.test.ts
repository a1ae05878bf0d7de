/**
 * The demo's policies against its unified schema: what they leave out is left out on purpose, and
 * what would hurt has a class.
 */
import { fileURLToPath } from 'node:url';
import { isInputObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { compilePolicy } from '../../gateway/authorize/compile-policy.ts';
import { loadGraph } from '../../gateway/graph.ts';
import { loadAll } from '../../gateway/snapshot/load.ts';

const configFile = fileURLToPath(new URL('../../gateway.yaml', import.meta.url));
const { config, policies } = await loadAll(configFile, { env: {} });
const { schema } = await loadGraph(config, () => () => Promise.reject(new Error('not called')));
const policy = compilePolicy(schema, policies.rules, { anonymousAllowed: false });

test('every field is named by a rule, but for those that the policies say are left out', () => {
  const unlisted = [...policy.fields.values()].filter(({ listed }) => !listed);
  expect(unlisted.map(({ coordinate }) => coordinate).sort()).toEqual([
    'Employee.managerId',
    'Employment.employeeId',
    'Query.employeesById',
    'TimeOff.employeeId',
  ]);
});

test('every input field that a mutation reaches is opened by a rule', () => {
  const reached = [...policy.writable].flatMap((name) => {
    const type = schema.getType(name);
    return isInputObjectType(type)
      ? Object.keys(type.getFields()).map((field) => `${name}.${field}`)
      : [];
  });
  expect(reached.length).toBeGreaterThan(0);
  const written = [...policy.inputs.keys()].filter((one) => !policy.filters.has(one));
  expect(written.sort()).toEqual(reached.sort());
});

test('what filters on a classified field is the way to it, and needs no more than it', () => {
  expect([...policy.filters.values()]).toMatchObject([
    { coordinate: 'Query.payslip(id:)', means: ['Payslip.id'], named: undefined },
    { coordinate: 'Query.timeOff(id:)', means: ['TimeOff.id'], named: undefined },
  ]);
  for (const coordinate of ['Query.payslip', 'Query.timeOff']) {
    const rules = policy.fields.get(coordinate)?.grants;
    expect(policy.inputs.get(`${coordinate}(id:)`)?.grants).toEqual(rules);
  }
});

test('nothing is open to everybody', () => {
  const open = [...policy.fields.values()].filter(({ guaranteed }) => guaranteed);
  expect(open).toEqual([]);
});

const classCases = [
  { name: 'Employee.ssn', expect: ['government-id'] },
  { name: 'Employee.dateOfBirth', expect: ['personal'] },
  { name: 'Employee.homeAddress', expect: ['personal'] },
  { name: 'Address.street', expect: ['personal'] },
  { name: 'TimeOff.kind', expect: ['personal'] },
  { name: 'Employee.salary', expect: ['pay'] },
  { name: 'Salary.amount', expect: ['pay'] },
  { name: 'Payslip.net', expect: ['pay'] },
  { name: 'Query.payslip', expect: ['pay'] },
  { name: 'Employee.bankAccounts', expect: ['banking'] },
  { name: 'BankAccount.iban', expect: ['banking'] },
  { name: 'Session.session', expect: ['credential'] },
  { name: 'Employee.firstName', expect: [] },
];
test.each(classCases)('class of $name', ({ name, expect: classes }) => {
  expect(policy.fields.get(name)?.classes).toEqual(classes);
});

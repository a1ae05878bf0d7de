/** One key names other rows by another argument or field: no place gets those of another. */
import { describe, expect, it } from 'vitest';
import type { Links } from '../../gateway/delegate/stitch/stitch-config.ts';
import { testGateway } from '../support/gateway.ts';

const link = { upstream: 'staff', field: 'person', argument: 'id', from: 'ref' };

/** Answers each root field with how it was asked. */
function answer({ query, variables }: { query: string; variables: Record<string, unknown> }) {
  if (query.includes('employees')) return { data: { employees: [{ id: '1', ref: '9' }] } };
  const roots = [...query.matchAll(/(?:(\w+): ?)?(person|payee)\((\w+): ?\$(\w+)/g)];
  const rows = roots.map(([, key, field = '', argument = '', variable = '']) => {
    return [key ?? field, { name: `${field} ${argument} ${variables[variable]}` }];
  });
  return { data: Object.fromEntries(rows) };
}

const sdl = `
  type Query {
    employees: [Employee!]!
    person(id: ID, badge: ID): Person
    payee(id: ID, badge: ID): Person
  }
  type Employee { id: ID! ref: ID }
  type Person { name: String }`;

const cases: readonly { name: string; links: Links; expected: readonly [string, string] }[] = [
  {
    name: 'by two arguments of one field',
    links: { 'Employee.one': link, 'Employee.other': { ...link, argument: 'badge' } },
    expected: ['person id 9', 'person badge 9'],
  },
  {
    name: 'from two fields',
    links: { 'Employee.one': link, 'Employee.other': { ...link, field: 'payee' } },
    expected: ['person id 9', 'payee id 9'],
  },
];

describe.each(['compiled', 'reference'] as const)('the %s engine', (engine) => {
  it.each(cases)('gives rows of one key $name', async ({ links, expected }) => {
    const gateway = await testGateway({
      engine,
      upstreams: { staff: { sdl, answer } },
      links,
      rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
        Query: [employees], Employee: ["*"], Person: ["*"] } }] }`,
    });
    const { body } = await gateway.query('{ employees { one { name } other { name } } }');
    const [one, other] = expected;
    expect(body).toEqual({ data: { employees: [{ one: { name: one }, other: { name: other } }] } });
    await gateway.close();
  });
});

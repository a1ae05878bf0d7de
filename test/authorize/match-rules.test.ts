/** Which rules match a coordinate and how closely, and names that the schema does not have. */
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { toRules } from '../../gateway/authorize/access/access-file.ts';
import { closeness, matchRules } from '../../gateway/authorize/access/match-rules.ts';
import { parseYaml } from '../../gateway/files/yaml-source.ts';
import { readMarks } from '../support/config-files.ts';
import { rulesOf } from './policy-rig.ts';

const schema = buildSchema(`
  type Query { employees(ssn: ID, filter: Filter, sort: Sort): [Employee!]! hits: [Hit] office: Office }
  type Mutation { rename(id: ID!): Employee }
  interface Node { id: ID tags(limit: Int): [String] }
  interface Person implements Node { id: ID tags(limit: Int): [String] name: String }
  type Employee implements Person & Node {
    id: ID tags(limit: Int): [String] name: String ssn: String boss: Person born: Date level: Level
  }
  type Office implements Node { id: ID tags(limit: Int): [String] city: String head: Employee }
  union Hit = Employee | Office
  scalar Date
  enum Level { LOW HIGH }
  enum Sort { NAME SALARY }
  input Filter { name: String, ssn: String }
  input RenameInput { name: String }
`);

const words = Object.fromEntries(Object.entries(closeness).map(([word, value]) => [value, word]));

function closenessOf(items: string): Record<string, string[]> {
  const { fields, inputs, problems } = matchRules(schema, rulesOf(items));
  expect(problems).toEqual([]);
  return Object.fromEntries(
    [...fields, ...inputs].map(([coordinate, found]) => [
      coordinate,
      found.map((match) => `${match.rule.name} ${words[match.closeness]}`),
    ]),
  );
}

const one = (target: string) => `- { name: a, ${target}, allow: everyone }`;
const named = ['a named'];
const broad = ['a broad'];
const through = ['a interface'];

const cases: { name: string; given: string; expect: Record<string, string[]> }[] = [
  {
    name: 'a field',
    given: one('fields: { Employee: [ssn] }'),
    expect: { 'Employee.ssn': named },
  },
  {
    name: 'a wildcard',
    given: one('fields: { Query: ["*"] }'),
    expect: { 'Query.employees': broad, 'Query.hits': broad, 'Query.office': broad },
  },
  {
    name: 'a field of an interface covers those who implement it',
    given: one('fields: { Node: [id] }'),
    expect: {
      'Node.id': named,
      'Person.id': through,
      'Employee.id': through,
      'Office.id': through,
    },
  },
  {
    name: 'a field of an interface in the middle',
    given: one('fields: { Person: [name] }'),
    expect: { 'Person.name': named, 'Employee.name': through },
  },
  {
    name: 'a wildcard on an interface is broad everywhere, and only its own fields',
    given: one('fields: { Node: ["*"] }'),
    expect: {
      'Node.id': broad,
      'Node.tags': broad,
      'Person.id': broad,
      'Person.tags': broad,
      'Employee.id': broad,
      'Employee.tags': broad,
      'Office.id': broad,
      'Office.tags': broad,
    },
  },
  {
    name: 'an object type: its fields, and what returns it',
    given: one('types: [Office]'),
    expect: {
      'Query.office': broad,
      'Office.id': broad,
      'Office.tags': broad,
      'Office.city': broad,
      'Office.head': broad,
    },
  },
  {
    name: 'an interface: those who implement it too',
    given: one('types: [Person]'),
    expect: {
      'Query.employees': broad,
      'Mutation.rename': broad,
      'Office.head': broad,
      'Person.id': broad,
      'Person.tags': broad,
      'Person.name': broad,
      'Employee.id': broad,
      'Employee.tags': broad,
      'Employee.name': broad,
      'Employee.ssn': broad,
      'Employee.boss': broad,
      'Employee.born': broad,
      'Employee.level': broad,
    },
  },
  { name: 'a union: what returns it', given: one('types: [Hit]'), expect: { 'Query.hits': broad } },
  {
    name: 'a scalar: what returns it',
    given: one('types: [Date]'),
    expect: { 'Employee.born': broad },
  },
  {
    name: 'an enum: what returns it',
    given: one('types: [Level]'),
    expect: { 'Employee.level': broad },
  },
  {
    name: 'an argument',
    given: one('fields: { Query: ["employees(ssn:)"] }'),
    expect: { 'Query.employees(ssn:)': named },
  },
  {
    name: 'an argument of an interface',
    given: one('fields: { Person: ["tags(limit:)"] }'),
    expect: { 'Person.tags(limit:)': named, 'Employee.tags(limit:)': through },
  },
  {
    name: 'an input field',
    given: one('fields: { Filter: [ssn] }'),
    expect: { 'Filter.ssn': named },
  },
  {
    name: 'all input fields',
    given: one('fields: { Filter: ["*"] }'),
    expect: { 'Filter.name': broad, 'Filter.ssn': broad },
  },
  {
    name: 'an enum value',
    given: one('fields: { Sort: [SALARY] }'),
    expect: { 'Sort.SALARY': named },
  },
  {
    name: 'all enum values',
    given: one('fields: { Sort: ["*"] }'),
    expect: { 'Sort.NAME': broad, 'Sort.SALARY': broad },
  },
  {
    name: 'several rules, in their order',
    given: `- { name: wide, types: [Office], allow: everyone }
- { name: close, fields: { Office: [city] }, require: authenticated }
- { name: node, fields: { Node: [id] }, class: key }`,
    expect: {
      'Query.office': ['wide broad'],
      'Office.id': ['wide broad', 'node interface'],
      'Office.tags': ['wide broad'],
      'Office.city': ['wide broad', 'close named'],
      'Office.head': ['wide broad'],
      'Node.id': ['node named'],
      'Person.id': ['node interface'],
      'Employee.id': ['node interface'],
    },
  },
  {
    name: 'one rule in two ways',
    given: one('fields: { Office: ["*", city] }'),
    expect: {
      'Office.id': broad,
      'Office.tags': broad,
      'Office.city': ['a broad', 'a named'],
      'Office.head': broad,
    },
  },
];

describe('how closely a rule matches', () => {
  test.each(cases)('$name', ({ given, expect: wanted }) => {
    expect(closenessOf(given)).toEqual(wanted);
  });
});

const unknown: { name: string; given: string; code?: string; expect: string[] }[] = [
  { name: 'type', given: 'fields: { Employe: [▸ssn] }', expect: ['Employe', 'Employee'] },
  { name: 'type, in `types`', given: 'types: [Office, ▸Offices]', expect: ['Offices', 'Office'] },
  {
    name: 'field',
    given: 'fields: { Employee: [name, ▸ssm] }',
    expect: ['Employee.ssm', 'Employee.ssn'],
  },
  {
    name: 'field of an interface',
    given: 'fields: { Node: [▸di] }',
    expect: ['Node.di', 'Node.id'],
  },
  {
    name: 'argument',
    given: 'fields: { Query: [▸"employees(snn:)"] }',
    expect: ['Query.employees(snn:)', 'Query.employees(ssn:)'],
  },
  {
    name: 'field of an argument',
    given: 'fields: { Query: [▸"employee(ssn:)"] }',
    expect: ['Query.employee(ssn:)', 'Query.employees'],
  },
  {
    name: 'input field',
    given: 'fields: { Filter: [▸nam] }',
    expect: ['Filter.nam', 'Filter.name'],
  },
  {
    name: 'type of a body, by its name in an OpenAPI document',
    given: 'fields: { Rename: [▸name] }',
    expect: ['Rename', 'RenameInput'],
  },
  ...['query_root', 'QueryRoot', 'RootQueryType'].map((root) => ({
    name: `root of queries, by its name in an upstream: ${root}`,
    given: `fields: { ${root}: [▸users] }`,
    expect: /^[A-Z]/.test(root) ? [root, 'Query'] : ['Query'],
  })),
  {
    name: 'root of writes, by its name in an upstream',
    given: 'fields: { mutation_root: [▸insert_users] }',
    expect: ['Mutation'],
  },
  {
    name: 'enum value',
    given: 'fields: { Sort: [▸SALERY] }',
    expect: ['Sort.SALERY', 'Sort.SALARY'],
  },
  {
    name: 'name of the prototype',
    given: 'fields: { Office: [▸constructor] }',
    expect: ['Office.constructor'],
  },
  { name: 'type of introspection', given: 'fields: { __Type: [▸name] }', expect: ['__Type'] },
  { name: 'type of introspection, in `types`', given: 'types: [▸__Schema]', expect: ['__Schema'] },
  { name: 'output type', given: 'types: [▸Filter]', expect: ['Filter'] },
  {
    name: 'name like that',
    given: 'fields: { Office: [▸population] }',
    expect: ['Office.population'],
  },
  {
    name: 'field, of a union',
    given: 'fields: { Hit: [▸id] }',
    code: 'wrong-type',
    expect: ['Hit'],
  },
  {
    name: 'field, of a scalar',
    given: 'fields: { Date: [▸year] }',
    code: 'wrong-type',
    expect: ['Date'],
  },
];

const head = 'version: 1\nrules:\n  - name: a\n    allow: everyone\n    ';

describe('names that the schema does not have', () => {
  test.each(unknown)('no such $name', ({ given, code = 'unknown-name', expect: names }) => {
    const { text, places } = readMarks(`${head}${given}\n`);
    const rules = toRules(parseYaml(text, { file: 'access/hr.yaml' }));
    const { problems, fields, inputs } = matchRules(schema, rules);
    expect(problems).toMatchObject([{ ...places[0], file: 'access/hr.yaml', code }]);
    // Which names it says is not wording: without them nobody finds the slip.
    expect(problems[0]?.message.match(/__\w+|[A-Z][\w.]*(?:\(\w+:\))?/g)).toEqual(names);
    expect([...fields.keys(), ...inputs.keys()]).not.toContain(names[0]);
  });

  test('all of them at once, and what is right still matches', () => {
    const { problems, fields } = matchRules(
      schema,
      rulesOf(
        '- { name: a, fields: { Office: [town, city], Ofice: [id] }, types: [X], allow: everyone }',
      ),
    );
    expect(problems.map(({ code }) => code)).toEqual([
      'unknown-name',
      'unknown-name',
      'unknown-name',
    ]);
    expect([...fields.keys()]).toEqual(['Office.city']);
  });
});

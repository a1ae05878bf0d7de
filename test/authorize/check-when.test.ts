/** What conditions may look at: where it does not fit the schema, nothing starts, and the place is told. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { toRules } from '../../gateway/authorize/access/access-file.ts';
import { compilePolicy } from '../../gateway/authorize/compile-policy.ts';
import type { Policy } from '../../gateway/authorize/policy.ts';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { parseYaml } from '../../gateway/files/yaml-source.ts';
import { readMarks } from '../support/config-files.ts';

const schema = buildSchema(/* GraphQL */ `
  scalar JSON
  type Query { me: Employee staff(limit: Int, by: By): [Person!]! total: Int office: Office }
  type Mutation { rename(id: ID!): Employee wrap: Wrap }
  type Wrap { employee: Employee }
  input By { id: ID inner: By many: [ID] }
  enum Level { A B }
  interface Person { id: ID! name: String }
  type Employee implements Person { id: ID! name: String level: Level age: Int tags: [String] grid: [[String]] meta: JSON boss: Employee year(of: Int!): Int codes(tenant: ID): [String] accounts: [Account!]! }
  type Robot implements Person { id: ID! name: String }
  type Office { id: ID! name: String staff: [Person!]! }
  type Account { bank: String iban: String }
`);
const open =
  '  - { name: open, fields: { Query: ["*"], Employee: [id], Mutation: [rename, wrap], Wrap: ["*"] }, allow: everyone }';

function compile(rule: string): Policy {
  const text = `version: 1\nrules:\n${open}\n${rule}`;
  const rules = toRules(parseYaml(text, { file: 'access/test.yaml' }));
  return compilePolicy(schema, rules, { anonymousAllowed: true });
}

const onField = (when: string, field = 'Employee: [name]') =>
  `  - { name: r, fields: { ${field} }, allow: { when: ▸'${when}' } }\n`;

const cases: { name: string; given: string; expect: string }[] = [
  {
    name: 'a field that the object has not',
    given: onField('object.nmae == "x"'),
    expect: 'Employee has no field nmae (did you mean "name"?) (character 1)',
  },
  {
    name: 'a condition that another rule has as well, where it fits',
    given: `  - { name: q, fields: { Employee: [name] }, allow: { when: 'object.name == "x"' } }
${onField('object.name == "x"', 'Account: [iban]')}`,
    expect: 'rule r: Account has no field name',
  },
  {
    name: 'what the object above has',
    given: onField('object.age == 1', 'Account: [iban]'),
    expect:
      'Account has no field age: `object` is what has the field itself, and of the one above it is parent.age (character 1)',
  },
  {
    name: 'arguments of a field that has none',
    given: onField('args.limit == 1'),
    expect: 'Employee.name has no arguments: `args` are those of the field that the rule names',
  },
  {
    name: 'a field that one implementation has not',
    given: onField('object.age == 1', 'Person: [name]'),
    expect: 'Robot has no field age',
  },
  { name: 'an object', given: onField('object.boss == "x"'), expect: 'no plain value' },
  { name: 'a structured scalar', given: onField('object.meta == "x"'), expect: 'no plain value' },
  { name: 'a list of lists', given: onField('"x" in object.grid'), expect: 'no plain value' },
  { name: 'what needs an argument', given: onField('object.year == 1'), expect: 'no plain value' },
  {
    name: 'what is never asked for without an argument of the token',
    given: `  - { name: p, pin: { "Employee.codes(tenant:)": claims.t } }\n${onField('"x" in object.codes')}`,
    expect: 'no plain value',
  },
  {
    name: 'an argument that is fixed from the token',
    given: `  - { name: p, pin: { "Query.staff(limit:)": claims.most } }\n${onField('args.limit > 1', 'Query: [staff]')}`,
    expect: 'Query.staff(limit:) is pinned: look at claims.most',
  },
  { name: 'a number as text', given: onField('object.age == "1"'), expect: 'number is never' },
  { name: 'an ID as a number', given: onField('object.id == 1'), expect: 'text is never' },
  { name: 'a list by ==', given: onField('object.tags == "x"'), expect: '`in` alone' },
  { name: 'a text as a list', given: onField('"x" in object.name'), expect: '`in` asks' },
  {
    name: 'an argument that the field has not',
    given: onField('args.limt > 1', 'Query: [staff]'),
    expect: 'Query.staff has no argument limt (did you mean "limit"?)',
  },
  {
    name: 'an input field that there is not',
    given: onField('args.by.innr.id == "x"', 'Query: [staff]'),
    expect: 'By has no field innr (did you mean "inner"?)',
  },
  { name: 'a whole input', given: onField('args.by == "x"', 'Query: [staff]'), expect: 'no plain' },
  {
    name: 'a root as object',
    given: onField('object.total == 1', 'Query: [me]'),
    expect: 'no object',
  },
  {
    name: 'a root as parent',
    given: onField('parent.total == 1', 'Query: [me]'),
    expect: 'no parent',
  },
  {
    name: 'the object of a mutation',
    given: onField('object.id == "x"', 'Mutation: [rename]'),
    expect: 'read before it',
  },
  {
    name: 'a parent without the field',
    given: onField('parent.bank == "x"', 'Account: [iban]'),
    expect: 'nothing above Account has a plain field bank: Employee',
  },
  {
    name: 'what arguments decide in an input field',
    given: onField('args.id == "x"', 'By: [id]'),
    expect: 'By.id has no arguments',
  },
  {
    name: 'what objects decide in an argument',
    given: onField('object.id == "x"', 'Query: ["staff(limit:)"]'),
    expect: 'no object',
  },
];

it.each(cases)('$name', ({ given, expect: wanted }) => {
  const text = `version: 1\nrules:\n${open}\n${given}`;
  const { places } = readMarks(text);
  try {
    compile(given.replaceAll('▸', ''));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.map(({ message }) => message)).toEqual([expect.stringContaining(wanted)]);
    expect(error.problems.map(({ line, column }) => ({ line, column }))).toEqual(places);
    return;
  }
  throw new Error('it compiles');
});

const rules: { name: string; given: string; expect: string }[] = [
  {
    name: 'hide, where objects decide',
    given:
      "fields: { Employee: [name] }, allow: { when: 'object.id == claims.id' }, otherwise: [hide]",
    expect: 'not `hide`',
  },
  {
    name: 'reject, where objects decide on a mask',
    given:
      "fields: { Employee: [name] }, otherwise: [{ mask: last4, allow: { when: 'object.id == claims.id' } }, reject], allow: { scopes: [x] }",
    expect: 'not `reject`',
  },
  {
    name: 'hide, where arguments decide',
    given: "fields: { Query: [staff] }, allow: { when: 'args.limit < 3' }, otherwise: [hide]",
    expect: 'not `hide`',
  },
  {
    name: 'allow by types',
    given: "types: [Employee], allow: { when: 'object.id == claims.id' }",
    expect: 'names `fields`',
  },
  {
    name: 'drop without an object',
    given: 'types: [Account], require: { scopes: [x] }, otherwise: [drop]',
    expect: '`drop` is for a `require` that looks at objects',
  },
  {
    name: 'arguments by types',
    given: "types: [Account], require: { when: 'args.limit > 1 && object.bank == claims.bank' }",
    expect: 'has no arguments',
  },
  {
    name: 'a mutation that returns such an object',
    given: "types: [Employee], require: { when: 'object.id == claims.id' }",
    expect: 'Mutation.rename returns Employee, and no rule says which one it is about',
  },
  {
    name: 'a mutation that returns one of several such types',
    given: "types: [Person], require: { when: 'object.id == claims.id' }",
    expect: 'Mutation.rename returns Employee, and no rule says which one it is about',
  },
];

it.each(rules)('$name refuses to start', ({ given, expect: wanted }) => {
  const said = (() => {
    try {
      compile(`  - { name: r, ${given} }\n`);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ message }) => message);
    }
  })();
  expect(said.join('\n')).toContain(wanted);
});

describe('a condition that fits', () => {
  it('says what is looked at', () => {
    const policy = compile(
      onField(
        'object.level == "A" && "x" in object.tags && parent.name != "x" && object.age > 3',
      ).replaceAll('▸', ''),
    );
    expect([...policy.looked].sort()).toEqual([
      'Employee.age',
      'Employee.level',
      // Of what can stand above an employee: employees, offices; a wrapper has no name.
      'Employee.name',
      'Employee.tags',
      'Office.name',
    ]);
  });

  it('with reject, where arguments decide, is one', () => {
    const given =
      '  - { name: r, fields: { Query: [office] }, allow: { scopes: [x] }, otherwise: [reject] }\n';
    expect(compile(given).perUse.size).toBe(0);
    const argued =
      "  - { name: r, fields: { Query: [staff] }, allow: { when: 'args.limit < 3' }, otherwise: [reject] }\n";
    expect(compile(argued).perUse.size).toBe(1);
  });
});

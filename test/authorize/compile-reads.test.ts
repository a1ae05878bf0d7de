/** What is read before a write: where it does not fit the schema, nothing starts, and the place is told. */
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
  scalar Ref
  enum Site { A B }
  type Query {
    person(id: ID!, tenant: ID, site: Site): Person
    persons(ids: [ID!]!): [Person]!
    byBoss(boss: ID!): [Person!]!
    grid(ids: [ID!]!): [[Person]]
    found(id: ID!): Found
    byRef(ref: Ref!): Person
    byMail(mail: String!): Person
    blob(of: JSON): Person
    account(accountId: ID!): Account
    total(id: ID!): Int
    me: Person
  }
  type Mutation {
    rename(id: ID!, number: Int, ids: [ID!], ok: Boolean, to: Name, tenant: ID, site: Site, mail: String, ref: Ref): Person
    remove(id: ID!): Boolean
    wrap(id: ID!): Wrap
    hire(name: String): Person
  }
  type Wrap { person: Person }
  input Name { id: ID, ids: [ID], inner: [Name], meta: JSON }
  union Found = Person | Account
  type Person { id: ID! boss: ID tenant: ID ref: Ref year(of: Int!): Int mails: [String] }
  type Account { id: ID! owner: ID }
`);
const open = `version: 1
rules:
  - { name: open, fields: { Query: ["*"], Person: [id], Name: ["*"], Wrap: ["*"], Mutation: [rename, remove, wrap, hire] }, allow: everyone }
`;

function compile(rules: string): Policy {
  return compilePolicy(schema, toRules(parseYaml(open + rules, { file: 'access/test.yaml' })), {
    anonymousAllowed: true,
  });
}

function problemsOf(rules: string) {
  try {
    compile(rules);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ file, line, column, message }) => {
      return { at: { line, column }, file, message };
    });
  }
  return [];
}

const reading = (object: string, field = 'rename') =>
  `  - { name: r, fields: { Mutation: [${field}] }, object: ▸"${object}", require: { when: object.boss == claims.sub } }\n`;

const cases: { name: string; given: string; expect: string }[] = [
  {
    name: 'a query that there is not',
    given: reading('Query.persn(id: args.id)'),
    expect: 'rule r: the schema has no Query.persn (did you mean "person"?)',
  },
  {
    name: 'an argument that the query has not',
    given: reading('Query.person(idd: args.id)'),
    expect: 'Query.person has no argument idd (did you mean "id"?)',
  },
  {
    name: 'an argument that the mutation has not',
    given: reading('Query.person(id: args.idd)'),
    expect: 'Mutation.rename has no argument idd (did you mean "id"?)',
  },
  {
    name: 'an input field that there is not',
    given: reading('Query.person(id: args.to.di)'),
    expect: 'Name has no field di (did you mean "id"?)',
  },
  {
    name: 'a step into a list',
    given: reading('Query.person(id: args.to.inner.id)'),
    expect: '[Name] has no field id',
  },
  {
    name: 'a list where one is taken',
    given: reading('Query.person(id: args.ids)'),
    expect: 'args.ids is [ID!], and Query.person(id:) takes ID!',
  },
  {
    name: 'a whole input',
    given: reading('Query.person(id: args.to)'),
    expect: 'args.to is Name, and Query.person(id:) takes ID!',
  },
  {
    name: 'a type that does not fit',
    given: reading('Query.person(id: args.ok)'),
    expect: 'args.ok is Boolean, and Query.person(id:) takes ID!',
  },
  {
    name: 'a structured scalar',
    given: reading('Query.blob(of: args.to.meta)'),
    expect: 'args.to.meta is JSON',
  },
  {
    name: 'what is required and not given',
    given: reading('Query.person(tenant: args.tenant)'),
    expect: 'Query.person(id:) is required',
  },
  {
    name: 'one argument twice',
    given: reading('Query.person(id: args.id, id: args.id)'),
    expect: 'Query.person(id:) is given twice',
  },
  {
    name: 'a list that no key is asked by',
    given: reading('Query.byBoss(boss: args.id)'),
    expect: 'Query.byBoss gives a list: one of its arguments takes the list of their keys',
  },
  {
    name: 'lists of lists',
    given: reading('Query.grid(ids: args.ids)'),
    expect: 'gives [[Person]]',
  },
  { name: 'several types', given: reading('Query.found(id: args.id)'), expect: 'gives Found' },
  { name: 'no object', given: reading('Query.total(id: args.id)'), expect: 'gives Int' },
  {
    name: 'an object that does not say by what it was asked for',
    given: reading('Query.byMail(mail: args.mail)'),
    expect: 'Person has no field by the name of what Query.byMail is given',
  },
  {
    name: 'an argument of the query that is fixed from the token',
    given: `  - { name: p, pin: { "Query.person(tenant:)": claims.t } }\n${reading('Query.person(id: args.id, tenant: args.tenant)')}`,
    expect: 'Query.person(tenant:) is pinned: leave it out',
  },
  {
    name: 'an argument of the mutation that is fixed from the token',
    given: `  - { name: p, pin: { "Mutation.rename(tenant:)": claims.t } }\n${reading('Query.person(id: args.tenant)')}`,
    expect: 'Mutation.rename(tenant:) is pinned',
  },
  {
    name: 'no field of a mutation',
    given: `  - { name: r, fields: { Person: [boss] }, object: ▸"Query.person(id: args.id)", allow: everyone }\n`,
    expect: 'Person.boss belongs into a rule of its own',
  },
  {
    name: 'an argument of a mutation',
    given: `  - { name: r, fields: { Mutation: ["rename(id:)"] }, object: ▸"Query.person(id: args.id)", allow: everyone }\n`,
    expect: 'Mutation.rename(id:) belongs into a rule of its own',
  },
  {
    name: 'all fields of the mutation type',
    given: `  - { name: r, fields: { Mutation: ["*"] }, object: ▸new, allow: everyone }\n`,
    expect: 'Mutation.* belongs into a rule of its own',
  },
  {
    name: 'a field that what is read has not',
    given: `  - { name: r, fields: { Mutation: [rename] }, object: "Query.person(id: args.id)", require: { when: ▸object.owner == claims.sub } }\n`,
    expect: 'Person has no field owner',
  },
  {
    name: 'what stands above what is read',
    given: `  - { name: r, fields: { Mutation: [rename] }, object: "Query.person(id: args.id)", require: { when: ▸parent.id == claims.sub } }\n`,
    expect: 'what is read before Mutation.rename has no parent',
  },
  {
    name: 'an object without a read',
    given: `  - { name: r, fields: { Mutation: [rename] }, require: { when: ▸object.boss == claims.sub } }\n`,
    expect: 'name it in the same rule, as in `object: "Query.employee(id: args.id)"`',
  },
  {
    name: 'an object that is new',
    given: `  - { name: r, fields: { Mutation: [hire] }, object: new, require: { when: ▸object.boss == claims.sub } }\n`,
    expect: 'is what is read before it',
  },
];

it.each(cases)('$name', ({ given, expect: wanted }) => {
  const { places } = readMarks(open + given);
  const problems = problemsOf(given.replaceAll('▸', ''));
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(wanted)]);
  expect(problems[0]?.file).toBe('access/test.yaml');
  if (places.length > 0) expect(problems.map(({ at }) => at)).toEqual(places);
});

describe('a read that fits', () => {
  const fitting = [
    'Query.person(id: args.id)',
    'Query.person( id:args.number )',
    'Query.person(id: args.to.id, tenant: args.tenant, site: args.site)',
    'Query.persons(ids: args.ids)',
    'Query.persons(ids: args.id)',
    'Query.persons(ids: args.to.ids)',
    'Query.byRef(ref: args.ref)',
  ];
  it.each(fitting)('%s', (object) => {
    expect(problemsOf(reading(object).replaceAll('▸', ''))).toEqual([]);
  });

  it('may be of another type than the mutation gives, and states its own id', () => {
    const rule = `  - { name: r, fields: { Mutation: [remove] }, object: "Query.account(accountId: args.id)", require: { when: object.owner == claims.sub } }\n`;
    expect(problemsOf(rule)).toEqual([]);
    expect(compile(rule).looked).toEqual(new Set(['Account.owner', 'Account.id']));
  });

  it('is one where two rules write it alike', () => {
    const { writes } = compile(
      `${reading('Query.person(id: args.id)')}${reading('Query.person(id:args.id)').replace('name: r', 'name: s')}`.replaceAll(
        '▸',
        '',
      ),
    );
    expect(writes.get('Mutation.rename')).toHaveLength(1);
  });
});

describe('what `types` require', () => {
  const apart = `  - { name: apart, types: [Person], require: { when: object.tenant == claims.tenant } }\n`;
  const about = (fields: string, object: string) =>
    `  - { name: about-${object.length}, fields: { Mutation: [${fields}] }, object: "${object}" }\n`;

  it('refuses to start where a mutation returns such an object that nobody has named', () => {
    expect(problemsOf(apart).map(({ message }) => message)).toEqual([
      expect.stringContaining(
        'rule apart: Mutation.rename returns Person, and no rule says which one it is about: name it in a rule with `fields: { Mutation: [rename] }` and `object: "Query.person(id: args.…)"`',
      ),
      expect.stringContaining('Mutation.hire returns Person'),
    ]);
  });

  it('starts where each is named, or makes what it returns', () => {
    const named = apart + about('rename', 'Query.person(id: args.id)') + about('hire', 'new');
    expect(problemsOf(named)).toEqual([]);
    const { fields, conditions } = compile(named);
    const asked = fields.get('Mutation.rename')?.requires.map((one) => conditions[one.condition]);
    expect(asked).toEqual([expect.objectContaining({ before: 'Query.person(id: args.id)' })]);
  });

  it('is asked of what is read before any mutation, whatever that returns', () => {
    const read = about('remove, wrap', 'Query.person(id: args.id)');
    const { fields } = compile(
      apart + about('rename', 'Query.person(id: args.to.id)') + about('hire', 'new') + read,
    );
    for (const name of ['remove', 'wrap', 'rename']) {
      expect(fields.get(`Mutation.${name}`)?.requires).toHaveLength(1);
    }
  });

  it('does not take the read of another type for it', () => {
    const other = about('rename, hire', 'Query.account(accountId: args.id)');
    expect(problemsOf(apart + other.replace('rename, hire', 'rename'))).toHaveLength(2);
  });
});

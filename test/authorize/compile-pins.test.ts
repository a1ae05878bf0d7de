/** Which arguments rules fix from the token, and which pins refuse to start. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compilePolicy } from '../../gateway/authorize/compile-policy.ts';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { planning, rulesOf } from './policy-rig.ts';

const sdl = `
  type Query { people(tenantId: ID!, ids: [ID!], filter: Filter, day: Date, deep: [[Int]], team: Team): Named thing: Thing }
  type Mutation { hire(tenantId: ID!): String }
  input Filter { tenantId: ID }
  scalar Date
  enum Team { HR IT }
  interface Thing { label(tenantId: ID): String }
  type Named implements Thing { label(tenantId: ID, first: Int): String name: String }
  type Pen implements Thing { label(tenantId: ID): String }
`;
const open =
  '- { name: open, fields: { Query: ["*"], Thing: [label], Named: [name] }, allow: everyone }\n';
const pin = (...entries: string[]) => `${open}- { name: pins, pin: { ${entries.join(', ')} } }`;

function problemsOf(rules: string): string[] {
  try {
    compilePolicy(buildSchema(sdl), rulesOf(rules), { anonymousAllowed: true });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ code, message, line }) => `${code} ${line}: ${message}`);
  }
}

const cases: { name: string; rules: string; expect: string }[] = [
  {
    name: 'a type that there is not',
    rules: pin('"Qury.people(tenantId:)": claims.t'),
    expect:
      'unknown-name 4: the schema has no Qury.people(tenantId:) (did you mean Query.people(tenantId:)?)',
  },
  {
    name: 'a field that there is not',
    rules: pin('"Query.peple(tenantId:)": claims.t'),
    expect:
      'unknown-name 4: the schema has no Query.peple(tenantId:) (did you mean Query.people(tenantId:)?)',
  },
  {
    name: 'an argument that there is not',
    rules: pin('"Query.people(tenantid:)": claims.t'),
    expect:
      'unknown-name 4: the schema has no Query.people(tenantid:) (did you mean Query.people(tenantId:)?)',
  },
  {
    name: 'a field that the input object has not',
    rules: pin('"Query.people(filter.tenantid:)": claims.t'),
    expect:
      'unknown-name 4: Query.people(filter.tenantid:): the schema has no Filter.tenantid (did you mean Filter.tenantId?)',
  },
  {
    name: 'a field of what is no input object',
    rules: pin('"Query.people(tenantId.x:)": claims.t'),
    expect:
      'wrong-type 4: Query.people(tenantId.x:): ID! is no input object, so nothing in it can be pinned',
  },
  {
    name: 'one input field twice',
    rules: `${pin('"Query.people(filter.tenantId:)": claims.t')}\n- { name: more, pin: { "Query.people(filter.tenantId:)": claims.u } }`,
    expect:
      'conflict 5: Query.people(filter.tenantId:) is pinned already by rule pins (access/test.yaml:4)',
  },
  ...[
    ['filter', 'Filter'],
    ['day', 'Date'],
    ['deep', '[[Int]]'],
  ].map(([name, type]) => ({
    name: `an argument of ${type}`,
    rules: pin(`"Query.people(${name}:)": claims.t`),
    expect: `wrong-type 4: Query.people(${name}:) is ${type}: pins are for String, ID, Int, Float, Boolean, enums, and lists of these`,
  })),
  {
    name: 'one argument twice',
    rules: `${pin('"Query.people(tenantId:)": claims.t')}\n- { name: more, pin: { "Query.people(tenantId:)": claims.u } }`,
    expect:
      'conflict 5: Query.people(tenantId:) is pinned already by rule pins (access/test.yaml:4)',
  },
  {
    name: 'one argument of an interface and of a type of it',
    rules: pin('"Thing.label(tenantId:)": claims.t', '"Pen.label(tenantId:)": claims.u'),
    expect: 'conflict 4: Pen.label(tenantId:) is pinned already by rule pins (access/test.yaml:4)',
  },
  {
    name: 'an argument that a rule allows',
    rules: `${pin('"Query.people(tenantId:)": claims.t')}\n- { name: more, fields: { Query: ["people(tenantId:)"] }, allow: everyone }`,
    expect:
      'conflict 4: Query.people(tenantId:) is pinned, so nobody can give it: rule more (access/test.yaml:5) allows it',
  },
];

describe('refuses to start', () => {
  it.each(cases)('$name', ({ rules, expect: problem }) => {
    expect(problemsOf(rules)).toEqual([problem]);
  });
});

describe('the public schema', () => {
  const entries = [
    '"Query.people(tenantId:)": claims.t',
    '"Query.people(ids:)": claims.t',
    '"Query.people(team:)": claims.team',
    '"Thing.label(tenantId:)": claims.t',
  ];
  const { publicSchema, policy } = planning(sdl, pin(...entries));
  const argsOf = (type: string, field: string) => {
    const found = publicSchema.getType(type) as unknown as {
      getFields(): Record<string, { args: { name: string }[]; type: unknown }>;
    };
    return found.getFields()[field]?.args.map(({ name }) => name);
  };

  it('has no pinned argument, and no type that only they had', () => {
    expect(argsOf('Query', 'people')).toEqual(['filter', 'day', 'deep']);
    expect(argsOf('Thing', 'label')).toEqual([]);
    expect(argsOf('Named', 'label')).toEqual(['first']);
    expect(publicSchema.getType('Team')).toBeUndefined();
  });

  it('is as it is where nothing is pinned', () => {
    const plain = planning(sdl, open).publicSchema;
    expect(plain.getQueryType()?.getFields().people?.args).toHaveLength(6);
  });

  it('has the fields behind a condition on the claim', () => {
    const { requires = [] } = policy.fields.get('Named.label') ?? {};
    expect(requires.map(({ condition }) => policy.conditions[condition])).toEqual([
      { kind: 'pinned', pinned: { claim: ['t'], of: 'ID', isList: false } },
    ]);
  });
});

it('a pin on a type leaves the interface without the argument', () => {
  const { publicSchema } = planning(sdl, pin('"Pen.label(tenantId:)": claims.t'));
  const thing = publicSchema.getType('Thing') as unknown as {
    getFields(): Record<string, { args: unknown[] }>;
  };
  expect(thing.getFields().label?.args).toEqual([]);
});

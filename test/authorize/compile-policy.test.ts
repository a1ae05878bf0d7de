/** How rules combine on one coordinate: who grants, who is kept away, what is listed, what is certain. */
import { describe, expect, test } from 'vitest';
import type { CoordinatePolicy } from '../../gateway/authorize/policy.ts';
import { ConfigError, type Problem } from '../../gateway/files/config-error.ts';
import { policyOf } from './policy-rig.ts';

const sdl = `
  type Query { people: [Person] employees(ssn: ID, filter: Filter, sort: Sort): [Employee] blob: JSON any: Any }
  type Mutation { save(input: Save!, sort: Sort): Employee }
  interface Person { id: ID name: String meta: JSON }
  type Employee implements Person { id: ID! name: String! meta: JSON ssn: String pay: Int born: Date level: Level notes: [String!]! }
  scalar JSON
  scalar Any
  scalar Date
  enum Level { LOW }
  enum Sort { NAME SALARY }
  input Filter { name: String }
  input Save { name: String, deeper: [Deeper!] }
  input Deeper { name: String, again: Deeper, level: Level }
`;

const everyone = 'allow: everyone';
const hr = 'allow: { scopes: [hr] }';
const wide = `- { name: wide, fields: { Employee: ["*"] }, ${everyone} }`;

function summary(found: CoordinatePolicy | undefined) {
  if (found === undefined) return undefined;
  const names = (clauses: readonly { rule: { name: string } }[]) =>
    clauses.map(({ rule }) => rule.name);
  return {
    grants: names(found.grants),
    requires: names(found.requires),
    forbid: found.forbid?.name,
    masks: found.masks.map(({ mask, rule }) => `${rule.name} ${mask}`),
    outcome: found.outcome,
    classes: found.classes,
    listed: found.listed,
    broadOnly: found.broadOnly,
  };
}

interface Case {
  name: string;
  given: string;
  expect: Record<string, Partial<ReturnType<typeof summary>> | undefined>;
}

const granting: Case[] = [
  {
    name: 'what no rule matches is neither granted nor listed',
    given: '',
    expect: { 'Employee.ssn': { grants: [], listed: false, outcome: 'deny', classes: [] } },
  },
  {
    name: 'several rules that name a coordinate all grant',
    given: `- { name: a, fields: { Employee: [ssn] }, ${everyone} }
- { name: b, fields: { Employee: [ssn] }, ${hr} }`,
    expect: { 'Employee.ssn': { grants: ['a', 'b'], listed: true, broadOnly: false } },
  },
  {
    name: 'a wildcard grants what nobody names',
    given: wide,
    expect: { 'Employee.ssn': { grants: ['wide'], listed: true, broadOnly: true } },
  },
  {
    name: 'a wildcard does not reach what another rule names',
    given: `${wide}\n- { name: ids, fields: { Employee: [ssn] }, ${hr} }`,
    expect: {
      'Employee.ssn': { grants: ['ids'], broadOnly: false },
      'Employee.pay': { grants: ['wide'] },
    },
  },
  {
    name: 'whichever rule comes first',
    given: `- { name: ids, fields: { Employee: [ssn] }, ${hr} }\n${wide}`,
    expect: { 'Employee.ssn': { grants: ['ids'] } },
  },
  {
    name: 'a rule that grants nothing closes against a wildcard what it names',
    given: `${wide}\n- { name: ids, fields: { Employee: [ssn] }, require: authenticated }`,
    expect: { 'Employee.ssn': { grants: [], requires: ['ids'], listed: true } },
  },
  {
    name: 'a rule that only names a class does so too',
    given: `${wide}\n- { name: ids, fields: { Employee: [ssn] }, class: id }`,
    expect: { 'Employee.ssn': { grants: [], classes: ['id'], listed: true } },
  },
  {
    name: 'a class of equal width keeps a wildcard away, and hides what is left without a grant',
    given: `${wide}\n- { name: label, types: [Employee], class: personal }`,
    expect: { 'Employee.ssn': { grants: [], classes: ['personal'], listed: false } },
  },
  {
    name: 'a class of its own does not keep a wildcard away',
    given: `- { name: wide, fields: { Employee: ["*"] }, class: personal, ${everyone} }`,
    expect: { 'Employee.ssn': { grants: ['wide'], classes: ['personal'] } },
  },
  {
    name: 'two wildcards grant side by side',
    given: `${wide}\n- { name: types, types: [Employee], ${hr} }`,
    expect: {
      'Employee.ssn': { grants: ['wide', 'types'], broadOnly: true },
      'Query.employees': { grants: ['types'] },
    },
  },
  {
    name: 'an interface reaches who implements it',
    given: `- { name: face, fields: { Person: [name] }, ${everyone} }`,
    expect: {
      'Person.name': { grants: ['face'] },
      'Employee.name': { grants: ['face'], broadOnly: false },
      'Employee.id': { grants: [] },
    },
  },
  {
    name: 'an interface is closer than a wildcard',
    given: `${wide}\n- { name: face, fields: { Person: [name] }, ${hr} }`,
    expect: { 'Employee.name': { grants: ['face'] }, 'Employee.ssn': { grants: ['wide'] } },
  },
  {
    name: 'a name is closer than an interface',
    given: `- { name: face, fields: { Person: [name] }, ${everyone} }
- { name: own, fields: { Employee: [name] }, ${hr} }`,
    expect: { 'Employee.name': { grants: ['own'] }, 'Person.name': { grants: ['face'] } },
  },
  {
    name: 'an interface does not reach a class of another rule',
    given: `- { name: face, fields: { Person: [name] }, ${everyone} }
- { name: label, types: [Employee], class: personal }`,
    expect: { 'Employee.name': { grants: [], listed: true } },
  },
  {
    name: 'a name reaches what another rule classifies',
    given: `- { name: own, fields: { Employee: [ssn] }, ${hr} }
- { name: label, fields: { Employee: [ssn] }, class: id }`,
    expect: { 'Employee.ssn': { grants: ['own'], classes: ['id'] } },
  },
  {
    name: 'classes add up, each once, sorted',
    given: `- { name: a, fields: { Employee: [ssn] }, class: [z, b] }
- { name: b, types: [Employee], class: [b, a] }`,
    expect: { 'Employee.ssn': { classes: ['a', 'b', 'z'] } },
  },
  {
    name: 'a rule that matches in two ways grants once',
    given: `- { name: a, fields: { Employee: ["*", ssn] }, types: [Employee], ${everyone} }`,
    expect: { 'Employee.ssn': { grants: ['a'], broadOnly: false } },
  },
  {
    name: 'a wildcard of inputs does not reach what another rule names',
    given: `- { name: wide, fields: { Sort: ["*"] }, ${everyone} }
- { name: own, fields: { Sort: [SALARY] }, ${hr} }`,
    expect: { 'Sort.SALARY': { grants: ['own'] }, 'Sort.NAME': { grants: ['wide'] } },
  },
  {
    name: 'inputs that no rule names are not governed',
    given: wide,
    expect: {
      'Sort.NAME': undefined,
      'Query.employees(ssn:)': undefined,
      'Filter.name': undefined,
    },
  },
];

const json: Case[] = [
  {
    name: 'a wildcard never opens a scalar that holds structures',
    given: '- { name: wide, fields: { Query: ["*"], Employee: ["*"] }, allow: everyone }',
    expect: {
      'Query.blob': { grants: [], listed: false },
      'Query.any': { grants: [], listed: false },
      'Employee.meta': { grants: [], listed: false },
      'Employee.born': { grants: ['wide'], broadOnly: true },
    },
  },
  {
    name: 'neither does its type',
    given: '- { name: wide, types: [JSON, Any], allow: everyone }',
    expect: { 'Query.blob': { grants: [], listed: false }, 'Query.any': { grants: [] } },
  },
  {
    name: 'nor a wildcard on an interface',
    given: '- { name: wide, fields: { Person: ["*"] }, allow: everyone }',
    expect: { 'Employee.meta': { grants: [] }, 'Person.meta': { grants: [], listed: false } },
  },
  {
    name: 'its own name does',
    given: '- { name: own, fields: { Query: [blob], Employee: ["*", meta] }, allow: everyone }',
    expect: {
      'Query.blob': { grants: ['own'], broadOnly: false },
      'Employee.meta': { grants: ['own'], broadOnly: false },
    },
  },
];

const taking: Case[] = [
  {
    name: 'a require holds wherever it matches, however wide',
    given: `- { name: own, fields: { Employee: [ssn] }, ${hr} }
- { name: types, types: [Employee], require: authenticated }
- { name: star, fields: { Employee: ["*"] }, require: { roles: [r] } }`,
    expect: {
      'Employee.ssn': { grants: ['own'], requires: ['types', 'star'] },
      'Query.employees': { grants: [], requires: ['types'], listed: false },
    },
  },
  {
    name: 'a require on an interface holds for who implements it',
    given: `- { name: own, fields: { Employee: [name] }, ${hr} }
- { name: face, fields: { Person: [name] }, require: authenticated }
- { name: types, types: [Person], require: { roles: [r] } }`,
    expect: { 'Employee.name': { grants: ['own'], requires: ['face', 'types'] } },
  },
  {
    name: 'a wide require alone lists nothing',
    given: '- { name: types, types: [Employee], require: authenticated }',
    expect: { 'Employee.ssn': { grants: [], requires: ['types'], listed: false } },
  },
  {
    name: 'allow and require of one rule both count',
    given: `- { name: a, fields: { Employee: [ssn] }, ${hr}, require: authenticated }`,
    expect: { 'Employee.ssn': { grants: ['a'], requires: ['a'] } },
  },
  {
    name: 'forbid matches however wide, and keeps no name away',
    given: `- { name: own, fields: { Employee: [ssn] }, ${everyone} }
- { name: never, types: [Employee], forbid: true }`,
    expect: { 'Employee.ssn': { grants: ['own'], forbid: 'never' } },
  },
  {
    name: 'forbid through an interface',
    given: '- { name: never, fields: { Person: [name] }, forbid: true }',
    expect: { 'Employee.name': { forbid: 'never' }, 'Employee.ssn': { forbid: undefined } },
  },
  {
    name: 'masks in their order, then the outcome',
    given: `- { name: a, fields: { Employee: [ssn] }, ${hr}, otherwise: [{ mask: redact, allow: { scopes: [x] } }, { mask: last4, ${everyone} }, reject] }`,
    expect: { 'Employee.ssn': { masks: ['a redact', 'a last4'], outcome: 'reject' } },
  },
  {
    name: 'an otherwise of a wildcard stays away where its grant does',
    given: `- { name: wide, fields: { Employee: ["*"] }, ${hr}, otherwise: [reject] }
- { name: own, fields: { Employee: [ssn] }, ${hr}, otherwise: [{ mask: last4, ${everyone} }] }`,
    expect: {
      'Employee.ssn': { masks: ['own last4'], outcome: 'deny' },
      'Employee.pay': { masks: [], outcome: 'reject' },
    },
  },
  {
    name: 'a mask on a list of text',
    given: `- { name: a, fields: { Employee: [notes, id] }, ${hr}, otherwise: [{ mask: last4, ${everyone} }] }`,
    expect: { 'Employee.notes': { masks: ['a last4'] }, 'Employee.id': { masks: ['a last4'] } },
  },
];

describe.each([
  { part: 'grants', cases: granting },
  { part: 'structured scalars', cases: json },
  { part: 'what takes away', cases: taking },
])('$part', ({ cases }) => {
  test.each(cases)('$name', ({ given, expect: wanted }) => {
    const { fields, inputs } = policyOf(sdl, given);
    for (const [coordinate, about] of Object.entries(wanted)) {
      const found = summary(fields.get(coordinate) ?? inputs.get(coordinate));
      if (about === undefined) expect(found, coordinate).toBeUndefined();
      else expect(found, coordinate).toMatchObject(about);
    }
  });
});

const certain: { name: string; given: string; expect: [allowed: boolean, refused: boolean] }[] = [
  { name: 'everyone', given: everyone, expect: [true, true] },
  { name: 'authenticated', given: 'allow: authenticated', expect: [false, true] },
  { name: 'a scope', given: hr, expect: [false, false] },
  {
    name: 'one of several grants',
    given: 'allow: { any: [{ scopes: [hr] }, everyone] }',
    expect: [true, true],
  },
  {
    name: 'a require for the named',
    given: `${everyone}, require: authenticated`,
    expect: [false, true],
  },
  {
    name: 'a require of a scope',
    given: `${everyone}, require: { scopes: [hr] }`,
    expect: [false, false],
  },
  { name: 'a require alone', given: 'require: everyone', expect: [false, false] },
  { name: 'forbid', given: 'forbid: true', expect: [false, false] },
  {
    name: 'a mask for all is not the value',
    given: `${hr}, otherwise: [{ mask: last4, ${everyone} }]`,
    expect: [false, false],
  },
];

describe('guaranteed: anonymous callers let in, or refused', () => {
  test.each(certain)('$name', ({ given, expect: wanted }) => {
    const rule = `- { name: a, fields: { Employee: [ssn] }, ${given} }`;
    const found = [true, false].map(
      (anonymousAllowed) =>
        policyOf(sdl, rule, anonymousAllowed).fields.get('Employee.ssn')?.guaranteed,
    );
    expect(found).toEqual(wanted);
  });

  test('a second rule guarantees, a wide require takes it away', () => {
    const two = `- { name: a, fields: { Employee: [ssn, pay] }, ${hr} }
- { name: b, fields: { Employee: [ssn, pay] }, ${everyone} }`;
    const guaranteed = (given: string) =>
      policyOf(sdl, given).fields.get('Employee.ssn')?.guaranteed;
    expect(guaranteed(two)).toBe(true);
    expect(guaranteed(`${two}\n- { name: c, types: [Person], require: ${'{ roles: [r] }'} }`)).toBe(
      false,
    );
  });
});

/** The rule as it is refused; the place is that of the mark in the line. */
const refused: { name: string; given: string; expect: Partial<Problem>[] }[] = [
  {
    name: 'two otherwise lists',
    given: `- { name: a, fields: { Employee: [ssn] }, ${hr}, otherwise: [deny] }
- name: b
  fields: { Employee: [ssn] }
  allow: everyone
  otherwise:
    - reject`,
    expect: [{ code: 'conflict', line: 8, column: 5 }],
  },
  {
    name: 'two otherwise lists, one of them through an interface',
    given: `- { name: a, fields: { Employee: [name] }, ${hr}, otherwise: [deny] }
- { name: b, fields: { Employee: [name] }, ${hr}, otherwise: [deny] }`,
    expect: [{ code: 'conflict', line: 4 }],
  },
  ...['pay', 'born', 'level', 'meta'].map((field) => ({
    name: `a mask on Employee.${field}`,
    given: `- { name: a, fields: { Employee: [${field}] }, ${hr}, otherwise: [{ mask: last4, ${everyone} }] }`,
    expect: [{ code: 'wrong-type' as const, line: 3 }],
  })),
  {
    name: 'a mask on an object',
    given: `- name: a
  fields: { Query: [employees] }
  allow: { scopes: [hr] }
  otherwise:
    - { mask: redact, allow: everyone }`,
    expect: [{ code: 'wrong-type', line: 7, column: 7 }],
  },
  ...['Query: ["employees(ssn:)"]', 'Filter: [name]', 'Sort: [NAME]'].map((fields) => ({
    name: `a mask on an input: ${fields}`,
    given: `- { name: a, fields: { ${fields} }, ${hr}, otherwise: [{ mask: last4, ${everyone} }] }`,
    expect: [
      {
        code: 'wrong-type' as const,
        message: expect.stringMatching(/ is an? \w.*: masks are for what is answered/),
      },
    ],
  })),
  {
    name: 'unknown names and what does not combine, all at once',
    given: `- { name: a, fields: { Employee: [ssm, pay] }, ${hr}, otherwise: [{ mask: last4, ${everyone} }] }`,
    expect: [{ code: 'unknown-name' }, { code: 'wrong-type' }],
  },
];

describe('rules that refuse to start', () => {
  test.each(refused)('$name', ({ given, expect: wanted }) => {
    let problems: readonly Problem[] = [];
    try {
      policyOf(sdl, given);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems = error.problems;
    }
    expect(problems).toMatchObject(wanted.map((one) => ({ file: 'access/test.yaml', ...one })));
  });

  test('two lists that are kept apart by closeness start', () => {
    const given = `- { name: a, fields: { Employee: ["*"] }, ${hr}, otherwise: [reject] }
- { name: b, fields: { Employee: [ssn] }, ${hr}, otherwise: [deny] }`;
    expect(policyOf(sdl, given).fields.get('Employee.ssn')?.outcome).toBe('deny');
  });
});

test('equal conditions share one number', () => {
  const policy = policyOf(
    sdl,
    `- { name: a, fields: { Employee: [ssn] }, ${hr}, require: authenticated }
- { name: b, fields: { Employee: [pay] }, ${hr}, require: ${'{ scopes: [x] }'} }`,
  );
  const conditions = policy.conditions.map((condition) => JSON.stringify(condition));
  expect(conditions.sort()).toEqual([
    '{"kind":"authenticated"}',
    '{"kind":"scopes","scopes":["hr"]}',
    '{"kind":"scopes","scopes":["x"]}',
  ]);
});

test('the input types that mutations reach are closed, through lists and cycles', () => {
  expect([...policyOf(sdl, '').writable]).toEqual(['Save', 'Deeper']);
});

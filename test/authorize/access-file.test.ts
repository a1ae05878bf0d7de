/** The format of access policies: what is read, with its places, and what is refused, and where. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAccessRules } from '../../gateway/authorize/access/access-file.ts';
import type { Condition } from '../../gateway/conditions/condition.ts';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const head = 'version: 1\nrules:\n';
const rule = (lines: string) => `${head}  - name: a\n    fields: { T: [f] }\n${lines}`;
const allow = (condition: string) => rule(`    allow: ${condition}\n`);
const otherwise = (list: string) => rule(`    allow: everyone\n    otherwise: ${list}\n`);

interface Case {
  name: string;
  given: string;
  /** Code and path (under `rules[0]`) per problem, in the order of the marks. */
  expect: [code: string, path: string][];
}

const conditionsRefused: Case[] = [
  { name: '{}', given: '▸{}', expect: [['empty-condition', '']] },
  { name: 'no scope', given: '{ scopes: ▸[] }', expect: [['empty-condition', '.scopes']] },
  { name: 'no role', given: '{ roles: ▸[] }', expect: [['empty-condition', '.roles']] },
  { name: 'any of none', given: '{ any: ▸[] }', expect: [['empty-condition', '.any']] },
  { name: 'all of none', given: '{ all: ▸[] }', expect: [['empty-condition', '.all']] },
  { name: 'no claim', given: '{ claims: ▸{} }', expect: [['empty-condition', '.claims']] },
  { name: 'no value', given: '{ claims: { d: ▸[] } }', expect: [['empty-condition', '.claims.d']] },
  {
    name: 'an empty part',
    given: '{ any: [everyone, ▸{}] }',
    expect: [['empty-condition', '.any[1]']],
  },
  { name: 'a list', given: '▸[everyone]', expect: [['wrong-type', '']] },
  { name: 'true', given: '▸true', expect: [['wrong-type', '']] },
  { name: 'a misspelt word', given: '▸everybody', expect: [['wrong-type', '']] },
  {
    name: 'one scope as text',
    given: '{ scopes: ▸"hr:read" }',
    expect: [['wrong-type', '.scopes']],
  },
  {
    name: 'a scope with a space',
    given: '{ scopes: [▸"a b"] }',
    expect: [['wrong-format', '.scopes[0]']],
  },
  {
    name: 'a scope with a quote',
    given: "{ scopes: [a, ▸'\"'] }",
    expect: [['wrong-format', '.scopes[1]']],
  },
  {
    name: 'a scope with an umlaut',
    given: '{ scopes: [▸ä] }',
    expect: [['wrong-format', '.scopes[0]']],
  },
  { name: 'an empty scope', given: '{ scopes: [▸""] }', expect: [['wrong-format', '.scopes[0]']] },
  {
    name: 'a number as a scope',
    given: '{ scopes: [▸1] }',
    expect: [['wrong-format', '.scopes[0]']],
  },
  {
    name: 'a map as a role',
    given: '{ roles: [▸{ a: b }] }',
    expect: [['wrong-format', '.roles[0]']],
  },
  {
    name: 'a value that is null',
    given: '{ claims: { d: [a, ▸null] } }',
    expect: [['wrong-format', '.claims.d[1]']],
  },
  {
    name: 'a claim value without a list',
    given: '{ claims: { d: ▸hr } }',
    expect: [['wrong-type', '.claims.d']],
  },
  { name: 'claims as a list', given: '{ claims: ▸[d] }', expect: [['wrong-type', '.claims']] },
  { name: 'an unknown word', given: '{ ▸scope: [a] }', expect: [['unknown-key', '.scope']] },
  {
    name: 'a word of the prototype',
    given: '{ ▸constructor: [a] }',
    expect: [['unknown-key', '.constructor']],
  },
  { name: 'a negation', given: '{ ▸not: { scopes: [a] } }', expect: [['negation', '.not']] },
  {
    name: 'a negation deep down',
    given: '{ all: [everyone, { any: [{ ▸not: authenticated }] }] }',
    expect: [['negation', '.all[1].any[0].not']],
  },
  {
    name: 'an expression that is none, beside what is known',
    given: '{ scopes: [a], when: ▸"object.id ==" }',
    expect: [['wrong-value', '.when']],
  },
  { name: 'an expression of a number', given: '{ when: ▸1 }', expect: [['wrong-type', '.when']] },
  {
    name: 'an expression without end',
    given: `{ when: ▸'${'!'.repeat(2_001)}true' }`,
    expect: [['out-of-range', '.when']],
  },
  {
    name: 'a sign-in of nothing',
    given: '{ auth: ▸{} }',
    expect: [['empty-condition', '.auth']],
  },
  { name: 'a sign-in in a word', given: '{ auth: ▸mfa }', expect: [['wrong-type', '.auth']] },
  {
    name: 'a sign-in of something else',
    given: '{ auth: { ▸maxage: 5m } }',
    expect: [['unknown-key', '.auth.maxage']],
  },
  {
    name: 'a strength that is no list',
    given: '{ auth: { acr: ▸mfa } }',
    expect: [['wrong-value', '.auth.acr']],
  },
  { name: 'no strength', given: '{ auth: { acr: ▸[] } }', expect: [['wrong-value', '.auth.acr']] },
  {
    name: 'strengths that would be two, or end a quoted text',
    given: '{ auth: { acr: ▸["a b", \'a"b\'] } }',
    expect: [['wrong-value', '.auth.acr']],
  },
  ...['0s', '500ms', '1500ms', '400d', '5', '300', '-1m', 'PT5M'].map(
    (age): Case => ({
      name: `an age of ${age}`,
      given: `{ auth: { acr: [mfa], maxAge: ▸${age} } }`,
      expect: [['wrong-value', '.auth.maxAge']],
    }),
  ),
  {
    name: 'a network that is no name',
    given: '{ network: [▸"a b"] }',
    expect: [['wrong-format', '.network[0]']],
  },
  {
    name: 'a country in small letters',
    given: '{ regions: [▸de] }',
    expect: [['wrong-format', '.regions[0]']],
  },
  {
    name: 'clients that are none',
    given: '{ clients: ▸[] }',
    expect: [['empty-condition', '.clients']],
  },
  {
    name: 'hours without a zone',
    given: '{ hours: ▸{ days: [mon], from: "08:00", to: "18:00" } }',
    expect: [['missing-key', '.hours']],
  },
  {
    name: 'several at once',
    given: '{ when: ▸x, scopes: ▸[], any: [▸{}, { ▸not: everyone }] }',
    expect: [
      ['wrong-value', '.when'],
      ['empty-condition', '.scopes'],
      ['empty-condition', '.any[0]'],
      ['negation', '.any[1].not'],
    ],
  },
];

const nested = `${'{ any: ['.repeat(17)}everyone${'] }'.repeat(17)}`;

const cases: Case[] = [
  ...['allow', 'require'].flatMap((key) =>
    conditionsRefused.map(
      ({ name, given, expect: wanted }): Case => ({
        name: `${key} with ${name}`,
        given: rule(`    ${key}: ${given}\n`),
        expect: wanted.map(([code, path]) => [code, `.${key}${path}`]),
      }),
    ),
  ),
  {
    name: 'a condition left out',
    given: rule('    ▸allow:\n'),
    expect: [['wrong-type', '.allow']],
  },
  {
    name: 'conditions nested without end',
    given: allow(nested.replace('everyone', '▸everyone').replaceAll('▸', '')),
    expect: [['too-deep', `.allow${'.any[0]'.repeat(16)}`]],
  },
  {
    name: 'a rule that says nothing',
    given: `${head}  - ▸name: a\n    fields: { T: [f] }\n`,
    expect: [['missing-key', '']],
  },
  {
    name: 'a rule about nothing',
    given: `${head}  - ▸name: a\n    allow: everyone\n`,
    expect: [['missing-key', '']],
  },
  {
    name: 'a rule without a name',
    given: `${head}  - ▸fields: { T: [f] }\n    allow: everyone\n`,
    expect: [['missing-key', '.name']],
  },
  ...['"a b"', '-a', '"a\\nb"', '""', 'ä'].map(
    (name): Case => ({
      name: `the name ${name}`,
      given: `${head}  - { name: ▸${name}, types: [T], allow: everyone }\n`,
      expect: [['wrong-format', '.name']],
    }),
  ),
  {
    name: 'a class of two words',
    given: rule('    class: ▸social security\n'),
    expect: [['wrong-format', '.class']],
  },
  {
    name: 'a class twice',
    given: rule('    class: [a, ▸a]\n'),
    expect: [['duplicate-name', '.class[1]']],
  },
  {
    name: 'no fields',
    given: `${head}  - { name: a, allow: everyone, fields: ▸{} }\n`,
    expect: [['empty', '.fields']],
  },
  {
    name: 'a type without fields',
    given: `${head}  - { name: a, allow: everyone, fields: { T: ▸[] } }\n`,
    expect: [['empty', '.fields.T']],
  },
  ...['T.f', 'a b', 'f()', 'f(x)', '*(x:)', 'f(x:y:)', 'f(x:, y:)', '**', 'é'].map(
    (name): Case => ({
      name: `the field ${name}`,
      given: `${head}  - { name: a, allow: everyone, fields: { T: [f, ▸"${name}"] } }\n`,
      expect: [['wrong-format', '.fields.T[1]']],
    }),
  ),
  {
    name: 'a field twice',
    given: `${head}  - { name: a, allow: everyone, fields: { T: [f, ▸f] } }\n`,
    expect: [['duplicate-name', '.fields.T[1]']],
  },
  {
    name: 'a type that is no name',
    given: `${head}  - { name: a, allow: everyone, fields: { ▸T.f: [g] } }\n`,
    expect: [['wrong-name', '.fields["T.f"]']],
  },
  {
    name: 'a type twice',
    given: `${head}  - { name: a, allow: everyone, types: [T, ▸T] }\n`,
    expect: [['duplicate-name', '.types[1]']],
  },
  ...['allow', 'require'].map(
    (key): Case => ({
      name: `forbid beside ${key}`,
      given: rule(`    forbid: true\n    ▸${key}: everyone\n`),
      expect: [['conflict', `.${key}`]],
    }),
  ),
  {
    name: 'forbid beside otherwise',
    given: rule('    forbid: true\n    ▸otherwise: [deny]\n'),
    expect: [['conflict', '.otherwise']],
  },
  {
    name: 'forbid that forbids nothing',
    given: rule('    forbid: ▸false\n'),
    expect: [['wrong-value', '.forbid']],
  },
  ...[
    'Query.person',
    '"Query.person()"',
    '"person(id: args.id)"',
    '"Mutation.person(id: args.id)"',
    '"Query.person(id: claims.sub)"',
    '"Query.person(id: args)"',
    '"Query.person(id: args.id) { id }"',
    'old',
  ].map(
    (object): Case => ({
      name: `the object ${object}`,
      given: rule(`    allow: everyone\n    object: ▸${object}\n`),
      expect: [['wrong-format', '.object']],
    }),
  ),
  {
    name: 'an object of types',
    given: `${head}  - name: a\n    types: [T]\n    require: everyone\n    ▸object: new\n`,
    expect: [['conflict', '.object']],
  },
  {
    name: 'no pin',
    given: rule('    allow: everyone\n    pin: ▸{}\n'),
    expect: [['empty', '.pin']],
  },
  {
    name: 'a pin on a field',
    given: rule('    allow: everyone\n    pin: { ▸Query.people: claims.t }\n'),
    expect: [['wrong-name', '.pin["Query.people"]']],
  },
  ...['t', 'claims', 'claims.', 'client', '"{claims.t}"', '[claims.t]', '"claims.a b"'].map(
    (claim): Case => ({
      name: `a pin to ${claim}`,
      given: rule(`    allow: everyone\n    pin: { "Query.people(t:)": ▸${claim} }\n`),
      expect: [[claim.startsWith('[') ? 'wrong-type' : 'wrong-format', '.pin["Query.people(t:)"]']],
    }),
  ),
  {
    name: 'a pin that grants, and not what',
    given: `${head}  - ▸name: a\n    pin: { "Query.people(t:)": claims.t }\n    allow: everyone\n`,
    expect: [['missing-key', '']],
  },
  {
    name: 'fields that are only pinned',
    given: `${head}  - ▸name: a\n    fields: { T: [f] }\n    pin: { "Query.people(t:)": claims.t }\n`,
    expect: [['missing-key', '']],
  },
  {
    name: 'a misspelt key',
    given: rule('    allow: everyone\n    ▸alow: x\n'),
    expect: [['unknown-key', '.alow']],
  },
  {
    name: 'the outcome drop of a field',
    given: otherwise('▸[drop]'),
    expect: [['conflict', '.otherwise']],
  },
  {
    name: 'the outcome drop after a mask',
    given: otherwise('▸[{ mask: last4, allow: everyone }, drop]'),
    expect: [['conflict', '.otherwise']],
  },
  {
    name: 'an unknown mask',
    given: otherwise('[{ mask: ▸last5, allow: everyone }]'),
    expect: [['wrong-value', '.otherwise[0].mask']],
  },
  {
    name: 'a mask for nobody',
    given: otherwise('[▸{ mask: last4 }]'),
    expect: [['missing-key', '.otherwise[0].allow']],
  },
  {
    name: 'a mask for an empty condition',
    given: otherwise('[{ mask: last4, allow: ▸{} }]'),
    expect: [['empty-condition', '.otherwise[0].allow']],
  },
  {
    name: 'an unknown outcome',
    given: otherwise('[▸refuse]'),
    expect: [['wrong-value', '.otherwise[0]']],
  },
  {
    name: 'an outcome before a mask',
    given: otherwise('[deny, ▸{ mask: last4, allow: everyone }]'),
    expect: [['conflict', '.otherwise[1]']],
  },
  {
    name: 'two outcomes',
    given: otherwise('[deny, ▸reject]'),
    expect: [['conflict', '.otherwise[1]']],
  },
  {
    name: 'an outcome without a list',
    given: otherwise('▸deny'),
    expect: [['wrong-type', '.otherwise']],
  },
  { name: 'an empty otherwise', given: otherwise('▸[]'), expect: [['empty', '.otherwise']] },
];

test.each(cases)('refuses $name', async ({ given, expect: wanted }) => {
  const { places } = readMarks(given);
  const directory = await writeFiles({ 'access/a.yaml': given });
  const met = await problemsOf(() => loadAccessRules(directory));
  const paths = wanted.map(([code, path]) => ({ code, path: `rules[0]${path}` }));
  expect(met.map(({ code, path }) => ({ code, path }))).toEqual(paths);
  if (places.length > 0) expect(met.map(({ line, column }) => ({ line, column }))).toEqual(places);
});

test('all problems of all files come at once', async () => {
  const directory = await writeFiles({
    'access/a.yaml': `${head}  - { name: a b, types: [T], allow: {} }\n  - { name: b, types: [T], shadow: {} }\n`,
    'access/b.yaml': 'version: 1\nrulez: []\n',
  });
  const met = await problemsOf(() => loadAccessRules(directory));
  expect(met.map(({ code }) => code)).toEqual([
    'wrong-format',
    'empty-condition',
    'missing-key',
    'missing-key',
    'missing-key',
    'unknown-key',
  ]);
});

test('a name that two files use is refused with both places', async () => {
  const text = `${head}  - { name: a, types: [T], allow: everyone }\n`;
  const directory = await writeFiles({ 'access/a.yaml': text, 'access/b.yaml': text });
  const error = await loadAccessRules(directory).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  const [problem] = (error as ConfigError).problems;
  expect(problem).toMatchObject({ code: 'duplicate-name', line: 3, column: 5 });
  expect(problem?.file).toBe(join(directory, 'access/b.yaml'));
  expect(problem?.message).toContain(`${join(directory, 'access/a.yaml')}:3`);
});

const conditions: { given: string; expect: Condition }[] = [
  { given: 'everyone', expect: { kind: 'everyone' } },
  { given: 'authenticated', expect: { kind: 'authenticated' } },
  { given: '{ scopes: [hr:read, "a*"] }', expect: { kind: 'scopes', scopes: ['hr:read', 'a*'] } },
  { given: '{ roles: [line manager] }', expect: { kind: 'roles', roles: ['line manager'] } },
  {
    given: '{ claims: { department: [hr, 1, true, "1"] } }',
    expect: { kind: 'claims', claim: 'department', values: ['hr', 1, true, '1'] },
  },
  {
    given: '{ claims: { a: [1], b: [2] } }',
    expect: {
      kind: 'all',
      of: [
        { kind: 'claims', claim: 'a', values: [1] },
        { kind: 'claims', claim: 'b', values: [2] },
      ],
    },
  },
  {
    given: '{ scopes: [a], roles: [b] }',
    expect: {
      kind: 'all',
      of: [
        { kind: 'scopes', scopes: ['a'] },
        { kind: 'roles', roles: ['b'] },
      ],
    },
  },
  {
    given: '{ auth: { acr: [mfa, "urn:x:1", mfa], maxAge: 5m } }',
    expect: { kind: 'auth', signIn: { acr: ['mfa', 'urn:x:1'], maxAgeS: 300 } },
  },
  {
    given: '{ auth: { maxAge: 2000ms }, scopes: [a] }',
    expect: {
      kind: 'all',
      of: [
        { kind: 'auth', signIn: { acr: undefined, maxAgeS: 2 } },
        { kind: 'scopes', scopes: ['a'] },
      ],
    },
  },
  {
    given: '{ any: [authenticated, { all: [everyone] }] }',
    expect: {
      kind: 'any',
      of: [{ kind: 'authenticated' }, { kind: 'all', of: [{ kind: 'everyone' }] }],
    },
  },
];

test.each(conditions)('reads $given', async ({ given, expect: condition }) => {
  const directory = await writeFiles({ 'access/a.yaml': allow(given) });
  expect((await loadAccessRules(directory))[0]?.allow).toEqual(condition);
});

test('reads a whole rule with the place of everything', async () => {
  const text = `version: 1
rules:
  - ▸name: government-ids
    class: [government-id, sensitive]
    fields:
      Employee: [▸ssn, ▸"*"]
      Query: [▸"employees(ssn:)"]
    types: [▸Employee]
    allow: { scopes: [hr:ssn:read] }
    require: authenticated
    otherwise:
      ▸- ▸mask: last4
        allow: { scopes: [hr:ssn:masked] }
      - ▸mask: redact
        allow: everyone
      - reject
  - ▸name: never
    types: [▸Secret]
    forbid: true
  - ▸name: tenants
    pin:
      ▸"Query.employees(tenantId:)": claims.org.tenant_id
`;
  const directory = await writeFiles({ 'access/hr.yaml': text });
  const file = join(directory, 'access/hr.yaml');
  const places = readMarks(text).places.map((place) => ({ file, ...place }));
  const rules = await loadAccessRules(directory);
  expect(rules).toEqual([
    {
      name: 'government-ids',
      source: places[0],
      classes: ['government-id', 'sensitive'],
      fields: [
        { type: 'Employee', name: 'ssn', source: places[1] },
        { type: 'Employee', name: '*', source: places[2] },
        { type: 'Query', name: 'employees(ssn:)', source: places[3] },
      ],
      types: [{ name: 'Employee', source: places[4] }],
      pins: [],
      allow: { kind: 'scopes', scopes: ['hr:ssn:read'] },
      require: { kind: 'authenticated' },
      forbid: false,
      otherwise: {
        masks: [
          {
            mask: 'last4',
            allow: { kind: 'scopes', scopes: ['hr:ssn:masked'] },
            source: places[6],
          },
          { mask: 'redact', allow: { kind: 'everyone' }, source: places[7] },
        ],
        outcome: 'reject',
        source: places[5],
      },
    },
    {
      name: 'never',
      source: places[8],
      classes: [],
      fields: [],
      types: [{ name: 'Secret', source: places[9] }],
      pins: [],
      allow: undefined,
      require: undefined,
      forbid: true,
      otherwise: undefined,
    },
    {
      name: 'tenants',
      source: places[10],
      classes: [],
      fields: [],
      types: [],
      pins: [
        {
          type: 'Query',
          field: 'employees',
          argument: 'tenantId',
          claim: ['org', 'tenant_id'],
          source: places[11],
        },
      ],
      allow: undefined,
      require: undefined,
      forbid: false,
      otherwise: undefined,
    },
  ]);
  expect(Object.isFrozen(rules[0]?.allow)).toBe(true);
});

test('without a word at its end, otherwise denies', async () => {
  const text = otherwise('[{ mask: last4, allow: everyone }]');
  const directory = await writeFiles({ 'access/a.yaml': text });
  expect((await loadAccessRules(directory))[0]?.otherwise?.outcome).toBe('deny');
});

/** The schema that callers see: what is hidden, what falls with it, and what may be null. */
import {
  buildSchema,
  type GraphQLSchema,
  isInputObjectType,
  isUnionType,
  parse,
  print,
  printSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { createBuildView, toPublicSchema } from '../../gateway/authorize/view/public-schema.ts';
import { policyOf } from './policy-rig.ts';

interface Case {
  name: string;
  /** Types beside those that the case is about. */
  given: {
    sdl: string;
    rules: string;
    joined?: string[];
    counted?: string[];
    anonymousAllowed?: boolean;
  };
  /** The whole view. */
  expect: string;
  fallen?: string[];
}

function viewOf(given: Case['given']) {
  const { sdl, rules, joined = [], counted = [], anonymousAllowed = true } = given;
  const policy = policyOf(sdl, rules, anonymousAllowed);
  const about = { policy, nullable: new Set(joined), counted: new Set(counted) };
  return toPublicSchema(createBuildView(buildSchema(sdl), about));
}

const sorted = (sdl: string): string[] => parse(sdl).definitions.map(print).sort();
const shown = (schema: GraphQLSchema): string[] => sorted(printSchema(schema));
const all = (...types: string[]): string =>
  `- { name: all, fields: { ${types.map((type) => `${type}: ["*"]`).join(', ')} }, allow: everyone }`;

const hidden: Case[] = [
  {
    name: 'what no rule lists is not there',
    given: {
      sdl: 'type Query { a: String b: String }',
      rules: '- { name: a, fields: { Query: [a] }, allow: { scopes: [x] } }',
    },
    expect: 'type Query { a: String }',
  },
  {
    name: 'what is listed is there, though nobody has it',
    given: {
      sdl: 'type Query { a: String b: String c: String }',
      rules: `${all('Query')}
- { name: b, fields: { Query: [b] }, class: x }
- { name: c, fields: { Query: [c] }, forbid: true }`,
    },
    expect: 'type Query { a: String b: String c: String }',
  },
  {
    name: 'a type without fields falls with all that returns it',
    given: {
      sdl: 'type Query { a: String t: T } type T { up: Query x: [U!] } type U { y: Int }',
      rules: all('Query', 'T'),
    },
    expect: 'type Query { a: String t: T } type T { up: Query }',
    fallen: ['T.x'],
  },
  {
    name: 'and so on up, until nothing changes',
    given: {
      sdl: 'type Query { a: String t: T } type T { u: U } type U { v: V } type V { y: Int }',
      rules: all('Query', 'T', 'U'),
    },
    expect: 'type Query { a: String }',
    fallen: ['U.v', 'T.u', 'Query.t'],
  },
  {
    name: 'a union keeps the members that stand',
    given: {
      sdl: 'type Query { a: String h: H } union H = T | U type T { x: Int } type U { y: Int }',
      rules: all('Query', 'T'),
    },
    expect: 'type Query { a: String h: H } union H = T type T { x: Int }',
  },
  {
    name: 'a union without members falls',
    given: {
      sdl: 'type Query { a: String h: H } union H = T type T { x: Int }',
      rules: all('Query'),
    },
    expect: 'type Query { a: String }',
    fallen: ['Query.h'],
  },
  {
    name: 'an interface keeps a field only where every implementation does',
    given: {
      sdl: `type Query { i: I } interface I { x: U y: Int }
        type S implements I { x: V y: Int } type T implements I { x: W y: Int }
        union U = V | W type V { z: Int } type W { z: Int }`,
      rules: `${all('Query', 'I', 'V')}\n- { name: w, types: [W], class: c }`,
    },
    expect:
      'type Query { i: I } interface I { y: Int } type S implements I { x: V y: Int } type T implements I { y: Int } type V { z: Int }',
    fallen: ['I.x'],
  },
  {
    name: 'an interface without fields falls, its implementations stay',
    given: {
      sdl: 'type Query { t: T i: I } interface I { x: Int } type T implements I { x: Int }',
      rules: all('Query', 'T'),
    },
    expect: 'type Query { t: T } type T { x: Int }',
    fallen: ['Query.i'],
  },
  {
    name: 'an interface in the middle falls alone',
    given: {
      sdl: `type Query { t: T } interface I { x: Int } interface J implements I { x: Int y: Int }
        type T implements I & J { x: Int y: Int }`,
      rules: `${all('Query', 'T', 'I')}\n- { name: j, fields: { J: [x] }, class: c }`,
    },
    expect:
      'type Query { t: T } interface I { x: Int } interface J implements I { x: Int } type T implements I & J { x: Int y: Int }',
  },
  {
    name: 'what implements a type that is reached is reached',
    given: {
      sdl: 'type Query { i: I } interface I { x: Int } type T implements I { x: Int u: U } type U { y: E } enum E { A }',
      rules: all('Query', 'I', 'T', 'U'),
    },
    expect:
      'type Query { i: I } interface I { x: Int } type T implements I { x: Int u: U } type U { y: E } enum E { A }',
  },
  {
    name: 'what nothing reaches goes: types, inputs, enums, scalars',
    given: {
      sdl: `type Query { a(f: F): S b(g: G, e: E): T } type T { x: Z u: U } type U { y: Int }
        scalar S scalar Z enum E { A } input F { d: D } input G { y: Int } enum D { B }`,
      rules: `- { name: a, fields: { Query: [a], T: [x, u], U: [y] }, allow: everyone }`,
    },
    expect: 'type Query { a(f: F): S } scalar S input F { d: D } enum D { B }',
  },
  {
    name: 'subscriptions are not there',
    given: {
      sdl: 'type Query { a: String } type Subscription { s: T } type T { x: Int }',
      rules: all('Query', 'Subscription', 'T'),
    },
    expect: 'type Query { a: String }',
  },
  {
    name: 'root types by other names',
    given: {
      sdl: 'schema { query: Ask mutation: Do } type Ask { a: String! } type Do { d: String! }',
      rules: all('Ask', 'Do'),
    },
    expect: 'schema { query: Ask mutation: Do } type Ask { a: String } type Do { d: String! }',
  },
  {
    name: 'descriptions, deprecations, defaults and oneOf stay; directives of an upstream go',
    given: {
      sdl: `directive @cost(value: Int) on FIELD_DEFINITION
        type Query { "what it is" a(n: Int = 3, f: F): String @cost(value: 1) @deprecated(reason: "old") }
        input F @oneOf { x: Int y: Int } scalar S @specifiedBy(url: "https://example.test/s")
        type T { s: S }`,
      rules: all('Query', 'T'),
    },
    expect:
      'type Query { """what it is""" a(n: Int = 3, f: F): String @deprecated(reason: "old") } input F @oneOf { x: Int y: Int }',
  },
];

const inputs: Case[] = [
  {
    name: 'inputs of queries are open, named or not',
    given: {
      sdl: 'type Query { a(f: F, s: String): String } input F { x: Int y: Int }',
      rules: `${all('Query')}\n- { name: x, fields: { F: [x], Query: ["a(s:)"] }, allow: { scopes: [x] } }`,
    },
    expect: 'type Query { a(f: F, s: String): String } input F { x: Int y: Int }',
  },
  {
    name: 'input fields that a mutation reaches are closed until listed',
    given: {
      sdl: 'type Query { a: String } type Mutation { m(f: F, s: String): String } input F { x: Int y: Int }',
      rules: `${all('Query', 'Mutation')}\n- { name: x, fields: { F: [x] }, allow: everyone }`,
    },
    expect:
      'type Query { a: String } type Mutation { m(f: F, s: String): String } input F { x: Int }',
  },
  {
    name: 'for queries too, which share the type',
    given: {
      sdl: 'type Query { a(f: F): String } type Mutation { m(f: F): String } input F { x: Int y: Int }',
      rules: `${all('Query', 'Mutation')}\n- { name: x, fields: { F: [x] }, allow: everyone }`,
    },
    expect: 'type Query { a(f: F): String } type Mutation { m(f: F): String } input F { x: Int }',
  },
  {
    name: 'an argument whose type has no field left falls, its field stays',
    given: {
      sdl: 'type Query { a: String } type Mutation { m(f: F, g: [F!] = [], s: String): String } input F { x: Int }',
      rules: all('Query', 'Mutation'),
    },
    expect: 'type Query { a: String } type Mutation { m(s: String): String }',
  },
  {
    name: 'a field falls with a required argument',
    given: {
      sdl: 'type Query { a: String } type Mutation { m(f: F!): String n: Int } input F { x: Int }',
      rules: all('Query', 'Mutation'),
    },
    expect: 'type Query { a: String } type Mutation { n: Int }',
    fallen: ['Mutation.m'],
  },
  {
    name: 'a required input field that is closed takes its type, the argument and the field away',
    given: {
      sdl: `type Query { a: String } type Mutation { m(g: [G!]!): String n: Int }
        input G { f: F! z: Int } input F { x: Int! y: Int }`,
      rules: `${all('Query', 'Mutation')}\n- { name: y, fields: { F: [y], G: [f, z] }, allow: everyone }`,
    },
    expect: 'type Query { a: String } type Mutation { n: Int }',
    fallen: ['Mutation.m'],
  },
  {
    name: 'one with a default does not',
    given: {
      sdl: 'type Query { a: String } type Mutation { m(f: F!): String } input F { x: Int! = 1 y: Int }',
      rules: `${all('Query', 'Mutation')}\n- { name: y, fields: { F: [y] }, allow: everyone }`,
    },
    expect: 'type Query { a: String } type Mutation { m(f: F!): String } input F { y: Int }',
  },
  {
    name: 'neither does one that only what is optional needs',
    given: {
      sdl: `type Query { a: String } type Mutation { m(g: G!): String }
        input G { f: F z: Int } input F { x: Int! y: Int }`,
      rules: `${all('Query', 'Mutation')}\n- { name: y, fields: { F: [y], G: [f, z] }, allow: everyone }`,
    },
    expect: 'type Query { a: String } type Mutation { m(g: G!): String } input G { z: Int }',
  },
  {
    name: 'input types in a circle stand or fall together',
    given: {
      sdl: `type Query { a: String } type Mutation { m(f: F): String n(h: H): String }
        input F { g: G } input G { f: F } input H { h: H z: Int }`,
      rules: `${all('Query', 'Mutation')}\n- { name: f, fields: { F: [g], H: ["*"] }, allow: everyone }`,
    },
    expect:
      'type Query { a: String } type Mutation { m: String n(h: H): String } input H { h: H z: Int }',
  },
  {
    name: 'without a mutation left there is none',
    given: {
      sdl: 'type Query { a: String } type Mutation { m(f: F!): String } input F { x: Int }',
      rules: all('Query', 'Mutation'),
    },
    expect: 'type Query { a: String }',
    fallen: ['Mutation.m'],
  },
];

const nullable: Case[] = [
  {
    name: 'what everyone has keeps its !, but at the root of queries',
    given: {
      sdl: 'type Query { t: T! } type Mutation { m: T! } type T { x: [Int!]! }',
      rules: all('Query', 'Mutation', 'T'),
    },
    expect: 'type Query { t: T } type Mutation { m: T! } type T { x: [Int!]! }',
  },
  {
    name: 'what somebody may not have loses it, inner ones stay',
    given: {
      sdl: 'type Query { t: T } type T { a: [Int!]! b: Int! c: String! d: Int! e: Int! f: Int! }',
      rules: `${all('Query')}
- { name: a, fields: { T: [a] }, allow: { scopes: [x] } }
- { name: b, fields: { T: [b] }, allow: authenticated }
- { name: c, fields: { T: [c] }, allow: { scopes: [x] }, otherwise: [{ mask: redact, allow: everyone }] }
- { name: d, fields: { T: [d, e] }, allow: everyone }
- { name: e, fields: { T: [e] }, require: authenticated }
- { name: f, fields: { T: [f] }, forbid: true }`,
    },
    expect: 'type Query { t: T } type T { a: [Int!] b: Int c: String d: Int! e: Int f: Int }',
  },
  {
    name: 'what may be a structure loses it where it is not named itself',
    given: {
      sdl: 'type Query { t: T } scalar Long type T { a: Long!, b: Long!, c: Int! }',
      rules: `${all('Query', 'T')}\n- { name: a, fields: { T: [a] }, allow: everyone }`,
    },
    expect: 'type Query { t: T } scalar Long type T { a: Long!, b: Long, c: Int! }',
  },
  {
    name: 'every authenticated caller is everyone where the anonymous are refused',
    given: {
      sdl: 'type Query { t: T } type T { a: Int! b: Int! }',
      rules: `${all('Query')}
- { name: a, fields: { T: [a] }, allow: authenticated }
- { name: b, fields: { T: [b] }, allow: { roles: [r] } }`,
      anonymousAllowed: false,
    },
    expect: 'type Query { t: T } type T { a: Int! b: Int }',
  },
  {
    name: 'what a join or a link fetches loses it, though everyone has it',
    given: {
      sdl: 'type Query { t: T } type T { id: ID! far: [Int!]! near: Int! }',
      rules: all('Query', 'T'),
      joined: ['T.far'],
    },
    expect: 'type Query { t: T } type T { id: ID! far: [Int!] near: Int! }',
  },
  {
    name: 'an interface loses it with one implementation, the others keep it',
    given: {
      sdl: `type Query { i: I } interface I { x: Int! y: Int! }
        type T implements I { x: Int! y: Int! } type U implements I { x: Int! y: Int! }`,
      rules: `${all('Query', 'I')}
- { name: t, fields: { T: [x] }, allow: { scopes: [x] } }`,
    },
    expect:
      'type Query { i: I } interface I { x: Int y: Int! } type T implements I { x: Int y: Int! } type U implements I { x: Int! y: Int! }',
  },
  {
    name: 'an interface of an interface too',
    given: {
      sdl: `type Query { i: I } interface I { x: Int! } interface J implements I { x: Int! }
        type T implements I & J { x: Int! }`,
      rules: all('Query', 'I', 'J'),
      joined: ['T.x'],
    },
    expect:
      'type Query { i: I } interface I { x: Int } interface J implements I { x: Int } type T implements I & J { x: Int }',
  },
  {
    name: 'entries that single withheld values make null, in the lists of an interface too',
    given: {
      sdl: `type Query { i: I } interface I { x: [[Int!]!]! } interface J implements I { x: [[Int!]!]! }
        type T implements I & J { x: [[Int!]!]! } type U implements I { x: [[Int!]!]! }`,
      rules: all('Query', 'I', 'J'),
      counted: ['T.x'],
    },
    expect: `type Query { i: I } interface I { x: [[Int]] } interface J implements I { x: [[Int]] }
      type T implements I & J { x: [[Int]] } type U implements I { x: [[Int!]!]! }`,
  },
  {
    name: 'an interface without its ! leaves it to the implementations',
    given: {
      sdl: 'type Query { i: I } interface I { x: Int! } type T implements I { x: Int! }',
      rules: `- { name: a, fields: { Query: [i], T: [x] }, allow: everyone }
- { name: i, fields: { I: [x] }, allow: { scopes: [x] } }`,
    },
    expect: 'type Query { i: I } interface I { x: Int } type T implements I { x: Int! }',
  },
  {
    name: 'an argument that not everyone may use takes it away',
    given: {
      sdl: 'type Query { t: T } type T { x(limit: Int): Int! y(limit: Int): Int! }',
      rules: `${all('Query', 'T')}
- { name: limit, fields: { T: ["x(limit:)"] }, allow: { scopes: [x] } }
- { name: open, fields: { T: ["y(limit:)"] }, allow: everyone }`,
    },
    expect: 'type Query { t: T } type T { x(limit: Int): Int y(limit: Int): Int! }',
  },
  {
    name: 'so does an input field or an enum value inside an argument',
    given: {
      sdl: `type Query { t: T } type T { x(f: [F!]): Int! y(s: S): Int! z(g: G): Int! }
        input F { s: S } enum S { A B } input G { n: Int deeper: G f: F }`,
      rules: `${all('Query', 'T')}
- { name: b, fields: { S: [B] }, allow: { scopes: [x] } }`,
    },
    expect: `type Query { t: T } type T { x(f: [F!]): Int y(s: S): Int z(g: G): Int }
      input F { s: S } enum S { A B } input G { n: Int deeper: G f: F }`,
  },
];

const roots: Case[] = [
  {
    name: 'it keeps what other objects of its interface promise',
    given: {
      sdl: `interface Node { id: ID! at: Int } type Query implements Node { id: ID! at: Int! a: A! }
        type A implements Node { id: ID! at: Int }`,
      rules: all('Query', 'Node', 'A'),
    },
    expect: `interface Node { id: ID! at: Int } type Query implements Node { id: ID! at: Int a: A }
        type A implements Node { id: ID! at: Int }`,
  },
  {
    name: 'it does not where a refusal may take it',
    given: {
      sdl: `interface Node { id: ID! } type Query implements Node { id: ID! a: A }
        type A implements Node { id: ID! }`,
      rules: `- { name: a, fields: { Query: [a], A: [id] }, allow: everyone }
- { name: id, fields: { Query: [id], Node: [id] }, allow: { scopes: [x] } }`,
    },
    expect: `interface Node { id: ID } type Query implements Node { id: ID a: A }
        type A implements Node { id: ID! }`,
  },
  {
    name: 'an interface of its own promises nothing',
    given: {
      sdl: 'interface Root { a: Int! } type Query implements Root { a: Int! }',
      rules: all('Query', 'Root'),
    },
    expect: 'interface Root { a: Int } type Query implements Root { a: Int }',
  },
];

describe.each([
  { part: 'interfaces of the query root', cases: roots },
  { part: 'what is hidden', cases: hidden },
  { part: 'inputs', cases: inputs },
  { part: 'nulls', cases: nullable },
])('$part', ({ cases }) => {
  test.each(cases)('$name', ({ given, expect: wanted, fallen }) => {
    const view = viewOf(given);
    expect(shown(view.schema)).toEqual(sorted(wanted));
    if (fallen !== undefined) expect([...view.fallen].sort()).toEqual([...fallen].sort());
  });
});

test('the fields that lost their ! are named', () => {
  const { loosened } = viewOf({
    sdl: 'type Query { a: Int! t: T! } type T { x: Int! y: Int! } type U { z: Int! }',
    rules: `${all('Query')}
- { name: x, fields: { T: [x] }, allow: { scopes: [x] } }
- { name: y, fields: { T: [y] }, allow: everyone }`,
  });
  expect(loosened).toEqual(expect.arrayContaining(['Query.a', 'Query.t', 'T.x']));
  expect(loosened).not.toContain('T.y');
});

test('the order in which types are written changes nothing', () => {
  const types = [
    'type Query { s: S }',
    'type S { x: U }',
    'interface U { z: Int }',
    'type V implements U { z: Int }',
  ];
  const rules = `${all('Query', 'S', 'U')}\n- { name: v, types: [V], class: c }`;
  const open = types.concat('extend type Query { a: String }');
  const view = (sdl: string) => shown(viewOf({ sdl, rules }).schema);
  expect(view(open.toReversed().join('\n'))).toEqual(view(open.join('\n')));
});

const empty = [
  { name: 'no rule', given: '' },
  { name: 'rules elsewhere', given: '- { name: t, fields: { T: [x] }, allow: everyone }' },
  {
    name: 'a query field that falls',
    given: '- { name: q, fields: { Query: [t] }, allow: everyone }',
  },
];

test.each(empty)('nothing to query refuses to start: $name', ({ given }) => {
  const sdl = 'type Query { t: T } type T { x: Int }';
  expect(() => viewOf({ sdl, rules: given })).toThrow(/policies\/access/);
});

test('the view shares no type with the schema that is run', () => {
  const sdl =
    'type Query { t(f: F): T } type T { x: E } enum E { A } input F { y: Int } union U = T';
  const schema = buildSchema(sdl);
  const policy = policyOf(sdl, all('Query', 'T'));
  const about = { policy, nullable: new Set<string>(), counted: new Set<string>() };
  const view = toPublicSchema(createBuildView(schema, about)).schema;
  const own = Object.values(view.getTypeMap()).filter(
    (type) =>
      !type.name.startsWith('__') &&
      !['String', 'Int', 'Boolean', 'ID', 'Float'].includes(type.name),
  );
  expect(own.length).toBe(4);
  expect(own.filter((type) => schema.getType(type.name) === type)).toEqual([]);
  expect(own.some((type) => isInputObjectType(type))).toBe(true);
  expect(own.some((type) => isUnionType(type))).toBe(false);
});

test('who sees less sees nothing that others do not, where an interface could do without', () => {
  const sdl = `
    type Query { a: A b: B i: I }
    interface I { i: Int } type A implements I { i: Int own: Int } type B implements I { i: Int }`;
  const rules = `
    - { name: all, fields: { Query: [a, b, i], I: ["*"], A: [own] }, allow: everyone }
    - { name: secret, class: c, fields: { A: ["*"] } }`;
  const none = new Set<string>();
  const options = { policy: policyOf(sdl, rules), nullable: none, counted: none };
  const build = createBuildView(buildSchema(sdl), options);
  expect(build(none)?.schema.getType('I')).toBeUndefined();
  const left = build(new Set(['A.own']))?.schema;
  expect(left && shown(left)).toEqual(sorted('type Query { b: B } type B { i: Int }'));
});

test('all that a schema can say of what is listed comes through, and no directive of an upstream', () => {
  const sdl = `
"""What is asked, with "quotes", a \\ and ünïcödé."""
type Query {
  "One line."
  all(kind: Kind = OLD, ids: [ID!]! = ["a", "b"], in: In): [Thing!] @internal(note: "n")
  old: String @deprecated(reason: "since v2")
  any: Any
}
"Two."
enum Kind { OLD @deprecated  "New one." NEW }
input In @oneOf { list: [Int!] at: Date }
scalar Date @specifiedBy(url: "https://example.com/date")
interface Named { name: String }
interface Whole implements Named { name: String id: ID! }
type Thing implements Whole & Named { name: String id: ID! kind(of: In @deprecated): Kind }
type Other { size: Float }
union Any = Thing | Other
directive @internal(note: String) on FIELD_DEFINITION
`;
  const view = viewOf({ sdl, rules: all('Query', 'Named', 'Whole', 'Thing', 'Other') }).schema;
  const whole = shown(buildSchema(sdl)).filter((text) => !text.startsWith('directive'));
  expect(shown(view)).toEqual(whole);
  expect(printSchema(view)).not.toContain('internal');
});

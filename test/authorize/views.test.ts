/** Views: what is hidden from a caller, what falls with it, and that the rest is always a schema. */
import {
  buildSchema,
  type GraphQLSchema,
  parse,
  print,
  printSchema,
  validateSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { createBuildView } from '../../gateway/authorize/view/public-schema.ts';
import { policyOf } from './policy-rig.ts';

interface Case {
  name: string;
  /** Types beside those that the case is about. */
  given: { sdl: string; rules: string; hidden: string[] };
  /** The whole view; undefined: nothing is left to query. */
  expect: string | undefined;
}

const all = (...types: string[]): string =>
  `- { name: all, fields: { ${types.map((type) => `${type}: ["*"]`).join(', ')} }, allow: everyone }`;
const sorted = (sdl: string): string[] => parse(sdl).definitions.map(print).sort();
const shown = (schema: GraphQLSchema): string[] => sorted(printSchema(schema));

const cases: Case[] = [
  {
    name: 'a field',
    given: {
      sdl: 'type Query { t: T } type T { a: Int, b: Int }',
      rules: all('Query', 'T'),
      hidden: ['T.b'],
    },
    expect: 'type Query { t: T } type T { a: Int }',
  },
  {
    name: 'the last field takes its type along, and what leads to it',
    given: {
      sdl: 'type Query { t: T, u: U, x: Int } type T { b: Int } type U { t: T } union V = T | U',
      rules: all('Query', 'T', 'U'),
      hidden: ['T.b'],
    },
    expect: 'type Query { x: Int }',
  },
  {
    name: 'a member leaves its union',
    given: {
      sdl: 'type Query { v: V } type T { b: Int } type U { a: Int } union V = T | U',
      rules: all('Query', 'T', 'U'),
      hidden: ['T.b'],
    },
    expect: 'type Query { v: V } type U { a: Int } union V = U',
  },
  {
    name: 'a field of one implementation leaves the interface, and stays on the others',
    given: {
      sdl: 'type Query { i: I } interface I { a: Int, b: Int } type T implements I { a: Int, b: Int } type U implements I { a: Int, b: Int }',
      rules: all('Query', 'T', 'U', 'I'),
      hidden: ['T.b'],
    },
    expect:
      'type Query { i: I } interface I { a: Int } type T implements I { a: Int } type U implements I { a: Int, b: Int }',
  },
  {
    name: 'an argument, and the input type that nothing else uses',
    given: {
      sdl: 'type Query { a(x: X, y: Int): Int } input X { n: Int }',
      rules: all('Query'),
      hidden: ['Query.a(x:)'],
    },
    expect: 'type Query { a(y: Int): Int }',
  },
  {
    name: 'a required argument takes its field along',
    given: {
      sdl: 'type Query { a(x: Int!): Int, b: Int }',
      rules: all('Query'),
      hidden: ['Query.a(x:)'],
    },
    expect: 'type Query { b: Int }',
  },
  {
    name: 'an argument of one implementation leaves the interface',
    given: {
      sdl: 'type Query { i: I } interface I { a(x: Int): Int } type T implements I { a(x: Int): Int } type U implements I { a(x: Int): Int }',
      rules: all('Query', 'T', 'U', 'I'),
      hidden: ['T.a(x:)'],
    },
    expect:
      'type Query { i: I } interface I { a: Int } type T implements I { a: Int } type U implements I { a(x: Int): Int }',
  },
  {
    name: 'an interface field that an implementation cannot answer without more',
    given: {
      sdl: 'type Query { i: I } interface I { a(x: Int!): Int, b: Int } type T implements I { a(x: Int!): Int, b: Int }',
      rules: all('Query', 'T', 'I'),
      hidden: ['I.a(x:)'],
    },
    expect:
      'type Query { i: I } interface I { b: Int } type T implements I { a(x: Int!): Int, b: Int }',
  },
  {
    name: 'an argument of an interface, not the required one beside it',
    given: {
      sdl: 'type Query { i: I } interface I { a(x: Int!, y: Int): Int } type T implements I { a(x: Int!, y: Int): Int }',
      rules: all('Query', 'T', 'I'),
      hidden: ['I.a(y:)'],
    },
    expect:
      'type Query { i: I } interface I { a(x: Int!): Int } type T implements I { a(x: Int!, y: Int): Int }',
  },
  {
    name: 'an input field, and a required one with its type',
    given: {
      sdl: 'type Query { a(x: X, y: Y): Int } input X { n: Int, m: Int } input Y { n: Int!, m: Int }',
      rules: all('Query'),
      hidden: ['X.n', 'Y.n'],
    },
    expect: 'type Query { a(x: X): Int } input X { m: Int }',
  },
  {
    name: 'an enum value, in defaults too; what returns the enum may be null',
    given: {
      sdl: 'type Query { a(x: E = B, y: [E!] = [A]): E, t: T } type T { e: E!, f: [E!]! } enum E { A B }',
      rules: all('Query', 'T'),
      hidden: ['E.B'],
    },
    expect: 'type Query { a(x: E, y: [E!] = [A]): E, t: T } type T { e: E, f: [E] } enum E { A }',
  },
  {
    name: 'the last enum value takes the enum along',
    given: {
      sdl: 'type Query { a(x: E): Int, e: E } enum E { A }',
      rules: all('Query'),
      hidden: ['E.A'],
    },
    expect: 'type Query { a: Int }',
  },
  {
    name: 'a default does not name a hidden input field',
    given: {
      sdl: 'type Query { a(x: X = { n: 1, m: 2 }): Int } input X { n: Int, m: Int }',
      rules: all('Query'),
      hidden: ['X.n'],
    },
    expect: 'type Query { a(x: X = { m: 2 }): Int } input X { m: Int }',
  },
  {
    name: 'all writes',
    given: {
      sdl: 'type Query { a: Int } type Mutation { m: Int }',
      rules: all('Query', 'Mutation'),
      hidden: ['Mutation.m'],
    },
    expect: 'type Query { a: Int }',
  },
  {
    name: 'texts that speak of it',
    given: {
      sdl: `
        "A T; without secret_no nothing works"
        type T { "kept" a: Int, secret_no: Int, b: Int @deprecated(reason: "Use Secret_No.") }
        "Kept: secret_nothing" type Query { t("see secret_no." x: Int): T }`,
      rules: all('Query', 'T'),
      hidden: ['T.secret_no'],
    },
    expect:
      'type T { "kept" a: Int, b: Int @deprecated } "Kept: secret_nothing" type Query { t(x: Int): T }',
  },
  {
    name: 'texts that speak of an argument or a whole type, wherever they stand',
    given: {
      sdl: `
        type Query { a(code: Int, "by Code" x: X, e: E): S t: T }
        type T { b: Int }
        input X { "or a code" n: Int @deprecated(reason: "use code") }
        enum E { "not t" A @deprecated(reason: "see T") "kept" B }
        scalar S @specifiedBy(url: "https://example.com/code/t")`,
      rules: all('Query', 'T'),
      hidden: ['Query.a(code:)', 'T.b'],
    },
    expect:
      'type Query { a(x: X, e: E): S } input X { n: Int @deprecated } enum E { A @deprecated "kept" B } scalar S @specifiedBy(url: "https://example.com/code/t")',
  },
  {
    name: 'a nullable field is not nullable for an argument that is hidden',
    given: {
      sdl: 'type Query { t: T } type T { a(x: Int): Int! }',
      rules: `${all('Query', 'T')}\n- { name: x, fields: { T: ["a(x:)"] }, allow: { scopes: [x] }, otherwise: [hide] }`,
      hidden: ['T.a(x:)'],
    },
    expect: 'type Query { t: T } type T { a: Int! }',
  },
  {
    name: 'texts that name what falls with it, and no others',
    given: {
      sdl: `type Query { e(at: Int, bank: Filter): E list: Int }
        input Filter { iban: String }
        type E {
          "Not the bankAccounts." a: Int
          "As in list." b: Int
          bankAccounts: [Bank!]
          c: Int @deprecated(reason: "use bankAccounts")
          "Whatever the bank." d: Int
        }
        type Bank { iban: String }`,
      rules: all('Query', 'E', 'Bank'),
      hidden: ['Bank.iban', 'Filter.iban'],
    },
    expect: `type Query { e(at: Int): E list: Int }
      type E { a: Int "As in list." b: Int c: Int @deprecated d: Int }`,
  },
  {
    name: 'everything',
    given: { sdl: 'type Query { a: Int }', rules: all('Query'), hidden: ['Query.a'] },
    expect: undefined,
  },
];

test.each(cases)('hides $name', ({ given: { sdl, rules, hidden }, expect: wanted }) => {
  const build = createBuildView(buildSchema(sdl), {
    policy: policyOf(sdl, rules, true),
    nullable: new Set(),
    counted: new Set(),
  });
  const view = build(new Set(hidden))?.schema;
  expect(view && validateSchema(view)).toEqual(view && []);
  expect(view && shown(view)).toEqual(wanted && shown(buildSchema(wanted)));
});

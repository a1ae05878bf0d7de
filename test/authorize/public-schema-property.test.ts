/**
 * Random schemas and rules: the view is always a valid schema, holds nothing that no rule lists,
 * and promises no value that a decision may refuse. The seed is printed by fast-check on failure.
 */
import fc from 'fast-check';
import {
  buildSchema,
  type GraphQLInputObjectType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  validateSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { compilePolicy } from '../../gateway/authorize/compile-policy.ts';
import type { Policy } from '../../gateway/authorize/policy.ts';
import { coordinatesIn } from '../../gateway/authorize/schema-coordinates.ts';
import {
  createBuildView,
  type PublicSchema,
  toPublicSchema,
} from '../../gateway/authorize/view/public-schema.ts';
import { rulesOf } from './policy-rig.ts';

const outputs = ['Int', 'String!', 'A', 'B!', '[C!]!', 'I', '[J!]', 'U', 'E', 'JSON', 'Query!'];
const inputs = ['Int', 'String!', 'F', 'G!', '[F!]', 'E = X', 'String! = "x"'];
const fieldNames = ['a', 'b', 'c'];

const argument = fc.constantFrom('', ...inputs.map((type) => `(x: ${type})`));
const field = fc
  .tuple(argument, fc.constantFrom(...outputs))
  .map(([given, type]) => `${given}: ${type}`);
const fields = fc
  .tuple(field, field, field)
  .map((types) => types.map((type, index) => `${fieldNames[index]}${type}`).join(' '));
const inputFields = fc
  .tuple(fc.constantFrom(...inputs), fc.constantFrom('Int', 'F', 'E!'))
  .map(([a, b]) => `a: ${a} b: ${b}`);

/**
 * An interface in an interface, whose implementations agree with it and may be stricter. The query
 * root may be one of them.
 */
const sdl = fc
  .record({
    query: fields,
    mutation: fields,
    own: fields,
    c: fields,
    face: field,
    f: inputFields,
    g: inputFields,
    strict: fc.boolean(),
    rooted: fc.boolean(),
  })
  .map(({ query, mutation, own, c, face, f, g, strict, rooted }) => {
    const stricter = strict && !face.endsWith('!') ? `${face}!` : face;
    const root = rooted ? `Query implements I { i${face}` : 'Query {';
    return `
      type ${root} ${query} } type Mutation { ${mutation} } scalar JSON enum E { X Y }
      interface I { i${face} } interface J implements I { i${face} j: Int! }
      type A implements I { i${stricter} ${own} } type B implements I & J { i${face} j: Int! b: C }
      type C { ${c} } union U = A | C
      input F { ${f} } input G { ${g} }`;
  })
  .filter((text) => isValid(text));

function isValid(text: string): boolean {
  try {
    return validateSchema(buildSchema(text)).length === 0;
  } catch {
    return false;
  }
}

const owners = ['Query', 'Mutation', 'I', 'J', 'A', 'B', 'C'];
const says = fc.constantFrom(
  'allow: everyone',
  'allow: everyone',
  'allow: authenticated',
  'allow: { scopes: [x] }',
  'require: authenticated',
  'class: c',
  'forbid: true',
);
const target = fc.oneof(
  fc.tuple(fc.constantFrom(...owners), fc.constantFrom('*', 'a', 'i')).map(([owner, name]) => {
    const known = { I: ['i'], J: ['i'], B: ['i', 'b'], A: ['i', 'a'] }[owner] ?? ['a', 'b', 'c'];
    const picked = name === '*' || known.includes(name) ? name : (known[0] ?? 'a');
    return `fields: { ${owner}: ["${picked}"] }`;
  }),
  fc
    .constantFrom('F: [a]', 'F: [b]', 'F: ["*"]', 'G: ["*"]', 'G: [a]')
    .map((one) => `fields: { ${one} }`),
  fc.constantFrom('A', 'C', 'I', 'U', 'JSON').map((type) => `types: [${type}]`),
);
const rules = fc
  .array(fc.tuple(target, says), { minLength: 1, maxLength: 8 })
  .map((list) =>
    [['fields: { Query: [a, b, c] }', 'allow: everyone'], ...list]
      .map(([where, what], index) => `- { name: r${index}, ${where}, ${what} }`)
      .join('\n'),
  );

/** The implementations in the view count too: theirs is the promise of the interface. */
function isKept(type: GraphQLObjectType | GraphQLInterfaceType, field: string, about: About) {
  const { policy, view } = about;
  const promised = isInterfaceType(type) ? [type, ...view.getPossibleTypes(type)] : [type];
  return promised.every(
    (one) =>
      policy.fields.get(`${one.name}.${field}`)?.guaranteed === true &&
      (one.name !== 'Query' || one.getInterfaces().some((face) => face.getFields()[field])),
  );
}

function faultsOf(policy: Policy, { schema: view }: PublicSchema): string[] {
  const faults = validateSchema(view).map(({ message }) => message);
  for (const type of Object.values(view.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isObjectType(type) || isInterfaceType(type))
      faults.push(...outputFaults(type, { policy, view }));
    if (isInputObjectType(type)) faults.push(...inputFaults(type, policy));
  }
  return faults;
}

interface About {
  readonly policy: Policy;
  readonly view: GraphQLSchema;
}

function outputFaults(type: GraphQLObjectType | GraphQLInterfaceType, about: About): string[] {
  return Object.values(type.getFields()).flatMap((one) => {
    const coordinate = `${type.name}.${one.name}`;
    const found = about.policy.fields.get(coordinate);
    const isCertain = isKept(type, one.name, about);
    return [
      ...(found?.listed === true ? [] : [`${coordinate} is shown unlisted`]),
      ...(isNonNullType(one.type) && !isCertain ? [`${coordinate} has a ! that breaks`] : []),
    ];
  });
}

function inputFaults(type: GraphQLInputObjectType, policy: Policy): string[] {
  if (!policy.writable.has(type.name)) return [];
  return Object.keys(type.getFields())
    .map((name) => `${type.name}.${name}`)
    .filter((coordinate) => policy.inputs.get(coordinate)?.listed !== true);
}

test('every view is valid, hides what is unlisted and promises what is certain', () => {
  let views = 0;
  fc.assert(
    fc.property(sdl, rules, (text, items) => {
      const schema = buildSchema(text);
      const policy = compilePolicy(schema, rulesOf(items), { anonymousAllowed: true });
      const view = buildUnlessEmpty(schema, policy);
      if (view === undefined) return;
      views += 1;
      expect(faultsOf(policy, view)).toEqual([]);
    }),
    { numRuns: 500 },
  );
  // What never stands is not tested.
  expect(views).toBeGreaterThan(250);
});

test('what is left when anything is hidden is valid, and does not have it', () => {
  let views = 0;
  fc.assert(
    fc.property(
      sdl,
      rules,
      fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
      (text, items, at) => {
        const schema = buildSchema(text);
        const policy = compilePolicy(schema, rulesOf(items), { anonymousAllowed: true });
        const whole = buildUnlessEmpty(schema, policy);
        if (whole === undefined) return;
        const names = coordinatesIn(whole.schema);
        const hidden = new Set(at.map((index) => names[index % names.length] ?? ''));
        const none = new Set<string>();
        const view = createBuildView(schema, { policy, nullable: none, counted: none })(hidden);
        if (view === undefined) return;
        views += 1;
        const left = coordinatesIn(view.schema);
        expect(faultsOf(policy, view)).toEqual([]);
        expect(left.filter((name) => hidden.has(name) || !names.includes(name))).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
  expect(views).toBeGreaterThan(150);
});

function buildUnlessEmpty(schema: GraphQLSchema, policy: Policy): PublicSchema | undefined {
  try {
    const nothing = new Set<string>();
    return toPublicSchema(createBuildView(schema, { policy, nullable: nothing, counted: nothing }));
  } catch (error) {
    if (error instanceof Error && /policies\/access/.test(error.message)) return undefined;
    throw error;
  }
}

/**
 * Random operations, valid for a schema: aliases that shadow other fields, fragments of every
 * kind, repeated fields, variables with and without values and defaults, conditions by literal
 * and variable, introspection, and several operations in one document.
 */
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';
import { createVariables, type Variables } from './generate-input.ts';
import type { Random } from './random.ts';

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

interface Writer {
  random: Random;
  schema: GraphQLSchema;
  variables: Variables;
  prefix: string;
  fragments: { name: string; type: string; text: string; keys: Keys }[];
  /** Fields left to write; bounds every operation. */
  budget: number;
}

/** Response key to the field text it stands for, within one selection set. */
type Keys = Map<string, string>;

const shadows = [
  'id',
  '__typename',
  'name',
  'ssn',
  'label',
  'iban',
  'employee',
  'managerId',
  'fg0_id',
  'fg_id',
];

export function generateOperation(random: Random, schema: GraphQLSchema): Operation {
  const mutation = schema.getMutationType() !== undefined && random.chance(0.12);
  const main = writeOperation(random, schema, mutation, random.chance(0.5) ? 'Main' : undefined);
  if (main.name === undefined || random.chance(0.6)) {
    return { query: main.text, variables: main.values };
  }
  const other = writeOperation(random, schema, random.chance(0.3) && mutation, 'Other');
  const texts = random.chance(0.5) ? [main.text, other.text] : [other.text, main.text];
  return {
    query: texts.join('\n'),
    variables: { ...other.values, ...main.values },
    operationName: main.name,
  };
}

function writeOperation(random: Random, schema: GraphQLSchema, mutation: boolean, name?: string) {
  const prefix = name ?? '';
  const variables = createVariables(random, prefix);
  const writer: Writer = { random, schema, variables, prefix, fragments: [], budget: 18 };
  const root = mutation ? schema.getMutationType() : schema.getQueryType();
  if (!root) throw new Error('no root type');
  const keys: Keys = new Map();
  const parts = selections(writer, root, 0, keys);
  if (!mutation && random.chance(0.06)) parts.push(introspection(random));
  const fragments = writer.fragments.map((each) => each.text).join('\n');
  const head =
    name === undefined && !mutation && variables.definitions() === '' ? '' : operationHead();
  function operationHead(): string {
    return `${mutation ? 'mutation' : 'query'} ${name ?? ''}${variables.definitions()} `;
  }
  return { name, text: `${head}{ ${parts.join(' ')} }\n${fragments}`, values: variables.values };
}

function introspection(random: Random): string {
  return random.pick([
    'i1: __schema { queryType { name } types { name fields { name args { name } } } }',
    'i2: __type(name: "Employee") { name fields { name: type { kind } id: name } }',
    '__type(name: "Nested") { inputFields { name defaultValue } }',
    'i3: __type(name: "Hit") { possibleTypes { ...on __Type { name } } }',
  ]);
}

function selections(
  writer: Writer,
  type: GraphQLNamedOutputType,
  depth: number,
  keys: Keys,
): string[] {
  const { random } = writer;
  const parts: string[] = [];
  for (let count = 1 + random.below(depth === 0 ? 3 : 4); count > 0; count -= 1) {
    const part = writer.budget > 0 ? selection(writer, type, depth, keys) : undefined;
    if (part !== undefined) parts.push(part);
  }
  if (parts.length === 0) parts.push(typename(random, keys));
  return parts;
}

function selection(
  writer: Writer,
  type: GraphQLNamedOutputType,
  depth: number,
  keys: Keys,
): string | undefined {
  const { random } = writer;
  const dice = random.below(100);
  if (dice < 8) return typename(random, keys);
  if (isUnionType(type) || dice < (depth > 0 ? 28 : 16)) {
    return random.chance(0.35)
      ? spread(writer, type, depth, keys)
      : inline(writer, type, depth, keys);
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
  const fields = Object.values(type.getFields());
  const shallow = depth < 5 ? fields : fields.filter((each) => isLeafType(getNamedType(each.type)));
  return shallow.length > 0 ? field(writer, random.pick(shallow), depth, keys) : undefined;
}

function typename(random: Random, keys: Keys): string {
  return `${alias(random, keys, '__typename', '__typename')}__typename`;
}

/** `key: ` or nothing; a key that is taken by another field is never chosen. */
function alias(random: Random, keys: Keys, name: string, text: string): string {
  const wanted = random.chance(0.3) ? random.pick(shadows) : name;
  const free = [wanted, name, `a${keys.size}_${name}`].find(
    (key) => (keys.get(key) ?? text) === text,
  );
  const key = free ?? `b${keys.size}_${name}`;
  keys.set(key, text);
  return key === name ? '' : `${key}: `;
}

function field(
  writer: Writer,
  chosen: GraphQLField<unknown, unknown>,
  depth: number,
  keys: Keys,
): string {
  writer.budget -= 1;
  const { random, variables } = writer;
  const given = chosen.args.flatMap((argument) => {
    if (!isRequiredArgument(argument) && random.chance(0.5)) return [];
    return [
      `${argument.name}: ${variables.literal(argument.type, argument.defaultValue !== undefined)}`,
    ];
  });
  if (random.chance(0.3)) given.reverse();
  const text = `${chosen.name}${given.length > 0 ? `(${given.join(', ')})` : ''}`;
  const head = `${alias(random, keys, chosen.name, text)}${text}${condition(writer)}`;
  const named = getNamedType(chosen.type);
  if (isLeafType(named)) return head;
  return `${head} { ${selections(writer, named, depth + 1, new Map()).join(' ')} }`;
}

/** `@skip` and `@include`, alone or together, by literal or by variable. */
function condition({ random, variables }: Writer): string {
  if (random.chance(0.86)) return '';
  const one = (): string => {
    const name = random.pick(['skip', 'include']);
    if (random.chance(0.5)) return `@${name}(if: ${variables.boolean()})`;
    return `@${name}(if: ${random.chance(0.5)})`;
  };
  if (random.chance(0.8)) return ` ${one()}`;
  return ` @skip(if: ${random.chance(0.5)}) @include(if: ${variables.boolean()})`;
}

/** The type itself, or one that some of its objects have too. */
function overlapping(writer: Writer, type: GraphQLNamedOutputType): GraphQLNamedOutputType {
  const { schema, random } = writer;
  const objects = objectsOf(schema, type);
  const candidates = Object.values(schema.getTypeMap()).filter(
    (each): each is GraphQLObjectType | GraphQLInterfaceType =>
      (isObjectType(each) || isInterfaceType(each)) &&
      objectsOf(schema, each).some((object) => objects.includes(object)),
  );
  return candidates.length > 0 ? random.pick(candidates) : type;
}

function objectsOf(
  schema: GraphQLSchema,
  type: GraphQLNamedOutputType,
): readonly GraphQLObjectType[] {
  if (isObjectType(type)) return [type];
  return isInterfaceType(type) || isUnionType(type) ? schema.getPossibleTypes(type) : [];
}

function inline(writer: Writer, type: GraphQLNamedOutputType, depth: number, keys: Keys): string {
  const bare = !isUnionType(type) && writer.random.chance(0.25);
  const target = bare ? type : overlapping(writer, type);
  const inside = selections(writer, target, depth + 0.5, keys).join(' ');
  return `...${bare ? '' : ` on ${target.name}`}${condition(writer)} { ${inside} }`;
}

function spread(
  writer: Writer,
  type: GraphQLNamedOutputType,
  depth: number,
  keys: Keys,
): string | undefined {
  const target = overlapping(writer, type);
  const known = writer.fragments.find(
    (each) => each.type === target.name && compatible(each.keys, keys),
  );
  if (known && writer.random.chance(0.6)) {
    for (const [key, text] of known.keys) keys.set(key, text);
    return `...${known.name}${condition(writer)}`;
  }
  const inner: Keys = new Map(keys);
  const inside = selections(writer, target, depth + 0.5, inner).join(' ');
  for (const [key, text] of inner) keys.set(key, text);
  const name = `${writer.prefix}F${writer.fragments.length}`;
  const text = `fragment ${name} on ${target.name} { ${inside} }`;
  writer.fragments.push({ name, type: target.name, text, keys: inner });
  return `...${name}${condition(writer)}`;
}

function compatible(fragment: Keys, keys: Keys): boolean {
  return [...fragment].every(([key, text]) => (keys.get(key) ?? text) === text);
}

/**
 * Random argument values, as literals into which variables are strewn: whole arguments, list
 * items and input fields, with and without values and defaults.
 */
import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import type { Random } from './random.ts';

export interface Variables {
  /** `($v0: Int = 3)`, or nothing where none is used. */
  definitions(): string;
  readonly values: Record<string, unknown>;
  /** A literal or a variable for a place of this type. */
  literal(type: GraphQLInputType, hasDefault?: boolean): string;
  /** A variable of type `Boolean!`. */
  boolean(): string;
}

const texts = ['x', 'caller#3', 'quote " and \\ back', 'ünï', '', '} { ssn'];

export function createVariables(random: Random, prefix: string): Variables {
  const definitions: string[] = [];
  const values: Record<string, unknown> = {};
  const name = () => `${random.chance(0.2) ? 'fg_' : 'v'}${prefix}${definitions.length}`;

  function define(type: GraphQLInputType, depth: number): string {
    const variable = name();
    const json = jsonFor(random, type, depth);
    const optional = !isNonNullType(type);
    const absent = optional && random.chance(0.25);
    const withDefault = random.chance(0.3);
    // A default, or a value that is always there, lets a nullable variable stand anywhere.
    const declared = isNonNullType(type) && withDefault ? type.ofType : type;
    const fallback = withDefault ? ` = ${print(jsonFor(random, type, depth), type)}` : '';
    definitions.push(`$${variable}: ${String(declared)}${fallback}`);
    if (!absent && !(withDefault && random.chance(0.5))) values[variable] = json;
    return `$${variable}`;
  }

  function literal(type: GraphQLInputType, depth: number): string {
    if (random.chance(depth === 0 ? 0.3 : 0.12)) return define(type, depth);
    if (isNonNullType(type)) return literalOf(type.ofType, depth);
    return random.chance(0.06) ? 'null' : literalOf(type, depth);
  }

  function literalOf(type: GraphQLInputType, depth: number): string {
    if (isListType(type)) {
      const items = Array.from({ length: random.below(3) }, () => literal(type.ofType, depth + 1));
      return `[${items.join(', ')}]`;
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields())
        .filter((each) => isRequiredInputField(each) || (depth < 3 && random.chance(0.4)))
        .map((each) => `${each.name}: ${literal(each.type, depth + 1)}`);
      return `{${fields.join(', ')}}`;
    }
    return print(jsonFor(random, type, depth), type);
  }

  return {
    values,
    definitions: () => (definitions.length > 0 ? `(${definitions.join(', ')})` : ''),
    literal: (type) => literal(type, 0),
    boolean: () => {
      const variable = name();
      const fallback = random.chance(0.3);
      definitions.push(`$${variable}: Boolean${fallback ? ` = ${random.chance(0.5)}` : '!'}`);
      if (!fallback || random.chance(0.5)) values[variable] = random.chance(0.5);
      return `$${variable}`;
    },
  };
}

function jsonFor(random: Random, type: GraphQLInputType, depth: number): unknown {
  if (isNonNullType(type)) return jsonOf(random, type.ofType, depth);
  return random.chance(0.06) ? null : jsonOf(random, type, depth);
}

function jsonOf(random: Random, type: GraphQLInputType, depth: number): unknown {
  if (isListType(type)) {
    // A single value stands for a list of one.
    if (random.chance(0.15)) return jsonOf(random, innermost(type), depth + 1);
    return Array.from({ length: random.below(3) }, () => jsonFor(random, type.ofType, depth + 1));
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields())
      .filter((each) => isRequiredInputField(each) || (depth < 3 && random.chance(0.4)))
      .map((each) => [each.name, jsonFor(random, each.type, depth + 1)] as const);
    return Object.fromEntries(fields);
  }
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (String(type) === 'ID') return `E#${random.below(6)}`;
  if (String(type) === 'Int') return random.below(4);
  return random.pick(texts);
}

function innermost(type: GraphQLInputType): GraphQLInputType {
  return isListType(type) || isNonNullType(type) ? innermost(type.ofType) : type;
}

/** A JSON value as a literal; enum values lose their quotes. */
function print(json: unknown, type: GraphQLInputType): string {
  if (json === null) return 'null';
  if (isNonNullType(type)) return print(json, type.ofType);
  if (isListType(type)) {
    if (!Array.isArray(json)) return print(json, type.ofType);
    return `[${json.map((item) => print(item, type.ofType)).join(', ')}]`;
  }
  if (isInputObjectType(type) && typeof json === 'object') {
    const fields = Object.entries(json).map(([name, value]: [string, unknown]) => {
      const field = type.getFields()[name];
      if (field === undefined) throw new Error(`${type.name} has no ${name}`);
      return `${name}: ${print(value, field.type)}`;
    });
    return `{${fields.join(', ')}}`;
  }
  return isEnumType(type) ? String(json) : JSON.stringify(json);
}

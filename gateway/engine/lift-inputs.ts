/**
 * Replaces list and object literals in arguments by variables of the gateway's own: an executor
 * coerces a literal once per object that its field is on, and a variable once. Stops a denial of
 * service: ten thousand rows with a thousand input fields each would block the process for minutes.
 */
import {
  type DocumentNode,
  GraphQLID,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isSpecifiedScalarType,
  Kind,
  type ObjectValueNode,
  parseType,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { AsWritten } from '../delegate/upstream.ts';
import { freePart, toVariable } from '../plan/own-variables.ts';
import { createAsWritten, declare } from './written-inputs.ts';

type Values = Readonly<Record<string, unknown>>;
/** A value as it would be sent in a variable; undefined if it is left out. */
type Read = (variables: Values) => unknown;

export interface Lifted {
  readonly document: DocumentNode;
  /** Names of the variables that were added. */
  readonly names: readonly string[];
  /** The variables sent by the caller, and the added ones. */
  withLifted(variables: Values): Values;
  /**
   * Puts literals that no variable can express exactly back into the documents sent to upstreams;
   * undefined if there are none.
   */
  readonly asWritten: ((variables: Values) => AsWritten) | undefined;
}

export function liftInputs(document: DocumentNode, schema: GraphQLSchema): Lifted {
  const types = new TypeInfo(schema);
  const reads: Read[] = [];
  const added: VariableDefinitionNode[] = [];
  const literals = new Map<string, ValueNode>();
  const { declared, defaults, prefix } = variablesIn(document);
  const lift = (node: ValueNode, type: GraphQLInputType): ValueNode => {
    if (node.kind !== Kind.LIST && node.kind !== Kind.OBJECT) return node;
    const exact = readOf(node, type, { defaults, isExact: true });
    const read = exact ?? readOf(node, type, { defaults, isExact: false });
    if (read === undefined) return node;
    const variable = toVariable(`${prefix}${reads.length}`);
    if (exact === undefined) literals.set(variable.name.value, node);
    added.push({ kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(String(type)) });
    reads.push(read);
    return variable;
  };
  const lifted: DocumentNode = visit(
    document,
    visitWithTypeInfo(types, {
      [Kind.VARIABLE_DEFINITION]: () => false as const,
      [Kind.ARGUMENT](node) {
        const type = types.getInputType();
        const isOfRoot = [schema.getQueryType(), schema.getMutationType()].some(
          (root) => root === types.getParentType(),
        );
        if (isOfRoot || type == null) return;
        const value = lift(node.value, type);
        return value === node.value ? undefined : { ...node, value };
      },
    }),
  );
  const names = added.map(({ variable }) => variable.name.value);
  const asWritten = createAsWritten(literals, declared, prefix);
  if (reads.length === 0) {
    return { document, names, withLifted: (variables) => variables, asWritten };
  }
  return {
    document: declare(lifted, added),
    names,
    asWritten,
    withLifted(variables) {
      const all: Record<string, unknown> = Object.assign(Object.create(null), variables);
      for (const [index, read] of reads.entries()) all[names[index] ?? ''] = read(variables);
      return all;
    },
  };
}

type Defaults = ReadonlyMap<string, { readonly node: ValueNode }>;

/** The declared variables, their defaults, and a prefix that occurs in none of their names. */
function variablesIn(document: DocumentNode): {
  declared: readonly VariableDefinitionNode[];
  defaults: Defaults;
  prefix: string;
} {
  const declared = document.definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION ? (one.variableDefinitions ?? []) : [],
  );
  const defaults = new Map<string, { node: ValueNode }>();
  for (const { variable, defaultValue: node } of declared) {
    if (node !== undefined) defaults.set(variable.name.value, { node });
  }
  const names = declared.map(({ variable }) => variable.name.value);
  return { declared, defaults, prefix: freePart('fg_in', names) };
}

interface ReadContext {
  readonly defaults: Defaults;
  /** True: undefined for a value that JSON cannot express exactly; false: its closest JSON form. */
  readonly isExact: boolean;
}

function readOf(node: ValueNode, type: GraphQLInputType, context: ReadContext): Read | undefined {
  const inner = getNullableType(type);
  if (node.kind === Kind.NULL) return () => null;
  if (node.kind === Kind.VARIABLE) {
    const { value: name } = node.name;
    const left = context.defaults.get(name);
    const otherwise = left === undefined ? () => undefined : readOf(left.node, type, context);
    return otherwise && ((given) => (Object.hasOwn(given, name) ? given[name] : otherwise(given)));
  }
  if (isListType(inner)) {
    if (node.kind !== Kind.LIST) return readOf(node, inner.ofType, context);
    const entries = allOf(node.values.map((one) => readOf(one, inner.ofType, context)));
    return entries && ((given) => entries.map((read) => read(given) ?? null));
  }
  if (isInputObjectType(inner)) {
    return node.kind === Kind.OBJECT ? readFields(node, inner.getFields(), context) : undefined;
  }
  const value = leafOf(node, inner);
  if (value !== undefined) return () => value;
  const isPlain = isEnumType(inner) || isSpecifiedScalarType(inner);
  if (context.isExact || isPlain) return undefined;
  return (given) => valueFromASTUntyped(node, given);
}

function readFields(
  node: ObjectValueNode,
  fields: Readonly<Record<string, { readonly type: GraphQLInputType }>>,
  context: ReadContext,
): Read | undefined {
  const names = node.fields.map(({ name }) => name.value);
  const reads = allOf(
    node.fields.map(({ name, value }) => {
      const field = fields[name.value];
      return field && readOf(value, field.type, context);
    }),
  );
  if (reads === undefined) return undefined;
  return (given) => {
    const object: Record<string, unknown> = Object.create(null);
    for (const [index, read] of reads.entries()) {
      const value = read(given);
      if (value !== undefined) object[names[index] ?? ''] = value;
    }
    return object;
  };
}

function leafOf(node: ValueNode, type: GraphQLLeafType): unknown {
  if (isEnumType(type)) return node.kind === Kind.ENUM ? node.value : undefined;
  if (!isSpecifiedScalarType(type)) return plainOf(node);
  if (node.kind === Kind.STRING || node.kind === Kind.BOOLEAN) return node.value;
  if (node.kind !== Kind.INT && node.kind !== Kind.FLOAT) return undefined;
  return type.name === GraphQLID.name ? node.value : Number(node.value);
}

/**
 * The value of a custom scalar; undefined for longer numbers and bare words, which a service may
 * take for something that JSON cannot express.
 */
function plainOf(node: ValueNode): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return String(Number(node.value)) === node.value ? Number(node.value) : undefined;
    case Kind.LIST: {
      const values = node.values.map(plainOf);
      return values.includes(undefined) ? undefined : values;
    }
    case Kind.OBJECT: {
      const entries = node.fields.map(({ name, value }) => [name.value, plainOf(value)] as const);
      if (entries.some(([, value]) => value === undefined)) return undefined;
      return Object.assign(Object.create(null), Object.fromEntries(entries));
    }
    default:
      return undefined;
  }
}

/** Undefined if any read is undefined. */
function allOf(reads: readonly (Read | undefined)[]): readonly Read[] | undefined {
  const all = reads.flatMap((read) => read ?? []);
  return all.length === reads.length ? all : undefined;
}

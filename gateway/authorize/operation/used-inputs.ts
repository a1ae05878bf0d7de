/**
 * Finds which governed inputs an operation uses: arguments, input fields and enum values that a
 * rule names, as literals or through variables. The variables' part depends on the request, so it
 * is a short text that belongs to the plan cache's key.
 */
import {
  type ArgumentNode,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isScalarType,
  Kind,
  type ObjectFieldNode,
  type ObjectValueNode,
  type OperationDefinitionNode,
  type TypeNode,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';
import { createMemo } from '../../caches/memo.ts';
import type { CoordinatePolicy, LockedDefault, Policy } from '../policy.ts';
import {
  holdsNothing,
  hollow,
  isAbsent,
  isEmpty,
  isEmptyLiteral,
  noVariables,
  type VariableUse,
} from './empty-inputs.ts';

/**
 * Uses of every declared variable, from the value sent or the operation's default. Defaults of the
 * schema are not the caller's doing, in variables as in literals; but if a default selects a
 * guarded field, leaving the input out is a use of it (lock-defaults.ts).
 */
export function usesOfVariables(
  schema: GraphQLSchema,
  policy: Policy,
  operation: OperationDefinitionNode,
  raw: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, VariableUse> {
  const uses = new Map<string, VariableUse>();
  if (policy.inputs.size === 0) return uses;
  for (const definition of operation.variableDefinitions ?? []) {
    const type = typeOf(schema, definition.type);
    if (type === undefined) continue;
    uses.set(definition.variable.name.value, useOf(policy, definition, type, raw));
  }
  return uses;
}

function useOf(
  policy: Policy,
  { variable, defaultValue }: VariableDefinitionNode,
  type: GraphQLInputType,
  raw: Readonly<Record<string, unknown>>,
): VariableUse {
  const name = variable.name.value;
  const isSent = Object.hasOwn(raw, name);
  if (!isSent && defaultValue === undefined) return 'absent';
  const isHollow =
    policy.hasServiceDefaults && (isSent ? isEmpty(raw[name]) : isEmptyLiteral(defaultValue));
  if (isScalarType(getNullableType(type))) return isHollow ? hollow : nothing;
  const found = new Set(isHollow ? hollow : nothing);
  if (isSent) usesOfValue(policy, type, raw[name], found);
  else if (defaultValue !== undefined)
    usesOfLiteral(policy, type, defaultValue, noVariables, found);
  return [...found].sort();
}

/** A scalar contains nothing governed. */
const nothing: readonly string[] = [];

/** Types of variables, by node: documents are cached, and so are their nodes. */
const types = createMemo<TypeNode, { schema: GraphQLSchema; type: GraphQLInputType | undefined }>();

function typeOf(schema: GraphQLSchema, written: TypeNode): GraphQLInputType | undefined {
  const known = types.get(written);
  if (known?.schema === schema) return known.type;
  const named = typeFromAST(schema, written);
  const type = isInputType(named) ? named : undefined;
  types.set(written, { schema, type });
  return type;
}

export function toKey(uses: ReadonlyMap<string, VariableUse>): string {
  // Unique within one operation, which fixes the names and their order.
  let key = '';
  for (const use of uses.values()) {
    if (use === 'absent') key += '-';
    else key += use.length === 0 ? '+' : JSON.stringify(use);
  }
  return key;
}

function usesOfValue(
  policy: Policy,
  type: GraphQLInputType,
  value: unknown,
  found: Set<string>,
): void {
  const inner = getNullableType(type);
  if (value === null || value === undefined) return;
  if (isListType(inner)) {
    for (const item of Array.isArray(value) ? value : [value])
      usesOfValue(policy, inner.ofType, item, found);
  } else if (isEnumType(inner)) {
    note(policy, `${inner.name}.${String(value)}`, found);
  } else if (isInputObjectType(inner) && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      const field = inner.getFields()[key];
      if (field === undefined) continue;
      note(policy, `${inner.name}.${key}`, found);
      usesOfValue(policy, field.type, item, found);
    }
    if (policy.defaults.size === 0) return;
    const given = new Map<string, unknown>(Object.entries(value));
    noteLeftOut(
      policy,
      inner.name,
      ({ name, isOfService }) => given.has(name) && !(isOfService && isEmpty(given.get(name))),
      found,
    );
  }
}

/** The same for a literal; `variables` tells what the variables inside it contain. */
export function usesOfLiteral(
  policy: Policy,
  type: GraphQLInputType,
  value: ValueNode,
  variables: ReadonlyMap<string, VariableUse>,
  found: Set<string>,
): void {
  const inner = getNullableType(type);
  if (value.kind === Kind.VARIABLE) {
    const use = variables.get(value.name.value) ?? 'absent';
    if (use === 'absent') return;
    for (const coordinate of use) if (coordinate !== holdsNothing) found.add(coordinate);
  } else if (isListType(inner)) {
    const items = value.kind === Kind.LIST ? value.values : [value];
    for (const item of items) usesOfLiteral(policy, inner.ofType, item, variables, found);
  } else if (isEnumType(inner) && value.kind === Kind.ENUM) {
    note(policy, `${inner.name}.${value.value}`, found);
  } else if (isInputObjectType(inner) && value.kind === Kind.OBJECT) {
    usesOfObject(policy, inner, value, variables, found);
  }
}

function usesOfObject(
  policy: Policy,
  type: GraphQLInputObjectType,
  value: ObjectValueNode,
  variables: ReadonlyMap<string, VariableUse>,
  found: Set<string>,
): void {
  for (const node of value.fields) {
    const field = type.getFields()[node.name.value];
    if (field === undefined || isAbsent(node.value, variables)) continue;
    note(policy, `${type.name}.${node.name.value}`, found);
    usesOfLiteral(policy, field.type, node.value, variables, found);
  }
  noteLeftOut(policy, type.name, isGiven(value.fields, variables), found);
}

/** Governed inputs that the arguments of one field use. */
export function inputsOf(
  {
    policy,
    variables,
  }: { readonly policy: Policy; readonly variables: ReadonlyMap<string, VariableUse> },
  coordinate: string,
  definition: GraphQLField<unknown, unknown>,
  given: readonly ArgumentNode[],
): ReadonlySet<string> {
  const found = new Set<string>();
  if (policy.inputs.size === 0) return found;
  const pinned = policy.pins.get(coordinate);
  for (const node of given) {
    const argument = definition.args.find((one) => one.name === node.name.value);
    if (argument === undefined || isAbsent(node.value, variables)) continue;
    // Pinned arguments are not the caller's doing.
    if (pinned?.some((pin) => pin.argument.name === argument.name)) continue;
    const own = `${coordinate}(${argument.name}:)`;
    if (policy.inputs.has(own)) found.add(own);
    usesOfLiteral(policy, argument.type, node.value, variables, found);
  }
  noteLeftOut(policy, coordinate, isGiven(given, variables), found);
  return found;
}

/** The policy of a used input, by its name among the used ones. */
export function policyOfUsed(policy: Policy, used: string): CoordinatePolicy | undefined {
  return used.startsWith(leftOut) ? defaultOf(policy, used)?.policy : policy.inputs.get(used);
}

/** Whether it is a default that means a hidden field. */
export const isHiddenDefault = (policy: Policy, used: string): boolean =>
  used.startsWith(leftOut) && defaultOf(policy, used)?.isHidden === true;

function defaultOf({ defaults }: Policy, used: string): LockedDefault | undefined {
  const [owner = '', name] = used.slice(leftOut.length).split(' ');
  return defaults.get(owner)?.find((one) => one.name === name);
}

/** Prefix of the names of inputs that are used by leaving them out. */
const leftOut = 'default of ';

function noteLeftOut(
  { defaults }: Policy,
  owner: string,
  isThere: (one: LockedDefault) => boolean,
  found: Set<string>,
): void {
  if (defaults.size === 0) return;
  for (const one of defaults.get(owner) ?? []) {
    if (!isThere(one)) found.add(`${leftOut}${owner} ${one.name}`);
  }
}

function isGiven(
  nodes: readonly (ArgumentNode | ObjectFieldNode)[],
  variables: ReadonlyMap<string, VariableUse>,
): (one: LockedDefault) => boolean {
  return ({ name, isOfService }) =>
    nodes.some(
      (node) =>
        node.name.value === name &&
        !isAbsent(node.value, variables) &&
        !(isOfService && isEmptyLiteral(node.value, variables)),
    );
}

function note(policy: Policy, coordinate: string, found: Set<string>): void {
  if (policy.inputs.has(coordinate)) found.add(coordinate);
}

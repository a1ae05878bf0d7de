/**
 * What an operation passes in: the argument, input field and enum coordinates that the caller
 * supplies, the same however they are spelled (literal, variable, default of a variable).
 */
import {
  type ArgumentNode,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  type OperationDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Oracle, Verdict } from './oracle.ts';
import type { AnyCaller } from './policy.ts';

export type Values = Readonly<Record<string, unknown>>;

/** The variables of an operation with their defaults in place; absent ones stay absent. */
export function suppliedVariables(operation: OperationDefinitionNode, given: Values): Values {
  const values: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    if (given[name] !== undefined) values[name] = given[name];
    else if (defaultValue) values[name] = valueFromASTUntyped(defaultValue);
  }
  return values;
}

export interface Passing {
  oracle: Oracle;
  caller: AnyCaller;
  variables: Values;
  mutation: boolean;
  /** Set for upstream documents: the schema's own defaults may be spelled out there. */
  defaultsAreFree?: boolean;
}

/** Whether the caller may pass every one of these arguments to the field, down to input fields. */
export const maySupply = (...about: Parameters<typeof supplied>): boolean =>
  [...supplied(...about)].every((verdict) => verdict === 'yes');

/** Whether one of them refuses the whole operation. */
export const mayReject = (...about: Parameters<typeof supplied>): boolean =>
  [...supplied(...about)].includes('reject');

function* supplied(
  passing: Passing,
  type: string,
  field: GraphQLField<unknown, unknown>,
  nodes: readonly ArgumentNode[],
): Generator<Verdict> {
  const given = new Set<string>();
  for (const node of nodes) {
    const value: unknown = valueFromASTUntyped(node.value, passing.variables);
    if (value === undefined) continue;
    given.add(node.name.value);
    const argument = field.args.find(({ name }) => name === node.name.value);
    if (argument === undefined) throw new Error(`${type}.${field.name} has no ${node.name.value}`);
    if (isFreeDefault(passing, argument, value)) continue;
    yield passing.oracle.input(passing.caller, type, `${field.name}(${argument.name}:)`);
    yield* held(passing, argument.type, value);
  }
  for (const { name, type: wanted, defaultValue } of field.args) {
    if (!given.has(name)) yield* leftOut(passing, wanted, defaultValue);
  }
}

/** A default that chooses what has a class; the schema has them as arguments alone, each one value. */
function* leftOut(passing: Passing, type: GraphQLInputType, value: unknown): Generator<Verdict> {
  const named = getNamedType(type);
  if (!isEnumType(named) || typeof value !== 'string') return;
  if (passing.oracle.filtersOn(named.name, value).length === 0) return;
  yield passing.oracle.input(passing.caller, named.name, value);
}

function isFreeDefault(
  { defaultsAreFree }: Passing,
  { defaultValue }: { defaultValue?: unknown },
  value: unknown,
): boolean {
  return defaultsAreFree === true && defaultValue !== undefined && value === defaultValue;
}

function* held(passing: Passing, type: GraphQLInputType, value: unknown): Generator<Verdict> {
  if (Array.isArray(value)) {
    for (const item of value) yield* held(passing, type, item);
    return;
  }
  const named = getNamedType(type);
  if (isEnumType(named) && typeof value === 'string') {
    yield passing.oracle.input(passing.caller, named.name, value);
  }
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const field = named.getFields()[name];
    if (field === undefined) throw new Error(`${named.name} has no ${name}`);
    if (isFreeDefault(passing, field, inner)) continue;
    yield passing.oracle.inputField(passing.caller, named.name, name, passing.mutation);
    yield* held(passing, field.type, inner);
  }
}

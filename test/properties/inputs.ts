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
import type { Oracle } from './oracle.ts';
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
export function maySupply(
  passing: Passing,
  type: string,
  field: GraphQLField<unknown, unknown>,
  supplied: readonly ArgumentNode[],
): boolean {
  return supplied.every((node) => {
    const value: unknown = valueFromASTUntyped(node.value, passing.variables);
    if (value === undefined) return true;
    const argument = field.args.find(({ name }) => name === node.name.value);
    if (argument === undefined) throw new Error(`${type}.${field.name} has no ${node.name.value}`);
    if (isFreeDefault(passing, argument, value)) return true;
    return (
      passing.oracle.opens(passing.caller, type, `${field.name}(${argument.name}:)`) &&
      mayHold(passing, argument.type, value)
    );
  });
}

function isFreeDefault(
  { defaultsAreFree }: Passing,
  { defaultValue }: { defaultValue?: unknown },
  value: unknown,
): boolean {
  return defaultsAreFree === true && defaultValue !== undefined && value === defaultValue;
}

function mayHold(passing: Passing, type: GraphQLInputType, value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => mayHold(passing, type, item));
  const named = getNamedType(type);
  if (isEnumType(named) && typeof value === 'string') {
    return passing.oracle.opens(passing.caller, named.name, value);
  }
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]: [string, unknown]) => {
    if (inner === undefined) return true;
    const field = named.getFields()[name];
    if (field === undefined) throw new Error(`${named.name} has no ${name}`);
    if (isFreeDefault(passing, field, inner)) return true;
    return (
      passing.oracle.opensInput(passing.caller, named.name, name, passing.mutation) &&
      mayHold(passing, field.type, inner)
    );
  });
}

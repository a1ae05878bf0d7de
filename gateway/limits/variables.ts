/**
 * Coerces the request's variables against the public schema, so that a hidden input field is an
 * unknown one. Only declared variables go on. Messages hold no value.
 */
import {
  type GraphQLSchema,
  getVariableValues,
  isInputType,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { type PublicError, Refusal } from '../decision.ts';
import { publicFaces } from '../errors.ts';
import { hasInexact } from './exact-numbers.ts';
import { coerceLeaves } from './leaf-variables.ts';

export interface Variables {
  /** As the caller sent them: declared ones alone. What engines are given. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** With defaults and in the schema's internal form. What decisions read. */
  readonly coerced: Readonly<Record<string, unknown>>;
}

const errorsMax = 10;

export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Variables | Refusal {
  // What does not fit is said by the general way.
  return coerceLeaves(schema, operation, given) ?? coerceAny(schema, operation, given);
}

function coerceAny(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Variables | Refusal {
  const definitions = operation.variableDefinitions ?? [];
  const raw: Record<string, unknown> = Object.create(null);
  for (const { variable, type } of definitions) {
    const name = variable.name.value;
    // graphql-js keeps coerced values in a plain object, where this name is the prototype: a
    // value that one step sees and another does not.
    if (name === '__proto__') return new Refusal('limits/variables');
    if (!Object.hasOwn(given, name)) continue;
    raw[name] = given[name];
    const wanted = typeFromAST(schema, type as NamedTypeNode);
    if (isInputType(wanted) && hasInexact(wanted, raw[name])) return refuseVariable(name);
  }
  const result = getVariableValues(schema, definitions, raw, { maxErrors: errorsMax });
  if (result.coerced !== undefined) return { raw, coerced: result.coerced };
  return new Refusal('limits/variables', { errors: result.errors.map(toPublicError) });
}

/** A variable's value does not fit where it stands. */
export function refuseVariable(name: string): Refusal {
  const { code } = publicFaces['limits/variables'];
  const message = `Variable $${name} does not fit its type.`;
  return new Refusal('limits/variables', { errors: [{ message, extensions: { code } }] });
}

function toPublicError(error: {
  message: string;
  nodes?: readonly unknown[] | undefined;
}): PublicError {
  const { code, message } = publicFaces['limits/variables'];
  const name = /^Variable "\$([_A-Za-z0-9]+)"/.exec(error.message)?.[1];
  return {
    message: name === undefined ? message : `Variable $${name} does not fit its type.`,
    extensions: { code },
  };
}

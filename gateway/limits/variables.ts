/**
 * Coerces the request's variables against the public schema, so that a hidden input field is an
 * unknown one. Only declared variables go on. Messages hold no value.
 */
import {
  coerceInputValue,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
  valueFromAST,
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

/** Errors named to a caller; further ones are not looked for. */
const errorsMax = 10;

export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Variables | Refusal {
  // What does not fit is said by the general way.
  return coerceLeaves(schema, operation, given) ?? coerceAny(schema, operation, given);
}

/** Not by `getVariableValues`: it prints the whole value for each thing in it that does not fit. */
function coerceAny(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Variables | Refusal {
  const raw: Record<string, unknown> = Object.create(null);
  const coerced: Record<string, unknown> = {};
  const errors: PublicError[] = [];
  const misfit = (name: string): void => {
    if (errors.length === errorsMax) throw tooMany;
    errors.push(toError(`Variable $${name} does not fit its type.`));
  };
  try {
    for (const { variable, type: written, defaultValue } of operation.variableDefinitions ?? []) {
      const name = variable.name.value;
      // As a key of an object this is the prototype: a value that one step sees and another does not.
      if (name === '__proto__') return new Refusal('limits/variables');
      const type = typeFromAST(schema, written as NamedTypeNode);
      if (!isInputType(type)) misfit(name);
      else if (Object.hasOwn(given, name)) {
        raw[name] = given[name];
        if (hasInexact(type, raw[name])) return refuseVariable(name);
        coerced[name] = coerceInputValue(raw[name], type, () => misfit(name), true);
      } else if (defaultValue !== undefined) coerced[name] = valueFromAST(defaultValue, type);
      else if (isNonNullType(type)) misfit(name);
    }
  } catch (error) {
    if (error !== tooMany) throw error;
    errors.push(toError(publicFaces['limits/variables'].message));
  }
  return errors.length === 0 ? { raw, coerced } : new Refusal('limits/variables', { errors });
}

const tooMany = new Error('more does not fit than is told');

/** A variable's value does not fit where it stands. */
export function refuseVariable(name: string): Refusal {
  const errors = [toError(`Variable $${name} does not fit its type.`)];
  return new Refusal('limits/variables', { errors });
}

const toError = (message: string): PublicError => ({
  message,
  extensions: { code: publicFaces['limits/variables'].code },
});

/**
 * Coerces the request's variables against the public schema, so that a hidden input field is an
 * unknown one. Only declared variables are kept. Messages hold no value.
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
  /** As the caller sent them, declared ones only; passed to engines. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** With defaults, in the schema's internal form; read by decisions. */
  readonly coerced: Readonly<Record<string, unknown>>;
}

/** Most errors reported; coercion stops there. */
const errorsMax = 10;

export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Variables | Refusal {
  // Only the general path reports errors.
  return coerceLeaves(schema, operation, given) ?? coerceAny(schema, operation, given);
}

/** Avoids `getVariableValues`, which prints the whole value once per error in it. */
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
      // As an object key this is the prototype: one step would see the value and another would not.
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

/** The refusal of a variable whose value does not fit its place. */
export function refuseVariable(name: string): Refusal {
  const errors = [toError(`Variable $${name} does not fit its type.`)];
  return new Refusal('limits/variables', { errors });
}

const toError = (message: string): PublicError => ({
  message,
  extensions: { code: publicFaces['limits/variables'].code },
});

/**
 * Gives execution arguments the coerced variables, with defaults, that @envelop/rate-limiter reads.
 */
import { type ExecutionArgs, getOperationAST, getVariableValues } from 'graphql';

/**
 * A copy with coerced variables; throws if they do not fit, which the spine has already checked.
 */
export function coerceVariables<Args extends ExecutionArgs>(args: Args): Args {
  const { schema, document, operationName, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  const { coerced, errors } = getVariableValues(
    schema,
    operation?.variableDefinitions ?? [],
    variableValues ?? {},
  );
  if (errors !== undefined) throw new Error('the variables do not fit the operation');
  return { ...args, variableValues: coerced };
}

/**
 * What every answer must be, whoever gives it: no null where the schema promises a value, and no
 * error that names a place that the caller has not asked for, or at which there is a value.
 */
import { execute, type GraphQLSchema, parse } from 'graphql';
import type { TestAnswer } from '../support/gateway.ts';
import type { Operation } from './generate-operation.ts';

export function shapeFaults(
  { body: { data, errors = [] } }: TestAnswer,
  operation: Operation,
  schema: GraphQLSchema,
): string[] {
  if (data === undefined || data === null) return [];
  const strange = errors.flatMap(({ path }) => {
    if (path === undefined || leadsToNull(data, path)) return [];
    return [`an error at ${path.join('.')}, where there is no null`];
  });
  return [...strange, ...nullFaults(data, operation, schema)];
}

function leadsToNull(data: unknown, path: readonly (string | number)[]): boolean {
  let value = data;
  for (const key of path) {
    if (value === null) return true;
    if (typeof value !== 'object' || !Object.hasOwn(value as object, key)) return false;
    value = Reflect.get(value as object, key);
  }
  return value === null;
}

/** The answer executed over itself; objects that do not say their type are not looked into. */
function nullFaults(
  data: Record<string, unknown>,
  { query, variables, operationName }: Operation,
  schema: GraphQLSchema,
): string[] {
  const result = execute({
    schema,
    document: parse(query),
    rootValue: data,
    variableValues: { ...variables },
    operationName,
    fieldResolver: (source, _args, _context, { path }) => Reflect.get(source, path.key),
    typeResolver: ({ __typename }) => __typename,
  });
  if (result instanceof Promise) throw new Error('nothing here takes time');
  const messages = (result.errors ?? []).map(({ message }) => message);
  return messages.filter((message) => message.includes('non-nullable'));
}

/**
 * Answers a plan's introspection from the schema that callers may see, which holds no resolver.
 *
 * A large schema takes long to describe, and longer where the description is nested: between its
 * types there may be pauses.
 */
import { assertValidSchema, execute, type GraphQLNamedType, type GraphQLSchema } from 'graphql';
import type { Pause } from '../pauses.ts';
import type { AuthorizedOperation } from '../plan.ts';

/** By response key; empty where the operation asks for none. Rejects where a pause does. */
export async function introspect(
  publicSchema: GraphQLSchema,
  operation: Pick<AuthorizedOperation, 'introspection'>,
  variables: Readonly<Record<string, unknown>>,
  pause: Pause,
): Promise<Readonly<Record<string, unknown>>> {
  if (operation.introspection === undefined) return {};
  // Remembered by the schema; what stands in for it below could not be looked through.
  assertValidSchema(publicSchema);
  const result = await execute({
    schema: withPauses(publicSchema, pause),
    document: operation.introspection,
    variableValues: variables,
  });
  if (result.errors !== undefined) throw new Error('introspection failed');
  return result.data ?? {};
}

/** The same schema, but that a list of all its types comes one by one. */
function withPauses(schema: GraphQLSchema, pause: Pause): GraphQLSchema {
  return Object.create(schema, {
    getTypeMap: { value: () => oneByOne(schema.getTypeMap(), pause) },
    getType: { value: (name: string) => schema.getType(name) },
  });
}

function oneByOne(
  types: Readonly<Record<string, GraphQLNamedType>>,
  pause: Pause,
): Record<string, Promise<GraphQLNamedType>> {
  const coming: Record<string, Promise<GraphQLNamedType>> = Object.create(null);
  let before = Promise.resolve();
  for (const [name, type] of Object.entries(types)) {
    before = before.then(pause);
    coming[name] = before.then(() => type);
  }
  return coming;
}

/** Answers a plan's introspection from the schema that callers may see, which holds no resolver. */
import { execute, type GraphQLSchema } from 'graphql';
import type { AuthorizedOperation } from '../plan.ts';

/** By response key; empty where the operation asks for none. */
export async function introspect(
  publicSchema: GraphQLSchema,
  operation: AuthorizedOperation,
  variables: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  if (operation.introspection === undefined) return {};
  const result = await execute({
    schema: publicSchema,
    document: operation.introspection,
    variableValues: variables,
  });
  if (result.errors !== undefined) throw new Error('introspection failed');
  return result.data ?? {};
}

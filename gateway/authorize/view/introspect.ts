/**
 * Answers a plan's introspection from the schema that the caller sees, which has no resolvers.
 *
 * Describing a large schema takes long, and longer with a deeply nested query, so it pauses between
 * types.
 */
import { assertValidSchema, execute, type GraphQLNamedType, type GraphQLSchema } from 'graphql';
import type { AuthorizedOperation } from '../../plan/plan.ts';
import type { Pause } from '../../time/pauses.ts';

/**
 * By the plan's keys; empty if the operation asks for no introspection. Rejects if a pause does.
 */
export async function introspect(
  publicSchema: GraphQLSchema,
  operation: Pick<AuthorizedOperation, 'introspection'>,
  variables: Readonly<Record<string, unknown>>,
  pause: Pause,
): Promise<Readonly<Record<string, unknown>>> {
  if (operation.introspection === undefined) return {};
  // The result is cached on the schema; the stand-in below could not be validated.
  assertValidSchema(publicSchema);
  const result = await execute({
    schema: withPauses(publicSchema, pause),
    document: operation.introspection,
    variableValues: variables,
  });
  if (result.errors !== undefined) throw new Error('introspection failed');
  return result.data ?? {};
}

/** The same schema, except that its types and their fields are listed with pauses in between. */
function withPauses(schema: GraphQLSchema, pause: Pause): GraphQLSchema {
  const slowly = (type: GraphQLNamedType): GraphQLNamedType =>
    'getFields' in type && !type.name.startsWith('__')
      ? Object.create(type, {
          getFields: { value: () => oneByOne<Described>(type.getFields(), pause) },
        })
      : type;
  return Object.create(schema, {
    getTypeMap: { value: () => oneByOne(schema.getTypeMap(), pause, slowly) },
    // Fragments are on introspection types only, which are compared by identity and stay unchanged.
    getType: {
      value(name: string) {
        const type = schema.getType(name);
        return type && slowly(type);
      },
    },
  });
}

type Described = GraphQLNamedType | { readonly deprecationReason?: string | undefined | null };

function oneByOne<T extends Described>(
  all: Readonly<Record<string, T>>,
  pause: Pause,
  toGive: (one: T) => T = (one) => one,
): Record<string, Promise<T>> {
  const coming: Record<string, Promise<T>> = Object.create(null);
  let before = Promise.resolve();
  for (const [name, one] of Object.entries(all)) {
    before = before.then(pause);
    const given = before.then(() => toGive(one));
    // Read from fields before the promise resolves.
    if ('deprecationReason' in one) {
      Object.assign(given, { deprecationReason: one.deprecationReason });
      // A deprecated field may be skipped, and then nothing else handles the rejection of its
      // pause.
      given.catch(() => undefined);
    }
    coming[name] = given;
  }
  return coming;
}

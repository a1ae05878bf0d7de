/**
 * Answers a plan's introspection from the schema that callers may see, which holds no resolver.
 *
 * A large schema takes long to describe, and longer where the description is nested: between its
 * types there may be pauses.
 */
import { assertValidSchema, execute, type GraphQLNamedType, type GraphQLSchema } from 'graphql';
import type { AuthorizedOperation } from '../../plan/plan.ts';
import type { Pause } from '../../time/pauses.ts';

/** By the plan's keys; empty where the operation asks for none. Rejects where a pause does. */
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

/** The same schema, but that a list of all its types, and of a type's fields, comes one by one. */
function withPauses(schema: GraphQLSchema, pause: Pause): GraphQLSchema {
  const slowly = (type: GraphQLNamedType): GraphQLNamedType =>
    'getFields' in type && !type.name.startsWith('__')
      ? Object.create(type, {
          getFields: { value: () => oneByOne<Described>(type.getFields(), pause) },
        })
      : type;
  return Object.create(schema, {
    getTypeMap: { value: () => oneByOne(schema.getTypeMap(), pause, slowly) },
    // Fragments are on types of introspection alone, which are compared and stay what they are.
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
    // Asked for before it has come, of fields.
    if ('deprecationReason' in one) {
      Object.assign(given, { deprecationReason: one.deprecationReason });
      // It may be left out for that, and then nobody else hears that a pause was the end.
      given.catch(() => undefined);
    }
    coming[name] = given;
  }
  return coming;
}

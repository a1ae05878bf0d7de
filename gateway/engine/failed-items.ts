/**
 * Replaces failed items of a list by promises, so that the reference engine's executor awaits them.
 * At an Error or a forbidden null the executor abandons the list at once and leaves pending
 * promises of earlier items unhandled: a rejection that would end the process. A failure that must
 * be awaited is awaited together with the others.
 */
import {
  defaultFieldResolver,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';

/** Wraps the resolvers of all lists of objects, in place. */
export function awaitFailedItems(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const isList = isListType(getNullableType(field.type));
      if (!isList || !isCompositeType(getNamedType(field.type))) continue;
      const { resolve = defaultFieldResolver } = field;
      field.resolve = (...args) => {
        const value: unknown = resolve(...args);
        return value instanceof Promise ? value.then(toAwaited) : toAwaited(value);
      };
    }
  }
}

/** Returns the same value if no item failed and none is a list. */
function toAwaited(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.some(isToBeAwaited) ? value.map(toAwaitedItem) : value;
}

function isToBeAwaited(item: unknown): boolean {
  return item === null || item === undefined || item instanceof Error || Array.isArray(item);
}

function toAwaitedItem(item: unknown): unknown {
  if (item === null || item === undefined) return Promise.resolve(null);
  return item instanceof Error ? new FailedItem(item) : toAwaited(item);
}

/** Rejects only when awaited: one that is never awaited would itself be an unhandled rejection. */
class FailedItem implements PromiseLike<never> {
  readonly #failure: Error;

  constructor(failure: Error) {
    this.#failure = failure;
  }

  // biome-ignore lint/suspicious/noThenProperty: the executor awaits thenables
  then<Kept = never, Caught = never>(
    onKept?: ((value: never) => Kept | PromiseLike<Kept>) | null,
    onFailed?: ((reason: unknown) => Caught | PromiseLike<Caught>) | null,
  ): Promise<Kept | Caught> {
    return Promise.reject(this.#failure).then(onKept, onFailed);
  }
}

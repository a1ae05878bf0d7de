/**
 * Items of a list that failed, in a form in which the executor of the reference engine waits for
 * them. It gives up a list at once where an item is an Error or a null that may not be, and leaves
 * what is still under way in the items before it to nobody: a rejection that would end the process.
 * A failure that has to be awaited is awaited together with the others.
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

/** The same value where no item failed. */
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

/** Rejects only when it is asked: a promise that nobody comes to ask would be the next one lost. */
class FailedItem implements PromiseLike<never> {
  readonly #failure: Error;

  constructor(failure: Error) {
    this.#failure = failure;
  }

  // biome-ignore lint/suspicious/noThenProperty: the executor waits for what has one
  then<Kept = never, Caught = never>(
    onKept?: ((value: never) => Kept | PromiseLike<Kept>) | null,
    onFailed?: ((reason: unknown) => Caught | PromiseLike<Caught>) | null,
  ): Promise<Kept | Caught> {
    return Promise.reject(this.#failure).then(onKept, onFailed);
  }
}

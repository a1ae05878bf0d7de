/**
 * Which lists and objects of a tree a failure below them will take away, before joins and links
 * lead on from them: what cannot be delivered is not asked for.
 */
import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { type Ordered, partOf, type Selection } from './program.ts';

/** Lists and objects of a tree that will be null, by identity. */
export type Fallen = ReadonlySet<unknown>;

/** Undefined where the root fields take all of the answer with them. */
export function findFallen(
  order: readonly Ordered[],
  tree: Readonly<Record<string, unknown>>,
): Fallen | undefined {
  const finder = new Finder();
  return finder.fields(order, tree) ? undefined : finder.fallen;
}

class Finder {
  readonly fallen = new Set<unknown>();

  /** Whether one of them takes the object away. */
  fields(order: readonly Ordered[], object: Readonly<Record<string, unknown>>): boolean {
    let falls = false;
    for (const { rawKey, type, selection } of order) {
      falls = this.#takesParent(object[rawKey], type, selection) || falls;
    }
    return falls;
  }

  #takesParent(value: unknown, type: GraphQLOutputType, selection: Selection | undefined): boolean {
    if (value === undefined || value === null) return false;
    const isNonNull = isNonNullType(type);
    const falls = this.#falls(value, isNonNull ? type.ofType : type, selection);
    return falls && isNonNull;
  }

  #falls(value: unknown, type: GraphQLOutputType, selection: Selection | undefined): boolean {
    if (value instanceof Error) return true;
    if (typeof value !== 'object' || value === null) return false;
    const falls =
      isListType(type) && Array.isArray(value)
        ? this.#items(value, type.ofType, selection)
        : this.#object(value as Record<string, unknown>, selection);
    if (falls) this.fallen.add(value);
    return falls;
  }

  #items(
    items: readonly unknown[],
    type: GraphQLOutputType,
    selection: Selection | undefined,
  ): boolean {
    let falls = false;
    for (const item of items) falls = this.#takesParent(item, type, selection) || falls;
    return falls;
  }

  #object(object: Record<string, unknown>, selection: Selection | undefined): boolean {
    const part = selection && partOf(selection, object);
    return part !== undefined && this.fields(part.order, object);
  }
}

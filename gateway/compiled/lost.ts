/**
 * Finds the objects of a tree that a failure removes, itself or through a parent. They cannot be
 * delivered, so joins and links do not follow them.
 *
 * A value that is not in the tree yet is no failure. Runs only on trees that hold one.
 */
import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { type Ordered, partOf, type Selection } from './program.ts';

/** Whether a failure removes this object of the tree. */
export type IsLost = (object: object) => boolean;

/** Examines the tree as it is at the time of the call. */
export function findLost(
  order: readonly Ordered[],
  tree: Readonly<Record<string, unknown>>,
): IsLost {
  const finder = new Finder();
  if (finder.fields(order, tree)) return () => true;
  return (object) => finder.lost.has(object);
}

class Finder {
  readonly lost = new Set<object>();

  /** Whether a field in a non-null place removes the object. */
  fields(order: readonly Ordered[], object: Readonly<Record<string, unknown>>): boolean {
    let falls = false;
    for (const { rawKey, type, selection } of order) {
      falls = this.#takesParent(object[rawKey], type, selection) || falls;
    }
    return falls;
  }

  #takesParent(value: unknown, type: GraphQLOutputType, selection: Selection | undefined): boolean {
    if (value === undefined) return false;
    const isNonNull = isNonNullType(type);
    if (value === null) return isNonNull;
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
    if (falls) this.#lose(value, selection);
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

  /** Marks the value and all objects in it; structured scalars are no objects here. */
  #lose(value: unknown, selection: Selection | undefined): void {
    if (selection === undefined || typeof value !== 'object' || value === null) return;
    if (value instanceof Error || this.lost.has(value)) return;
    this.lost.add(value);
    if (Array.isArray(value)) {
      for (const item of value) this.#lose(item, selection);
      return;
    }
    const object = value as Record<string, unknown>;
    for (const { rawKey, selection: inner } of partOf(selection, object)?.order ?? []) {
      this.#lose(object[rawKey], inner);
    }
  }
}

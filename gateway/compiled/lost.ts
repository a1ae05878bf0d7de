/**
 * Which objects of a tree are lost: a failure takes them away, or takes away what they stand in.
 * What cannot be delivered is not asked for, so joins and links do not lead on from there.
 *
 * What is not in the tree yet is no failure. Runs only over trees that hold one.
 */
import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { type Ordered, partOf, type Selection } from './program.ts';

/** Whether an object of the tree is lost. */
export type IsLost = (object: object) => boolean;

/** Looks at the tree as it is now. */
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

  /** Whether one of them takes the object away. */
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

  /** With all objects that it holds; structured scalars are none. */
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

/**
 * Refuses fragments that spread themselves, directly or through others, and chains of selections,
 * fragments included, that would overflow the stack of recursive visitors. Runs first: the other
 * rules rely on both.
 */
import { type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';
import { Refusal } from '../../decision.ts';
import type { DocumentRule } from '../rule.ts';

/** Most nested selection sets, by field, inline fragment or spread. */
const chainMax = 250;

export const fragmentCycle: DocumentRule = ({ operation, fragments }) => {
  const search = new Search(fragments);
  for (const [name, { selectionSet }] of fragments) search.fragment(name, selectionSet, 0);
  search.set(operation.selectionSet, 0);
  return search.refusal;
};

class Search {
  /** The first violation; it ends the search. */
  refusal: Refusal | undefined;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The longest chain below each fragment that is known to be free of cycles. */
  readonly #lengths = new Map<string, number>();
  readonly #above = new Set<string>();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  /** The longest chain from here on; `depth` is the length of the chain above. */
  set(set: SelectionSetNode, depth: number): number {
    if (depth > chainMax) this.refusal ??= new Refusal('limits/too-deep');
    let longest = 0;
    for (const node of set.selections) {
      if (this.refusal !== undefined) break;
      if (node.kind !== Kind.FRAGMENT_SPREAD) {
        const below = node.selectionSet;
        if (below !== undefined) longest = Math.max(longest, this.set(below, depth + 1));
        continue;
      }
      const spread = this.#fragments.get(node.name.value);
      if (spread === undefined) continue;
      const length = this.fragment(node.name.value, spread.selectionSet, depth + 1);
      longest = Math.max(longest, length);
    }
    return longest + 1;
  }

  fragment(name: string, set: SelectionSetNode, depth: number): number {
    if (this.#above.has(name)) this.refusal ??= new Refusal('limits/fragment-cycle');
    if (this.refusal !== undefined) return 0;
    const known = this.#lengths.get(name);
    if (known !== undefined) {
      if (depth + known > chainMax) this.refusal = new Refusal('limits/too-deep');
      return known;
    }
    this.#above.add(name);
    const length = this.set(set, depth);
    this.#above.delete(name);
    this.#lengths.set(name, length);
    return length;
  }
}

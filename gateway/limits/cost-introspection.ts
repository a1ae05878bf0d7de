/**
 * What introspection costs. It calls no upstream, but a schema is large: each value of the answer
 * counts, by how much the caller's view has to tell. Upper bounds: where all types are listed, as
 * many as there are of everything; anywhere else, as many as the longest list has.
 */
import type { FieldNode, GraphQLSchema, SelectionSetNode } from 'graphql';
import {
  type IntrospectionSizes,
  introspectionSizesOf,
  type Listed,
} from './introspection-sizes.ts';
import { type Fragments, mergeFields, selectionsOf } from './merged-fields.ts';

const introspectionWeight = 10;
/** A value took half a microsecond where a point query, which is estimated at 11, took 163. */
const valuesPerCost = 30;
/**
 * What listing all types counts at most, everything once: below the usual limit, so that tools can
 * read a schema of any size. What is listed again for each of them counts beside it.
 */
const listingMax = 4_000;

/** Of one `__schema` or `__type`, whose nodes are merged already. */
export function introspectionCost(
  nodes: readonly FieldNode[],
  { schema, fragments }: { schema: GraphQLSchema; fragments: Fragments },
): number {
  const counter = new Counter(introspectionSizesOf(schema), fragments);
  counter.below(nodes, { count: 1, of: 'one', isOnce: true, wrapped: 0 });
  return introspectionWeight + Math.ceil(counter.values / valuesPerCost);
}

/** Objects that selections stand on. */
interface Standing {
  readonly count: number;
  /** All types, all their fields, all directives; or whatever one of them leads to. */
  readonly of: 'types' | 'fields' | 'directives' | 'one';
  /** Each thing of the schema stands here once. */
  readonly isOnce: boolean;
  /** How often `ofType` led here. */
  readonly wrapped: number;
}

class Counter {
  private readonly sizes: IntrospectionSizes;
  private readonly fragments: Fragments;
  private once = 0;
  private again = 0;

  constructor(sizes: IntrospectionSizes, fragments: Fragments) {
    this.sizes = sizes;
    this.fragments = fragments;
  }

  get values(): number {
    return this.once + this.again;
  }

  below(nodes: readonly FieldNode[], standing: Standing): void {
    const sets = selectionsOf(nodes);
    if (sets.length > 0 && standing.count > 0) this.add(sets, standing);
  }

  private add(sets: readonly SelectionSetNode[], standing: Standing): void {
    for (const nodes of mergeFields(sets, this.fragments).byKey.values()) {
      if (standing.isOnce) this.once += standing.count;
      else this.again += standing.count;
      const name = nodes[0]?.name.value ?? '';
      if (name === 'types') this.listing(nodes);
      else this.below(nodes, this.next(name, standing));
    }
  }

  private listing(nodes: readonly FieldNode[]): void {
    const listing = new Counter(this.sizes, this.fragments);
    const { types } = this.sizes;
    listing.below(nodes, { count: types, of: 'types', isOnce: true, wrapped: 0 });
    this.once += Math.min(listing.once, listingMax * valuesPerCost);
    this.again += listing.again;
  }

  private next(name: string, at: Standing): Standing {
    const { sizes } = this;
    const one = { ...at, of: 'one', wrapped: 0 } as const;
    switch (name) {
      case 'directives':
        return { ...one, count: sizes.directives, of: 'directives' };
      case 'fields':
        return { ...one, ...this.list(name, at), of: at.of === 'types' ? 'fields' : 'one' };
      case 'inputFields':
      case 'enumValues':
      case 'interfaces':
      case 'possibleTypes':
      case 'args':
        return { ...one, ...this.list(name, at) };
      case 'ofType': {
        const wrapped = at.wrapped + 1;
        return { ...one, count: wrapped > sizes.wrapping ? 0 : at.count, wrapped };
      }
      default:
        return one;
    }
  }

  private list(name: Listed, { count, of, isOnce }: Standing): Pick<Standing, 'count' | 'isOnce'> {
    const { all, longest, directiveArgs } = this.sizes;
    const isArgs = name === 'args';
    if (of === (isArgs ? 'fields' : 'types')) return { count: all[name], isOnce };
    if (of === 'directives' && isArgs) return { count: directiveArgs, isOnce };
    return { count: count * longest[name], isOnce: false };
  }
}

/**
 * Estimates the cost of introspection. It calls no upstream, but a schema is large: each value of
 * the answer counts, by the size of the caller's view. Upper bounds: where all types are listed,
 * the totals of the schema; elsewhere, the length of its longest list.
 */
import {
  type FieldNode,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql';
import { type CollectContext, collectFields } from '../../graph/collect-fields.ts';
import {
  type IntrospectionSizes,
  introspectionSizesOf,
  type Listed,
} from '../introspection-sizes.ts';
import { selectionsOf } from '../merged-fields.ts';

const introspectionWeight = 10;
/** A value took 0.5 µs, and a point query with an estimated cost of 11 took 163 µs. */
const valuesPerCost = 30;
/**
 * The most that one listing of all types costs, each element counted once: below the usual limit,
 * so that tools can read a schema of any size. Elements listed repeatedly are added to it.
 */
const listingMax = 4_000;

/** The cost of one `__schema` or `__type` with merged nodes; `look` as in `collectFields`. */
export function introspectionCost(
  nodes: readonly FieldNode[],
  context: CollectContext,
  look: (selections: number) => boolean,
): number {
  const counter = new Counter(introspectionSizesOf(context.schema), context, look);
  const { type } = nodes[0]?.name.value === '__schema' ? SchemaMetaFieldDef : TypeMetaFieldDef;
  const one = { count: 1, of: 'one', isOnce: true, wrapped: 0 } as const;
  counter.below(nodes, getNamedType(type) as GraphQLObjectType, one);
  return introspectionWeight + Math.ceil(counter.values / valuesPerCost);
}

/** The objects that a selection applies to. */
interface Standing {
  readonly count: number;
  /** All types, all their fields, all directives, or what one of them leads to. */
  readonly of: 'types' | 'fields' | 'directives' | 'one';
  /** Whether each element of the schema occurs once. */
  readonly isOnce: boolean;
  /** How many `ofType` steps led here. */
  readonly wrapped: number;
}

class Counter {
  readonly #sizes: IntrospectionSizes;
  readonly #context: CollectContext;
  readonly #look: (selections: number) => boolean;
  #once = 0;
  #again = 0;

  constructor(
    sizes: IntrospectionSizes,
    context: CollectContext,
    look: (selections: number) => boolean,
  ) {
    this.#sizes = sizes;
    this.#context = context;
    this.#look = look;
  }

  get values(): number {
    return this.#once + this.#again;
  }

  /** Counts the selections below a field of this type. */
  below(nodes: readonly FieldNode[], type: GraphQLObjectType, standing: Standing): void {
    const sets = selectionsOf(nodes);
    if (sets.length === 0 || standing.count === 0) return;
    for (const fields of collectFields(this.#context, type, sets, this.#look).values()) {
      if (standing.isOnce) this.#once += standing.count;
      else this.#again += standing.count;
      const name = fields[0]?.name.value ?? '';
      const next = getNamedType(type.getFields()[name]?.type);
      if (!isObjectType(next)) continue;
      if (name === 'types') this.#listing(fields, next);
      else this.below(fields, next, this.#next(name, standing));
    }
  }

  #listing(nodes: readonly FieldNode[], type: GraphQLObjectType): void {
    const listing = new Counter(this.#sizes, this.#context, this.#look);
    const { types } = this.#sizes;
    listing.below(nodes, type, { count: types, of: 'types', isOnce: true, wrapped: 0 });
    this.#once += Math.min(listing.#once, listingMax * valuesPerCost);
    this.#again += listing.#again;
  }

  #next(name: string, at: Standing): Standing {
    const sizes = this.#sizes;
    const one = { ...at, of: 'one', wrapped: 0 } as const;
    switch (name) {
      case 'directives':
        return { ...one, count: sizes.directives, of: 'directives' };
      case 'fields':
        return { ...one, ...this.#list(name, at), of: at.of === 'types' ? 'fields' : 'one' };
      case 'inputFields':
      case 'enumValues':
      case 'interfaces':
      case 'possibleTypes':
      case 'args':
        return { ...one, ...this.#list(name, at) };
      case 'ofType': {
        const wrapped = at.wrapped + 1;
        return { ...one, count: wrapped > sizes.wrapping ? 0 : at.count, wrapped };
      }
      default:
        return one;
    }
  }

  #list(name: Listed, { count, of, isOnce }: Standing): Pick<Standing, 'count' | 'isOnce'> {
    const { all, longest, directiveArgs } = this.#sizes;
    const isArgs = name === 'args';
    if (of === (isArgs ? 'fields' : 'types')) return { count: all[name], isOnce };
    if (of === 'directives' && isArgs) return { count: directiveArgs, isOnce };
    return { count: count * longest[name], isOnce: false };
  }
}

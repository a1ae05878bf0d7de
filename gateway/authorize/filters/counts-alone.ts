/**
 * Recognises objects that only tell how many of something there are, or whether there is any:
 * statistics, histogram buckets, the answer of a check. Such an answer does not lead to what was
 * counted, so it does not show what its filters are about.
 */
import { type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import { plain } from './filter-names.ts';
import type { GuardedFields } from './guarded-fields.ts';

/** Asked at thousands of places of a large schema, most of which lead to the same types. */
export class CountsAlone {
  readonly #fields: GuardedFields;
  readonly #kinds = new Map<GraphQLObjectType, Kind>();
  readonly #known = new Map<string, boolean>();

  constructor(fields: GuardedFields) {
    this.#fields = fields;
  }

  /** For everything that the types lead to within a few steps. */
  has(types: readonly GraphQLObjectType[]): boolean {
    const key = types.map(({ name }) => name).join(' ');
    const known = this.#known.get(key) ?? this.#find(types);
    this.#known.set(key, known);
    return known;
  }

  #find(types: readonly GraphQLObjectType[]): boolean {
    const kinds = [...this.#fields.around(types)].map((type) => this.#kindOf(type));
    return kinds.includes('counts') && !kinds.includes('thing');
  }

  #kindOf(type: GraphQLObjectType): Kind {
    const known = this.#kinds.get(type) ?? kindOf(type);
    this.#kinds.set(type, known);
    return known;
  }
}

/** `frame` has object fields only. */
type Kind = 'counts' | 'frame' | 'thing';

const countName =
  /(?:count|total|sum|avg|average|mean|median|quantity)s?$|^(?:count|total|sum|avg|average|numberof)/;

function kindOf(type: GraphQLObjectType): Kind {
  const leaves = Object.values(type.getFields()).flatMap(({ name, type: held }) => {
    const named = getNamedType(held);
    return isLeafType(named) ? [{ name: plain(name), of: named.name }] : [];
  });
  if (leaves.length === 0) return 'frame';
  if (leaves.some(({ name, of }) => name === 'id' || of === 'ID')) return 'thing';
  if (leaves.every(({ of }) => of === 'Boolean')) return 'counts';
  const hasCount = leaves.some(
    ({ name, of }) => (of === 'Int' || of === 'Float') && countName.test(name),
  );
  return hasCount ? 'counts' : 'thing';
}

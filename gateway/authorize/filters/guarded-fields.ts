/**
 * Indexes what can be named from a place of the graph: the fields of each object type, and the
 * guarded ones (those with a class or hidden from some callers) within a few steps. Made once per
 * schema and policy; uses maps, because large schemas have thousands of types.
 */
import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import type { CoordinatePolicy } from '../policy.ts';
import { plain, singular } from './filter-names.ts';

export interface NamedField {
  readonly coordinate: string;
  readonly name: string;
  /** The name in the form in which names are compared. */
  readonly key: string;
  /** Names of its type in that form: the graph's and its upstream's. */
  readonly owners: readonly string[];
  readonly isGuarded: boolean;
  /** Object types that can occur there; undefined for a leaf. */
  readonly returns: readonly GraphQLObjectType[] | undefined;
}

/** Whether filters on a field are looked for. */
export type IsMeant = (policy: CoordinatePolicy | undefined) => boolean;

/** The names that a filter further away would use; `id` alone identifies nothing there. */
export function keysOf({ owners, key: own }: NamedField): ReadonlySet<string> {
  const long = owners.map((owner) => owner + own);
  const keys = own === 'id' ? long : [own, ...long];
  return new Set(keys.flatMap((key) => [key, singular(key)]));
}

/** Fields by plain name, in singular form too. */
export type FieldIndex = ReadonlyMap<string, readonly NamedField[]>;

/** Filters are assumed not to mean fields further away. */
const stepsMax = 3;

export class GuardedFields {
  readonly guarded: readonly NamedField[];
  /** Names of custom scalars and enums that only guarded fields have, with those fields. */
  readonly ownTypes: ReadonlyMap<string, readonly NamedField[]>;
  readonly #schema: GraphQLSchema;
  readonly #fields: ReadonlyMap<string, CoordinatePolicy>;
  readonly #isMeant: IsMeant;
  readonly #indexes = new Map<GraphQLObjectType, FieldIndex>();
  readonly #next = new Map<GraphQLObjectType, readonly GraphQLObjectType[]>();
  readonly #named = new Map<GraphQLObjectType, readonly NamedField[]>();

  constructor(
    schema: GraphQLSchema,
    fields: ReadonlyMap<string, CoordinatePolicy>,
    isMeant: IsMeant = isGuarded,
  ) {
    this.#schema = schema;
    this.#fields = fields;
    this.#isMeant = isMeant;
    const types = Object.values(schema.getTypeMap()).filter(
      (type): type is GraphQLObjectType =>
        isObjectType(type) && !type.name.startsWith('__') && !this.isRoot(type),
    );
    const guarded = types.flatMap((type) => this.guardedIn(type));
    this.guarded = guarded;
    this.ownTypes = guarded.length === 0 ? new Map() : this.#findOwnTypes(types);
  }

  isRoot(type: GraphQLNamedType): boolean {
    const schema = this.#schema;
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    return roots.some((root) => root === type);
  }

  /** Object types that can occur where the type does; none for a leaf. */
  objectsOf(type: GraphQLNamedType): readonly GraphQLObjectType[] {
    if (isObjectType(type)) return [type];
    return isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
  }

  indexOf(type: GraphQLObjectType): FieldIndex {
    const known = this.#indexes.get(type);
    if (known !== undefined) return known;
    const index = new Map<string, NamedField[]>();
    for (const field of this.namedIn(type)) {
      for (const one of new Set([field.key, singular(field.key)])) {
        const list = index.get(one);
        if (list === undefined) index.set(one, [field]);
        else list.push(field);
      }
    }
    this.#indexes.set(type, index);
    return index;
  }

  /** Fields of all object types, including the roots. */
  everyField(): readonly NamedField[] {
    const types = Object.values(this.#schema.getTypeMap());
    return types.flatMap((type) => (isObjectType(type) ? this.namedIn(type) : []));
  }

  guardedIn(type: GraphQLObjectType): readonly NamedField[] {
    return this.namedIn(type).filter(({ isGuarded }) => isGuarded);
  }

  /** Types that the given ones lead to, and the given ones. */
  around(types: readonly GraphQLObjectType[]): ReadonlySet<GraphQLObjectType> {
    const reached = new Set(types);
    let edge: readonly GraphQLObjectType[] = types;
    for (let step = 0; step < stepsMax && edge.length > 0; step += 1) {
      const further: GraphQLObjectType[] = [];
      for (const type of edge) {
        for (const one of this.#nextOf(type)) {
          if (reached.has(one)) continue;
          reached.add(one);
          further.push(one);
        }
      }
      edge = further;
    }
    return reached;
  }

  #nextOf(type: GraphQLObjectType): readonly GraphQLObjectType[] {
    const known = this.#next.get(type);
    if (known !== undefined) return known;
    const all = Object.values(type.getFields()).flatMap((field) => [
      ...this.objectsOf(getNamedType(field.type)),
    ]);
    const found = [...new Set(all)].filter((one) => !this.isRoot(one));
    this.#next.set(type, found);
    return found;
  }

  namedIn(type: GraphQLObjectType): readonly NamedField[] {
    const known = this.#named.get(type);
    if (known !== undefined) return known;
    const owners = namesOf(type).map(plain);
    const found = Object.values(type.getFields()).map((field) => {
      const coordinate = `${type.name}.${field.name}`;
      const named = getNamedType(field.type);
      return {
        coordinate,
        name: field.name,
        key: plain(field.name),
        owners,
        isGuarded: this.#isMeant(this.#fields.get(coordinate)),
        returns: isLeafType(named) ? undefined : this.objectsOf(named),
      };
    });
    this.#named.set(type, found);
    return found;
  }

  #findOwnTypes(types: readonly GraphQLObjectType[]): Map<string, readonly NamedField[]> {
    const found = new Map<string, NamedField[]>();
    const common = new Set<string>();
    for (const type of types) {
      for (const one of this.namedIn(type)) {
        const field = type.getFields()[one.name];
        const named = field && getNamedType(field.type);
        if (named === undefined || !isLeafType(named) || isSpecifiedScalarType(named)) continue;
        if (!one.isGuarded) common.add(named.name);
        else found.set(named.name, [...(found.get(named.name) ?? []), one]);
      }
    }
    for (const name of common) found.delete(name);
    return found;
  }
}

/** To those who name arguments, `EmployeeDto` and `EmployeeResponse` are employees. */
const roleOfType = /(?<=.)(?:Dto|DTO|Response|Model|Entity|Resource|View|Record|Output|Type)$/;

/**
 * The names by which arguments may call a type: its name in the graph, its own without the prefix
 * that `gateway.yaml` gives its upstream's types, and both without the suffix for its role.
 */
export function namesOf({ name, extensions }: GraphQLNamedType): readonly string[] {
  const names = typeof extensions.ownName === 'string' ? [name, extensions.ownName] : [name];
  return [...new Set([...names, ...names.map((one) => one.replace(roleOfType, ''))])];
}

/** Has a class, or is hidden from some callers who may select its object. */
function isGuarded(policy: CoordinatePolicy | undefined): boolean {
  if (policy === undefined) return false;
  return policy.classes.length > 0 || (policy.listed && policy.outcome === 'hide');
}

/** Fields through which a wrapper returns its contents: connections, pages, envelopes. */
export const wrapping: ReadonlySet<string> = new Set(
  'edges edge nodes node items item data results result records rows list entries values elements objects hits content payload page group groups collection embedded'.split(
    ' ',
  ),
);
export const wrappersMax = 4;

/** The types that a field returns, with those inside wrappers. */
export function unwrapped(
  fields: GuardedFields,
  types: readonly GraphQLObjectType[],
): readonly GraphQLObjectType[] {
  const found = new Set(types);
  let edge = types;
  for (let depth = 0; depth < wrappersMax && edge.length > 0; depth += 1) {
    const inside = edge.flatMap((type) =>
      [...fields.indexOf(type)].flatMap(([key, named]) =>
        wrapping.has(key) ? named.flatMap(({ returns = [] }) => returns) : [],
      ),
    );
    edge = inside.filter((type) => !found.has(type));
    for (const type of edge) found.add(type);
  }
  return [...found];
}

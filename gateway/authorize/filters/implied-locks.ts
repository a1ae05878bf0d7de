/**
 * Filters that may give a guarded field away: whoever may ask `employees(ssnStartsWith: …)` learns
 * an SSN by asking often enough, without ever reading one. Arguments of everything but mutations,
 * the input fields that they reach, and enum values that choose fields: each with the guarded
 * fields that it means (filter-meaning.ts), whose grant it needs (compile-policy.ts).
 *
 * What nobody can ask for is left alone: only arguments of listed fields are looked at.
 */
import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { isOpaqueName } from '../opaque.ts';
import type { CoordinatePolicy, FilterMatch } from '../policy.ts';
import { FilterMeanings, type Scope } from './filter-meaning.ts';
import { isFreeName, isPickName } from './filter-names.ts';
import { GuardedFields, type NamedField } from './guarded-fields.ts';

export interface FoundFilters {
  readonly locks: ReadonlyMap<string, FilterMatch>;
  /** Texts that the upstream reads as it likes, to a guarded field that they may filter on. */
  readonly free: ReadonlyMap<string, string>;
}

/** Input types in different places that are looked at one by one; past that as if they stood anywhere. */
const visitsMax = 200_000;

/** @param fields compiled; of inputs nothing is asked, so what a rule names is found too */
export function findFilters(
  schema: GraphQLSchema,
  fields: ReadonlyMap<string, CoordinatePolicy>,
): FoundFilters {
  const guarded = new GuardedFields(schema, fields);
  const finder = new Finder(guarded);
  if (guarded.guarded.length === 0) return finder.all();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
    if (type === schema.getMutationType() || type === schema.getSubscriptionType()) continue;
    finder.visitOwner(type, (coordinate) => fields.get(coordinate)?.listed === true);
  }
  return finder.all();
}

const inOrder = <Value>(entries: Iterable<[string, Value]>): ReadonlyMap<string, Value> =>
  new Map([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));

interface Filter {
  readonly coordinate: string;
  readonly name: string;
  readonly description: string | null | undefined;
  readonly type: GraphQLInputType;
}

class Finder {
  private readonly found = new Map<string, { by: FilterMatch['by']; means: Set<string> }>();
  private readonly free = new Map<string, string>();
  private readonly fields: GuardedFields;
  private readonly meanings: FilterMeanings;
  private readonly visited = new Set<string>();

  constructor(fields: GuardedFields) {
    this.fields = fields;
    this.meanings = new FilterMeanings(fields);
  }

  /** In the order of names. */
  all(): FoundFilters {
    const locks = [...this.found].map(([coordinate, { by, means }]): [string, FilterMatch] => [
      coordinate,
      { coordinate, means: [...means].sort(), by },
    ]);
    const free = [...this.free].filter(([coordinate]) => !this.found.has(coordinate));
    return { locks: inOrder(locks), free: inOrder(free) };
  }

  visitOwner(
    owner: GraphQLObjectType | GraphQLInterfaceType,
    isListed: (coordinate: string) => boolean,
  ): void {
    for (const field of Object.values(owner.getFields())) {
      const coordinate = `${owner.name}.${field.name}`;
      if (field.args.length === 0 || !isListed(coordinate)) continue;
      const returned = this.fields.objectsOf(getNamedType(field.type));
      // A count, a yes or no: of what it belongs to, and at the root of anything.
      const own = this.fields.isRoot(owner) ? [] : this.fields.objectsOf(owner);
      const scope = this.meanings.scopeOf(returned.length > 0 ? returned : own);
      for (const { name, description, type } of field.args) {
        const about = { coordinate: `${coordinate}(${name}:)`, name, description, type };
        this.visit(about, scope, isPickName(name));
      }
    }
  }

  private visit(filter: Filter, scope: Scope, chooses: boolean): void {
    const { coordinate, name, description } = filter;
    const named = getNamedType(filter.type);
    const isObject = isInputObjectType(named);
    const meaning = this.meanings.ofName(name, scope);
    if (meaning.guarded.length > 0) this.note(coordinate, meaning.guarded, 'name');
    else if (meaning.named === undefined || !meaning.isExact) {
      const byType = this.meanings.ofType(named.name, !isObject, scope);
      const told = isObject || byType.length > 0;
      const byText = told ? [] : this.meanings.ofDescription(description, scope);
      this.note(coordinate, byType, 'type');
      this.note(coordinate, byText, 'description');
      if (isScalarType(named)) this.noteFree(filter, named.name, scope);
    }
    if (isEnumType(named)) this.visitValues(named, scope, chooses || isPickName(named.name));
    if (!isObject) return;
    const within = (meaning.named ?? []).flatMap(({ returns = [] }) => returns);
    if (within.length > 0) this.visitFields(named, this.meanings.scopeOf(within), chooses);
    else if (meaning.named === undefined) this.visitFields(named, scope, chooses);
    else this.visitFields(named, this.meanings.operatorsOf(scope), chooses);
  }

  private visitFields(type: GraphQLInputObjectType, scope: Scope, chooses: boolean): void {
    const isFull = this.visited.size >= visitsMax;
    const place = isFull ? this.meanings.scopeOf([]) : scope;
    const key = `${type.name} ${chooses} ${place.key}`;
    if (this.visited.has(key)) return;
    this.visited.add(key);
    for (const { name, description, type: held } of Object.values(type.getFields())) {
      const about = { coordinate: `${type.name}.${name}`, name, description, type: held };
      this.visit(about, place, chooses || isPickName(name));
    }
  }

  /** Where the values choose among fields: by what chooses, or since most of them are names of fields. */
  private visitValues(type: GraphQLEnumType, scope: Scope, chooses: boolean): void {
    const values = type.getValues();
    const meanings = values.map(({ name }) => this.meanings.ofName(name, scope));
    const naming = meanings.filter(({ named }) => named !== undefined).length;
    if (!chooses && (naming < 2 || naming * 2 <= values.length)) return;
    for (const [index, { name, description }] of values.entries()) {
      const coordinate = `${type.name}.${name}`;
      const { guarded = [], isExact = false } = meanings[index] ?? {};
      this.note(coordinate, guarded, 'name');
      if (guarded.length > 0 || isExact) continue;
      this.note(coordinate, this.meanings.ofDescription(description, scope), 'description');
    }
  }

  private note(coordinate: string, found: readonly NamedField[], by: FilterMatch['by']): void {
    if (found.length === 0) return;
    const known = this.found.get(coordinate) ?? { by, means: new Set<string>() };
    this.found.set(coordinate, known);
    for (const field of found) known.means.add(field.coordinate);
  }

  private noteFree({ coordinate, name }: Filter, type: string, scope: Scope): void {
    const isText = type === 'String' || isOpaqueName(type);
    if (!isText || !isFreeName(name) || this.found.has(coordinate)) return;
    const first = this.meanings.reachedFrom(scope);
    if (first !== undefined) this.free.set(coordinate, first.coordinate);
  }
}

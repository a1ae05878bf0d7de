/**
 * Finds which guarded fields a filter means, given what its field returns. Its name is first
 * compared with the fields of the returned type: if one matches, only that field is meant.
 * Otherwise guarded fields of that name up to three steps away are. Fails closed: if several match,
 * all are meant.
 */
import type { GraphQLObjectType } from 'graphql';
import { CountsAlone } from './counts-alone.ts';
import { plain, singular, stemsOf } from './filter-names.ts';
import {
  type FieldIndex,
  type GuardedFields,
  keysOf,
  type NamedField,
  namesOf,
  unwrapped,
} from './guarded-fields.ts';
import { guardedOf, isId } from './guarded-of.ts';
import type { SaidFields } from './said-fields.ts';

/** The place of a filter in the graph. */
export interface Scope {
  /** Equal for equal scopes; `around` covers only what is returned. */
  readonly key: string;
  readonly around: string;
  /** The types that the filtered field returns, without wrappers. */
  readonly types: readonly GraphQLObjectType[];
  /** Whether the name may mean fields further away. */
  readonly reaches: 'nothing' | 'around' | 'everything';
  /** Guarded fields of the filtered field's owner: they may influence how much is returned. */
  readonly owned: readonly NamedField[];
}

export interface Meaning {
  readonly guarded: readonly NamedField[];
  /** The fields of that name in the returned type, guarded or not; undefined if there are none. */
  readonly named: readonly NamedField[] | undefined;
  /** Whether the whole name matched, not just a stem of it. */
  readonly isExact: boolean;
}

/** Limit on the fields that a name strings together: `managerOfficeCountry`. */
const pathMax = 6;

const nothing: Meaning = { guarded: [], named: undefined, isExact: false };

export class FilterMeanings {
  readonly #fields: GuardedFields;
  readonly #said: SaidFields;
  readonly #countsAlone: CountsAlone;
  /** Names of all guarded fields. */
  readonly #keys: ReadonlySet<string>;
  readonly #stems = new Map<string, readonly string[]>();
  /** Meanings of names, by scope. */
  readonly #known = new Map<string, Map<string, Meaning>>();
  readonly #scopes = new Map<string, Scope>();
  readonly #further = new Map<string, FieldIndex>();

  constructor(fields: GuardedFields, said: SaidFields) {
    this.#fields = fields;
    this.#said = said;
    this.#countsAlone = new CountsAlone(fields);
    this.#keys = new Set(fields.guarded.flatMap((field) => [...keysOf(field)]));
  }

  /**
   * The scope of a field that returns these types. If it returns none, or only counts, a filter may
   * mean any field.
   */
  scopeOf(types: readonly GraphQLObjectType[], owners: readonly GraphQLObjectType[] = []): Scope {
    if (types.length === 0) return everything;
    const reaches = this.#countsAlone.has(types) ? 'everything' : 'around';
    const others = owners.filter((owner) => !types.includes(owner));
    const owned = reaches === 'around' ? others.flatMap((one) => this.#fields.guardedIn(one)) : [];
    return this.#scope(unwrapped(this.#fields, types), reaches, owned);
  }

  /** The scope inside a filter on a leaf: its operators. */
  operatorsOf(scope: Scope): Scope {
    return this.#scope(scope.types, 'nothing');
  }

  #scope(
    types: readonly GraphQLObjectType[],
    reaches: Scope['reaches'],
    owned: readonly NamedField[] = [],
  ): Scope {
    const names = types.map(({ name }) => name).sort();
    const around = `${reaches} ${names.join(' ')}`;
    const key = `${around} ${owned.map(({ coordinate }) => coordinate).join(' ')}`;
    const known = this.#scopes.get(key) ?? { key, around, types, reaches, owned };
    this.#scopes.set(key, known);
    return known;
  }

  ofName(name: string, scope: Scope): Meaning {
    const inScope = this.#known.get(scope.key) ?? new Map<string, Meaning>();
    this.#known.set(scope.key, inScope);
    const meaning = inScope.get(name) ?? this.#findName(name, scope);
    inScope.set(name, meaning);
    return meaning;
  }

  #findName(name: string, scope: Scope): Meaning {
    const stems = this.#stemsOf(name);
    for (const stem of stems) {
      const named = this.#pathsFrom(scope.types, stem, pathMax);
      if (named.length === 0) continue;
      return { named, guarded: guardedOf(this.#fields, named), isExact: stem === plain(name) };
    }
    for (const stem of stems) {
      const guarded = this.#keys.has(stem) ? this.#calledBy(stem, scope) : [];
      if (guarded.length > 0) return { ...nothing, guarded };
    }
    // Other words stand beside the field's name: `nameOrSsn`, `applicantSsn`.
    const guarded = this.#said.inName(name).filter((field) => this.#isNear(field, scope));
    return guarded.length > 0 ? { ...nothing, guarded } : nothing;
  }

  /** By a custom scalar or enum that only guarded fields have, or by its name. */
  ofType(typeName: string, isLeaf: boolean, scope: Scope): readonly NamedField[] {
    const own = isLeaf ? (this.#fields.ownTypes.get(typeName) ?? []) : [];
    if (own.length > 0) {
      const near = own.filter((field) => this.#isNear(field, scope));
      if (near.length > 0) return near;
    }
    return this.calledLike(typeName, scope);
  }

  /** By the name of a type or a schema: `SsnRange`. */
  calledLike(name: string, scope: Scope): readonly NamedField[] {
    for (const stem of this.#keys.size === 0 ? [] : this.#stemsOf(name)) {
      const found = scope.types.flatMap((type) =>
        (this.#fields.indexOf(type).get(stem) ?? []).filter((one) => one.isGuarded && !isId(one)),
      );
      if (found.length > 0) return found;
    }
    return [];
  }

  ofDescription(text: string | null | undefined, scope: Scope): readonly NamedField[] {
    if (!text) return [];
    return this.#said
      .inText(text)
      .filter((field) => this.#isNear(field, scope) && !this.#isAnothers(field, scope));
  }

  /** Whether the returned type has another field of that name, which the text then means. */
  #isAnothers(field: NamedField, { types }: Scope): boolean {
    const key = singular(field.key);
    const own = types.flatMap((type) => this.#fields.indexOf(type).get(key) ?? []);
    return own.length > 0 && !own.includes(field);
  }

  /** A guarded field that a free text may filter on. */
  reachedFrom(scope: Scope): NamedField | undefined {
    const [first] = this.#furtherOf(scope).values();
    return first?.[0] ?? scope.owned[0];
  }

  #isNear(field: NamedField, scope: Scope): boolean {
    if (scope.owned.includes(field)) return true;
    return this.#furtherOf(scope).get(singular(field.key))?.includes(field) === true;
  }

  #calledBy(stem: string, scope: Scope): readonly NamedField[] {
    const owned = scope.owned.filter((field) => keysOf(field).has(stem));
    return [...new Set([...(this.#furtherOf(scope).get(stem) ?? []), ...owned])];
  }

  #stemsOf(name: string): readonly string[] {
    const known = this.#stems.get(name) ?? stemsOf(name);
    this.#stems.set(name, known);
    return known;
  }

  /** `ssn`, `employeeSsn` and, through an object field, `managerSsn`. */
  #pathsFrom(
    types: readonly GraphQLObjectType[],
    text: string,
    stepsLeft: number,
  ): readonly NamedField[] {
    const found = types.flatMap((type) => {
      const index = this.#fields.indexOf(type);
      const own = namesOf(type)
        .map(plain)
        .flatMap((owner) =>
          text.startsWith(owner) ? (index.get(text.slice(owner.length)) ?? []) : [],
        );
      const below = stepsLeft === 0 ? [] : this.#pathsBelow(index, text, stepsLeft);
      return [...(index.get(text) ?? []), ...own, ...below];
    });
    return [...new Set(found)];
  }

  #pathsBelow(index: FieldIndex, text: string, stepsLeft: number): NamedField[] {
    return [...index].flatMap(([key, fields]) => {
      if (key.length >= text.length || !text.startsWith(key)) return [];
      const types = fields.flatMap(({ returns = [] }) => returns);
      return [...this.#pathsFrom(types, text.slice(key.length), stepsLeft - 1)];
    });
  }

  #furtherOf({ around, types, reaches }: Scope): FieldIndex {
    const known = this.#further.get(around);
    if (known !== undefined) return known;
    const index = new Map<string, NamedField[]>();
    const all =
      reaches === 'everything'
        ? this.#fields.guarded
        : reaches === 'nothing'
          ? types.flatMap((type) => this.#fields.guardedIn(type))
          : [...this.#fields.around(types)].flatMap((type) => this.#fields.guardedIn(type));
    for (const field of all) {
      for (const one of keysOf(field)) {
        const list = index.get(one);
        if (list === undefined) index.set(one, [field]);
        else list.push(field);
      }
    }
    this.#further.set(around, index);
    return index;
  }
}

const everything: Scope = {
  key: 'everything',
  around: 'everything',
  types: [],
  reaches: 'everything',
  owned: [],
};

/**
 * Finds filters that may give a guarded field away: a caller who may query
 * `employees(ssnStartsWith: …)` can learn an SSN by asking often enough, without ever reading one.
 * Covers the arguments of all fields except mutations, the input fields that they reach, and enum
 * values that choose fields: each with the guarded fields that it means (filter-meaning.ts) and
 * whose grant it needs (compile-policy.ts).
 *
 * Only arguments of listed fields are considered, because no caller can use others.
 */
import {
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLNamedInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isScalarType,
} from 'graphql';
import { type FieldOwner, fieldOwnersOf } from '../../graph/output-fields.ts';
import { isOpaque } from '../opaque.ts';
import type { CoordinatePolicy, FilterMatch } from '../policy.ts';
import { defaultOf } from './default-of.ts';
import { FilterMeanings, type Scope } from './filter-meaning.ts';
import { isFreeName, isPickName } from './filter-names.ts';
import { GuardedFields, type IsMeant, type NamedField, namesOf } from './guarded-fields.ts';
import { hintsOf, ownWordsOf } from './input-words.ts';
import { MuteInputs } from './mute-inputs.ts';
import { SaidFields } from './said-fields.ts';

export interface FoundFilters {
  readonly locks: ReadonlyMap<string, FilterMatch>;
  /** Texts that the upstream interprets, each with a guarded field that it may filter on. */
  readonly free: ReadonlyMap<string, string>;
  /** Texts whose default names guarded fields to search or sort by, with these fields. */
  readonly byDefault: ReadonlyMap<string, readonly string[]>;
}

/**
 * Limit on the input types visited place by place; beyond it, they are treated as if they stood
 * anywhere.
 */
const visitsMax = 200_000;

/**
 * @param fields compiled; the policies of inputs are not consulted, so filters that rules name are
 * found too
 * @param isMeant the fields on which filters are looked for; the guarded ones if left out
 */
export function findFilters(
  schema: GraphQLSchema,
  fields: ReadonlyMap<string, CoordinatePolicy>,
  isMeant?: IsMeant,
): FoundFilters {
  const guarded = new GuardedFields(schema, fields, isMeant);
  const finder = new Finder(guarded);
  if (guarded.guarded.length === 0) return finder.all();
  for (const type of fieldOwnersOf(schema)) {
    if (type === schema.getMutationType() || type === schema.getSubscriptionType()) continue;
    finder.visitOwner(type, (coordinate) => fields.get(coordinate)?.listed === true);
  }
  return finder.all();
}

const inOrder = <Value>(entries: Iterable<[string, Value]>): ReadonlyMap<string, Value> =>
  new Map([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));

interface Filter {
  readonly coordinate: string;
  readonly input: GraphQLArgument | GraphQLInputField;
  /** Whether its name says that it chooses among fields. */
  readonly picks: boolean;
}

class Finder {
  readonly #found = new Map<string, { by: FilterMatch['by']; means: Set<string> }>();
  readonly #free = new Map<string, string>();
  readonly #byDefault = new Map<string, Set<string>>();
  readonly #fields: GuardedFields;
  readonly #meanings: FilterMeanings;
  readonly #mute: MuteInputs;
  readonly #inputs = new Map<GraphQLInputObjectType, readonly Filter[]>();
  readonly #visited = new Map<Scope, Set<string>>();
  #visits = 0;

  constructor(fields: GuardedFields) {
    const said = new SaidFields(fields.guarded);
    this.#fields = fields;
    this.#meanings = new FilterMeanings(fields, said);
    this.#mute = new MuteInputs(fields, said);
  }

  /** In the order of names. */
  all(): FoundFilters {
    const locks = [...this.#found].map(([coordinate, { by, means }]): [string, FilterMatch] => [
      coordinate,
      { coordinate, means: [...means].sort(), by },
    ]);
    const free = [...this.#free].filter(([coordinate]) => !this.#found.has(coordinate));
    const byDefault = [...this.#byDefault].map(([coordinate, means]): [string, string[]] => [
      coordinate,
      [...means].sort(),
    ]);
    return { locks: inOrder(locks), free: inOrder(free), byDefault: inOrder(byDefault) };
  }

  visitOwner(owner: FieldOwner, isListed: (coordinate: string) => boolean): void {
    for (const field of Object.values(owner.getFields())) {
      const coordinate = `${owner.name}.${field.name}`;
      if (field.args.length === 0 || !isListed(coordinate)) continue;
      const returned = this.#fields.objectsOf(getNamedType(field.type));
      // A field without objects, such as a count or a check, is about its owner; at the root, about
      // anything.
      const own = this.#fields.isRoot(owner) ? [] : this.#fields.objectsOf(owner);
      const scope =
        returned.length > 0 ? this.#meanings.scopeOf(returned, own) : this.#meanings.scopeOf(own);
      for (const input of field.args) {
        const picks = isPickName(input.name);
        this.#visit({ coordinate: `${coordinate}(${input.name}:)`, input, picks }, scope, picks);
      }
    }
  }

  #visit(filter: Filter, scope: Scope, chooses: boolean): void {
    const { coordinate, input } = filter;
    const { name, type } = input;
    const named = getNamedType(type);
    const isObject = isInputObjectType(named);
    const meaning = this.#meanings.ofName(name, scope);
    if (meaning.guarded.length > 0) this.#note(coordinate, meaning.guarded, 'name');
    else if (meaning.named === undefined || !meaning.isExact) {
      this.#noteWords(filter, scope);
      if (isScalarType(named)) {
        if (chooses || isFreeName(name)) this.#noteDefault(filter, scope);
        this.#noteFree(filter, named, scope);
      }
    }
    if (isEnumType(named)) this.#visitValues(named, scope, chooses || isPickName(named.name));
    if (!isObject) return;
    const within = (meaning.named ?? []).flatMap(({ returns = [] }) => returns);
    if (within.length > 0) this.#visitFields(named, this.#meanings.scopeOf(within), chooses);
    else if (meaning.named === undefined) this.#visitFields(named, scope, chooses);
    else this.#visitFields(named, this.#meanings.operatorsOf(scope), chooses);
  }

  /** By its type, or otherwise by its description. */
  #noteWords({ coordinate, input }: Filter, scope: Scope): void {
    const named = getNamedType(input.type);
    const isObject = isInputObjectType(named);
    const byType = this.#ofType(named, scope);
    const byTitle = isObject ? [] : this.#ofTitles(input, scope);
    this.#note(coordinate, [...byType, ...byTitle], 'type');
    if (isObject || byType.length + byTitle.length > 0) return;
    this.#note(coordinate, this.#meanings.ofDescription(ownWordsOf(input), scope), 'description');
  }

  #visitFields(type: GraphQLInputObjectType, scope: Scope, chooses: boolean): void {
    const place = this.#visits >= visitsMax ? this.#meanings.scopeOf([]) : scope;
    const visited = this.#visited.get(place) ?? new Set();
    this.#visited.set(place, visited);
    const key = `${type.name} ${chooses}`;
    if (visited.has(key)) return;
    visited.add(key);
    this.#visits += 1;
    for (const filter of this.#filtersIn(type)) this.#visit(filter, place, chooses || filter.picks);
  }

  /** The fields that may mean something at some place. */
  #filtersIn(type: GraphQLInputObjectType): readonly Filter[] {
    const known = this.#inputs.get(type);
    if (known !== undefined) return known;
    const heard = Object.values(type.getFields()).filter((input) => !this.#mute.has(input));
    const filters = heard.map((input) => ({
      coordinate: `${type.name}.${input.name}`,
      input,
      picks: isPickName(input.name),
    }));
    this.#inputs.set(type, filters);
    return filters;
  }

  /**
   * If the values choose among fields: the input's name says so, or most of the values are names of
   * fields.
   */
  #visitValues(type: GraphQLEnumType, scope: Scope, chooses: boolean): void {
    const values = type.getValues();
    const meanings = values.map(({ name }) => this.#meanings.ofName(name, scope));
    const naming = meanings.filter(({ named }) => named !== undefined).length;
    if (!chooses && (naming < 2 || naming * 2 <= values.length)) return;
    for (const [index, { name, description }] of values.entries()) {
      const coordinate = `${type.name}.${name}`;
      const { guarded = [], isExact = false } = meanings[index] ?? {};
      this.#note(coordinate, guarded, 'name');
      if (guarded.length > 0 || isExact) continue;
      this.#note(coordinate, this.#meanings.ofDescription(description, scope), 'description');
    }
  }

  #note(coordinate: string, found: readonly NamedField[], by: FilterMatch['by']): void {
    if (found.length === 0) return;
    const known = this.#found.get(coordinate) ?? { by, means: new Set<string>() };
    this.#found.set(coordinate, known);
    for (const field of found) known.means.add(field.coordinate);
  }

  #ofType(type: GraphQLNamedInputType, scope: Scope): readonly NamedField[] {
    const found = this.#meanings.ofType(type.name, !isInputObjectType(type), scope);
    if (found.length > 0) return found;
    return namesOf(type).flatMap((name) => this.#meanings.calledLike(name, scope));
  }

  #ofTitles(input: Filter['input'], scope: Scope): readonly NamedField[] {
    return hintsOf(input).flatMap((name) => {
      const found = this.#meanings.calledLike(name, scope);
      return found.length > 0 ? found : this.#meanings.ofDescription(name, scope);
    });
  }

  /**
   * `sort: String = "-ssn"`: leaving the input out means the field, and a written value may too.
   */
  #noteDefault({ coordinate, input }: Filter, scope: Scope): void {
    const names = textsIn(defaultOf(input)).flatMap(namesInText);
    const guarded = names.flatMap((name) => this.#meanings.ofName(name, scope).guarded);
    if (guarded.length === 0) return;
    this.#note(coordinate, guarded, 'default');
    this.#byDefault.set(coordinate, new Set(guarded.map((field) => field.coordinate)));
  }

  #noteFree({ coordinate, input }: Filter, type: GraphQLNamedInputType, scope: Scope): void {
    // The upstream interprets structures, whatever their name.
    const isFree = isOpaque(type) || (type.name === 'String' && isFreeName(input.name));
    if (!isFree || this.#found.has(coordinate)) return;
    const first = this.#meanings.reachedFrom(scope);
    if (first !== undefined) this.#free.set(coordinate, first.coordinate);
  }
}

/** Yields `birth_date`, `name_desc` and each of their words for `-birth-date,name:desc`. */
function namesInText(text: string): readonly string[] {
  return (text.match(/[\w.:-]+/g) ?? []).flatMap((part) => {
    const words = part.match(/\w+/g) ?? [];
    return [words.join('_'), ...words];
  });
}

const textsMax = 100;

function textsIn(value: unknown): readonly string[] {
  const values = Array.isArray(value) ? value.slice(0, textsMax) : [value];
  return values.filter((one) => typeof one === 'string').map((one) => one.slice(0, 1_000));
}

/**
 * A hostile GraphQL upstream over the property test's rows: it leaves out, adds, repeats, reorders,
 * nulls, mistypes and mislabels, and reports errors in places that exist and places that do not.
 *
 * What it does to a value depends on the seed, the field, its row and its arguments, never on
 * aliases or on what else is asked in the same request: two engines that ask alike are answered
 * alike, however they spell it.
 */
import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNullableType,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { createRandom, type Random } from './random.ts';
import { fieldValue, type Row } from './rows.ts';

export interface HostileUpstream {
  answer(request: { query: string; variables: Record<string, unknown> }): unknown;
  /** Every field of every row that was asked for, with its arguments, and how often. */
  readonly asked: Map<string, number>;
}

export interface Hostility {
  seed: number;
  /** Share of values that are tampered with. */
  share: number;
}

export function createHostileUpstream(
  schema: GraphQLSchema,
  name: string,
  hostility: Hostility,
): HostileUpstream {
  const asked = new Map<string, number>();
  return {
    asked,
    answer(request) {
      const whole = createRandom(hash(`${hostility.seed} ${name}`));
      if (whole.chance(hostility.share)) {
        return whole.pick([null, [], 'text', { data: null }, { data: [] }, { errors: [{}] }]);
      }
      return new Answering(schema, hostility, asked, request.variables).answer(request.query);
    },
  };
}

type Path = (string | number)[];

class Answering {
  readonly #schema: GraphQLSchema;
  readonly #hostility: Hostility;
  readonly #asked: Map<string, number>;
  readonly #given: Record<string, unknown>;
  #variables: Record<string, unknown> = {};
  readonly #errors: unknown[] = [];

  constructor(
    schema: GraphQLSchema,
    hostility: Hostility,
    asked: Map<string, number>,
    given: Record<string, unknown>,
  ) {
    this.#schema = schema;
    this.#hostility = hostility;
    this.#asked = asked;
    this.#given = given;
  }

  answer(query: string): unknown {
    const operation = getOperationAST(parse(query));
    if (!operation) throw new Error('no operation');
    const root = this.#schema.getRootType(operation.operation);
    const { coerced } = getVariableValues(
      this.#schema,
      operation.variableDefinitions ?? [],
      this.#given,
    );
    if (!root || coerced === undefined) throw new Error('variables do not fit');
    this.#variables = coerced;
    const data = this.#object(root, { __typename: root.name, n: 0 }, [operation.selectionSet], []);
    return this.#errors.length > 0 ? { errors: this.#errors, data } : { data };
  }

  #object(
    type: GraphQLObjectType,
    row: Row,
    sets: readonly SelectionSetNode[],
    path: Path,
  ): unknown {
    const out: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const [key, nodes] of this.#collect(type, sets)) {
      const value = this.#field({ type, row, seen }, key, nodes, [...path, key]);
      if (value !== undefined) out[key] = value;
    }
    return out;
  }

  #collect(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const found = new Map<string, FieldNode[]>();
    const visit = (set: SelectionSetNode): void => {
      for (const node of set.selections) {
        if (node.kind === Kind.FRAGMENT_SPREAD) throw new Error('spreads are not sent');
        if (node.kind === Kind.FIELD) {
          const key = node.alias?.value ?? node.name.value;
          found.set(key, [...(found.get(key) ?? []), node]);
        } else if (this.#applies(node.typeCondition?.name.value, type)) visit(node.selectionSet);
      }
    };
    for (const set of sets) visit(set);
    return found;
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = this.#schema.getType(condition);
    return isAbstractType(named) && this.#schema.isSubType(named, type);
  }

  /** `seen`: under several keys a field of one object is asked for once. */
  #field(
    { type, row, seen }: { type: GraphQLObjectType; row: Row; seen: Set<string> },
    key: string,
    nodes: FieldNode[],
    path: Path,
  ): unknown {
    const [node] = nodes;
    const name = node?.name.value ?? '';
    if (name === '__typename') return this.#typename(type, row);
    const definition = type.getFields()[name];
    if (definition === undefined || node === undefined) throw new Error(`no ${type.name}.${name}`);
    const args = getArgumentValues(definition, node, this.#variables);
    const place = `${type.name}.${name}#${row.n}${row.note ?? ''}${JSON.stringify(sorted(args))}`;
    // How root fields share requests, and keys root fields, is an engine's own business.
    if (path.length === 1) for (const one of rootPlaces(place, args)) this.#asked.set(one, 1);
    else if (!seen.has(place)) this.#asked.set(place, (this.#asked.get(place) ?? 0) + 1);
    seen.add(place);
    const random = createRandom(hash(`${this.#hostility.seed} ${place}`));
    const raw = fieldValue(row, name, definition.type, args);
    const about = { type: definition.type, sets: nodes.flatMap((one) => one.selectionSet ?? []) };
    const isRoot = path.length === 1;
    const value = this.#complete(raw, about, path, random);
    return random.chance(this.#hostility.share)
      ? this.#tamper(value, { random, path, isRoot, key })
      : value;
  }

  /** An object that does not say what it is, or lies. */
  #typename(type: GraphQLObjectType, row: Row): unknown {
    const random = createRandom(hash(`${this.#hostility.seed} type ${type.name} ${row.n}`));
    if (!random.chance(this.#hostility.share / 3)) return type.name;
    return random.pick([undefined, null, 7, 'Nobody', 'Office', 'Employee', 'Query']);
  }

  #complete(
    raw: unknown,
    about: { type: GraphQLOutputType; sets: SelectionSetNode[] },
    path: Path,
    random: Random,
  ): unknown {
    if (raw === null || raw === undefined) return null;
    const type = getNullableType(about.type);
    if (isListType(type)) {
      if (!Array.isArray(raw)) return raw;
      const rows = random.chance(this.#hostility.share) ? tamperList(raw, random) : raw;
      return rows.map((item, index) =>
        this.#complete(item, { ...about, type: type.ofType }, [...path, index], random),
      );
    }
    if (!isCompositeType(type)) return raw;
    const row = raw as Row;
    const concrete = isObjectType(type) ? type : this.#schema.getType(row.__typename);
    if (!isObjectType(concrete)) return null;
    return this.#object(concrete, row, about.sets, path);
  }

  #tamper(
    value: unknown,
    about: { random: Random; path: Path; isRoot: boolean; key: string },
  ): unknown {
    const { random, path, isRoot } = about;
    const report = (at: unknown): void => {
      this.#errors.push({ message: 'ORA-600', path: at, extensions: { code: 'SECRET' } });
    };
    switch (random.below(14)) {
      case 0:
        return undefined;
      case 1:
      case 2:
        return null;
      case 3:
        return random.pick([true, 3.5, 12, 'text', '', {}, [], [[]], { __proto__x: 1 }]);
      case 4:
        report(path);
        return null;
      case 5:
        report(path);
        return value;
      case 6:
        report([...path, 'nowhere', 3]);
        return value;
      case 7:
        report(path.slice(0, 1 + random.below(path.length)));
        return value;
      case 8:
        if (Array.isArray(value) && value.length > 0) report([...path, random.below(value.length)]);
        return value;
      case 9:
        if (isRoot) {
          this.#errors.push(random.pick<unknown>([{}, null, { path: ['nowhere'] }, { path: 7 }]));
          return null;
        }
        return value;
      case 10:
        return typeof value === 'string' ? `${value}!` : value;
      case 11:
        return typeof value === 'string' ? 'E#1' : value;
      case 12:
        return Array.isArray(value) ? [...value, null, 'x'] : [value];
      default:
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return [value];
        return { ...value, ssn: 'unasked', constructor: 'c', toString: 1 };
    }
  }
}

/** The root field, or one place for each key that it is asked for. */
function rootPlaces(place: string, { ids }: Record<string, unknown>): string[] {
  if (!Array.isArray(ids)) return [place];
  return [`${batchMark}${place}`, ...ids.map((id) => `${place.split('{')[0]} ${id}`)];
}

/** Stands before keys that were asked for together: what a hostile upstream makes of them hangs on it. */
export const batchMark = 'together: ';

function tamperList(rows: readonly unknown[], random: Random): unknown[] {
  switch (random.below(5)) {
    case 0:
      return [...rows].reverse();
    case 1:
      return rows.slice(1);
    case 2:
      return [...rows, ...rows.slice(0, 1)];
    case 3:
      return rows.map((row) => (random.chance(0.5) ? row : null));
    default:
      return random.subset(rows, 0.5);
  }
}

function sorted(args: Record<string, unknown>): unknown {
  return Object.fromEntries(Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  }
  return value >>> 0;
}

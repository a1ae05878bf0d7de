/**
 * Checks, at boot, the reads that rules name under `object` for fields of the mutation type: the
 * query exists, arguments of the mutation fit it, and the returned object states its key, so that
 * it can be told to be the one asked for.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import type { GivenToRead, ObjectRead } from '../conditions/object-read.ts';
import type { Problem, ProblemCode } from '../files/config-error.ts';
import { didYouMean } from '../files/nearest.ts';
import type { SentAs } from '../plan/plan.ts';
import type { AccessRule, RuleField } from './access/access-file.ts';
import type { InputPin } from './compile-input-pins.ts';
import type { Pin } from './compile-pins.ts';
import { pinAt, typeInside } from './input-path.ts';
import { statedBy, toSentAs } from './read-arguments.ts';

type Field = GraphQLField<unknown, unknown>;

/** One read before one field of the mutation type. */
export interface CompiledRead {
  readonly read: ObjectRead;
  /** The type of the object returned, or of each object for a list of keys. */
  readonly type: GraphQLObjectType;
  readonly isList: boolean;
  readonly given: readonly ReadArgument[];
  readonly rule: AccessRule;
}

export interface ReadArgument extends GivenToRead, SentAs {
  readonly definition: GraphQLArgument;
  /** The field of the object that states the same value; undefined if it has none. */
  readonly stated: string | undefined;
}

export interface CompiledReads {
  /** By field of the mutation type, as coordinate. */
  readonly reads: ReadonlyMap<string, readonly CompiledRead[]>;
  /** Fields that create their object, so that none exists before. */
  readonly makes: ReadonlySet<string>;
  readonly problems: Problem[];
}

/** The place of a read, and how misfits are reported. */
interface Place {
  readonly schema: GraphQLSchema;
  readonly pins: ReadonlyMap<string, readonly Pin[]>;
  readonly inputPins: ReadonlyMap<string, readonly InputPin[]>;
  /** `Mutation.updateEmployee` */
  readonly coordinate: string;
  readonly write: Field;
  readonly rule: AccessRule;
  refuse(code: ProblemCode, message: string): undefined;
}

export function compileReads(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  { pins, inputPins }: Pick<Place, 'pins' | 'inputPins'>,
): CompiledReads {
  const reads = new Map<string, CompiledRead[]>();
  const makes = new Set<string>();
  const problems: Problem[] = [];
  for (const rule of rules) {
    const { object, name } = rule;
    if (object === undefined) continue;
    const { read } = object;
    const refuse: Place['refuse'] = (code, message) => {
      problems.push({ ...object.source, path: '', code, message: `rule ${name}: ${message}` });
      return undefined;
    };
    for (const target of rule.fields) {
      const write = writeAt(schema, target, refuse);
      if (write === undefined) continue;
      const coordinate = `${target.type}.${write.name}`;
      if (read === 'new') {
        makes.add(coordinate);
        continue;
      }
      const known = reads.get(coordinate) ?? [];
      if (known.some((one) => one.read.text === read.text)) continue;
      const place = { schema, pins, inputPins, coordinate, write, rule, refuse };
      const compiled = compileRead(read, place);
      if (compiled !== undefined) reads.set(coordinate, [...known, compiled]);
    }
  }
  return { reads, makes, problems };
}

/** Names that the schema lacks are reported where rules are matched. */
function writeAt(
  schema: GraphQLSchema,
  { type, name }: RuleField,
  refuse: Place['refuse'],
): Field | undefined {
  const mutation = schema.getMutationType();
  if (mutation?.name !== type || name === '*' || name.includes('(')) {
    const wanted = '`object` goes with fields of the mutation type alone, each by its name';
    return refuse('conflict', `${wanted}: ${type}.${name} belongs into a rule of its own`);
  }
  const fields = mutation.getFields();
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function compileRead(read: ObjectRead, place: Place): CompiledRead | undefined {
  const { schema, rule, refuse } = place;
  const fields = schema.getQueryType()?.getFields() ?? {};
  const query = Object.hasOwn(fields, read.field) ? fields[read.field] : undefined;
  const at = `Query.${read.field}`;
  if (query === undefined) {
    const hint = didYouMean(read.field, Object.keys(fields));
    return refuse('unknown-name', `the schema has no ${at}${hint}`);
  }
  const nullable = getNullableType(query.type);
  const isList = isListType(nullable);
  const type = getNullableType(isList ? nullable.ofType : nullable);
  if (!isObjectType(type)) {
    return refuse('wrong-type', `${at} gives ${String(query.type)}: an object of one type is read`);
  }
  const given = read.given.map((one) => compileArgument(one, { query, type }, place));
  if (given.includes(undefined)) return undefined;
  const found = given.filter((one) => one !== undefined);
  if (!isComplete(read, { query, isList, type }, found, place)) return undefined;
  return { read, type, isList, given: found, rule };
}

/** Whether the read says which objects it asks for, and the answer states their keys. */
function isComplete(
  { field, given }: ObjectRead,
  { query, isList, type }: { query: Field; isList: boolean; type: GraphQLObjectType },
  found: readonly ReadArgument[],
  { pins, refuse }: Place,
): boolean {
  const at = `Query.${field}`;
  const names = given.map(({ argument }) => argument);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const isPinned = (name: string) => pins.get(at)?.some((pin) => pin.argument.name === name);
  const missing = query.args.find(
    (one) => isRequiredArgument(one) && !names.includes(one.name) && !isPinned(one.name),
  );
  const lists = found.filter((one) => one.isList);
  const isKeyed = isList ? lists[0]?.stated !== undefined : found.some((one) => one.stated);
  if (twice !== undefined) refuse('duplicate-name', `${at}(${twice}:) is given twice`);
  else if (missing !== undefined) refuse('missing-key', `${at}(${missing.name}:) is required`);
  else if (isList && lists.length !== 1) {
    refuse('wrong-type', `${at} gives a list: one of its arguments takes the list of their keys`);
  } else if (!isList && lists.length > 0) {
    refuse('wrong-type', `${at} takes a list of keys, and gives one object`);
  } else if (!isKeyed) {
    const message = `${type.name} has no field by the name of what ${at} is given, so an answer could be about another object: one that states its key is needed`;
    refuse('wrong-type', message);
  } else return true;
  return false;
}

function compileArgument(
  given: GivenToRead,
  { query, type }: { query: Field; type: GraphQLObjectType },
  place: Place,
): ReadArgument | undefined {
  const { pins, refuse } = place;
  const at = `Query.${query.name}`;
  const { argument } = given;
  const definition = query.args.find((one) => one.name === argument);
  if (definition === undefined) {
    const hint = didYouMean(
      argument,
      query.args.map(({ name }) => name),
    );
    return refuse('unknown-name', `${at} has no argument ${argument}${hint}`);
  }
  if (pins.get(at)?.some((pin) => pin.argument.name === argument)) {
    return refuse(
      'conflict',
      `${at}(${argument}:) is pinned: leave it out, it is given all the same`,
    );
  }
  const source = sourceOf(given.path, place);
  if (source === undefined) return undefined;
  const sent = toSentAs(source, definition.type);
  if (sent === undefined) {
    const types = `${String(source)}, and ${at}(${argument}:) takes ${String(definition.type)}`;
    return refuse('wrong-type', `args.${given.path.join('.')} is ${types}`);
  }
  return { ...given, ...sent, definition, stated: statedBy(type, argument, pins) };
}

/** The type found at a path below the mutation's arguments. */
function sourceOf(
  [name = '', ...steps]: readonly string[],
  { coordinate, write, pins, inputPins, refuse }: Place,
): GraphQLInputType | undefined {
  const names = write.args.map((one) => one.name);
  const found = write.args.find((one) => one.name === name);
  if (found === undefined) {
    return refuse(
      'unknown-name',
      `${coordinate} has no argument ${name}${didYouMean(name, names)}`,
    );
  }
  const pin = pinAt({ pins, inputPins }, coordinate, [name, ...steps]);
  if (pin !== undefined) {
    const message = `${pin.coordinate} is pinned: no caller says by it which object is meant`;
    return refuse('conflict', message);
  }
  const at = typeInside(found.type, steps);
  return 'misfit' in at ? refuse('unknown-name', at.misfit) : at.type;
}

/** Query fields that would give such a type, for error messages. */
export function readsThatGive(schema: GraphQLSchema, types: ReadonlySet<string>): string[] {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  return fields
    .filter(({ type, args }) => {
      const isOne = isObjectType(getNullableType(type)) && types.has(getNamedType(type).name);
      return isOne && args.length > 0;
    })
    .map(({ name, args }) => `Query.${name}(${args[0]?.name}: args.…)`);
}

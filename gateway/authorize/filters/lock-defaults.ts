/**
 * Governs defaults that select a guarded field: with `field: Column = ssn`, a caller who leaves
 * `field` out and writes `startsWith: "9"` filters by SSN all the same. So leaving the input out
 * needs the grant of what its default means. Only values that choose among fields and that no rule
 * names count: a fixed value to compare with tells nothing more, however often one asks. Defaults
 * that a service applies count too, and texts that name such a field (`sort: String = "-ssn"`).
 */
import {
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLEnumValue,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql';
import type { CoordinatePolicy, ImpliedLock, LockedDefault } from '../policy.ts';
import { defaultOf, isOfService } from './default-of.ts';
import { type LockTools, lockFilter } from './lock-filter.ts';

interface About {
  readonly fields: ReadonlyMap<string, CoordinatePolicy>;
  readonly filters: ReadonlyMap<string, ImpliedLock>;
  /** Policies of inputs, from rules and filters. */
  readonly inputs: ReadonlyMap<string, CoordinatePolicy>;
  /** Texts whose default names guarded fields, with these fields. */
  readonly byDefault: ReadonlyMap<string, readonly string[]>;
  /** Arguments that callers can neither write nor leave out. */
  readonly pinned: ReadonlySet<string>;
  readonly compiler: LockTools;
}

/** By `Type.field` or the name of an input type. */
export function lockDefaults(
  schema: GraphQLSchema,
  about: About,
): ReadonlyMap<string, readonly LockedDefault[]> {
  const locked = new Map<string, readonly LockedDefault[]>();
  if (about.filters.size === 0) return locked;
  const add = (
    owner: string,
    inputs: readonly (GraphQLArgument | GraphQLInputField)[],
    toCoordinate: (name: string) => string,
  ): void => {
    const found = inputs.flatMap((input) => lockOf(input, toCoordinate(input.name), about));
    if (found.length > 0) locked.set(owner, found);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) {
      add(type.name, Object.values(type.getFields()), (name) => `${type.name}.${name}`);
    }
    if (!(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      const owner = `${type.name}.${field.name}`;
      add(owner, field.args, (name) => `${owner}(${name}:)`);
    }
  }
  return locked;
}

function lockOf(
  input: GraphQLArgument | GraphQLInputField,
  coordinate: string,
  about: About,
): LockedDefault[] {
  const value = defaultOf(input);
  if (value === undefined || value === null || about.pinned.has(coordinate)) return [];
  const means = meansOf(input, coordinate, value, about);
  if (means.length === 0) return [];
  const { fields, compiler } = about;
  const match = { coordinate, means, by: 'default' as const };
  const lock =
    namedLock(coordinate, about) ??
    lockFilter(match, { fields, own: undefined, isWritten: false, compiler });
  // The input itself is in view, so refusing it reveals nothing hidden.
  const isHidden = lock.outcome === 'hide';
  const policy = Object.freeze({ ...lock, outcome: isHidden ? 'deny' : lock.outcome } as const);
  return [{ name: input.name, means, policy, isHidden, isOfService: isOfService(input) }];
}

/** A rule that names the text decides who may use it, and leaving it out is using it. */
function namedLock(
  coordinate: string,
  { filters, inputs, byDefault }: About,
): CoordinatePolicy | undefined {
  const isNamed = filters.get(coordinate)?.named !== undefined && byDefault.has(coordinate);
  return isNamed ? inputs.get(coordinate) : undefined;
}

function meansOf(
  { type }: GraphQLArgument | GraphQLInputField,
  coordinate: string,
  value: unknown,
  { filters, byDefault }: About,
): readonly string[] {
  const means = [...valuesIn(type, value, coordinate)].flatMap((one) => {
    // A fixed text tells nothing unless it names a field.
    if (one.isText) return byDefault.get(one.coordinate) ?? [];
    const filter = filters.get(one.coordinate);
    return filter?.named === undefined ? (filter?.means ?? []) : [];
  });
  return [...new Set(means)].sort();
}

/** No document's defaults are nested deeper. */
const depthMax = 10;

interface Value {
  /** `Enum.VALUE`, or for a text the input that holds it. */
  readonly coordinate: string;
  readonly isText: boolean;
}

/** The values in a default; `at` is the input that holds it. */
function* valuesIn(
  type: GraphQLInputType,
  value: unknown,
  at: string,
  depth = 0,
): Generator<Value> {
  const inner = getNullableType(type);
  if (value === undefined || value === null || depth > depthMax) return;
  if (isListType(inner)) {
    const items = Array.isArray(value) ? value : [value];
    for (const item of items) yield* valuesIn(inner.ofType, item, at, depth + 1);
  } else if (isEnumType(inner)) {
    const name = nameOf(inner, value);
    if (name !== undefined) yield { coordinate: `${inner.name}.${name}`, isText: false };
  } else if (isInputObjectType(inner)) {
    for (const [field, held] of heldIn(inner, value)) {
      yield* valuesIn(field.type, held, `${inner.name}.${field.name}`, depth + 1);
    }
  } else if (typeof value === 'string') yield { coordinate: at, isText: true };
}

/** The name of the graph's value or the service's. */
function nameOf(type: GraphQLEnumType, value: unknown): string | undefined {
  // Only descriptions of services set this extension.
  const wires = type.extensions.wireValues as ReadonlyMap<string, unknown> | undefined;
  const isMeant = (one: GraphQLEnumValue) => one.value === value || wires?.get(one.name) === value;
  return type.getValues().find(isMeant)?.name;
}

/** The fields that an object gives, by their names on the wire if they have such. */
function heldIn(
  type: GraphQLInputObjectType,
  value: unknown,
): readonly (readonly [GraphQLInputField, unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  const held = new Map<string, unknown>(Object.entries(value));
  return Object.values(type.getFields()).flatMap((field) => {
    const { wireName } = field.extensions;
    const key = typeof wireName === 'string' ? wireName : field.name;
    return held.has(key) ? [[field, held.get(key)] as const] : [];
  });
}

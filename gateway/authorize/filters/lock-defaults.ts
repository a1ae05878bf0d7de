/**
 * Defaults of a schema that choose a guarded field: with `field: Column = ssn`, who leaves `field` out
 * and writes `startsWith: "9"` filters by SSN all the same. What is left out there needs the grant of
 * what its default means. Only values that choose among fields count, and no rule names them: a value
 * that stands fixed tells nothing more, however often one asks.
 */
import {
  type GraphQLArgument,
  type GraphQLInputField,
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
import { type LockTools, lockFilter } from './lock-filter.ts';

interface About {
  readonly fields: ReadonlyMap<string, CoordinatePolicy>;
  readonly filters: ReadonlyMap<string, ImpliedLock>;
  /** Arguments that no caller can write, and none leaves out. */
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
  { name, type, defaultValue }: GraphQLArgument | GraphQLInputField,
  coordinate: string,
  { fields, filters, pinned, compiler }: About,
): LockedDefault[] {
  if (defaultValue === undefined || defaultValue === null || pinned.has(coordinate)) return [];
  const chosen = [...valuesIn(type, defaultValue)].flatMap((one) => filters.get(one) ?? []);
  const means = new Set(
    chosen.filter(({ named }) => named === undefined).flatMap((one) => one.means),
  );
  if (means.size === 0) return [];
  const match = { coordinate, means: [...means].sort(), by: 'name' as const };
  const lock = lockFilter(match, { fields, own: undefined, isWritten: false, compiler });
  // The input itself is in view: to refuse it tells of nothing that is hidden.
  const isHidden = lock.outcome === 'hide';
  const outcome = isHidden ? 'deny' : lock.outcome;
  return [{ name, policy: Object.freeze({ ...lock, outcome }), isHidden }];
}

/** Enum values in a default, as `Enum.VALUE`. */
function* valuesIn(type: GraphQLInputType, value: unknown): Generator<string> {
  const inner = getNullableType(type);
  if (value === undefined || value === null) return;
  if (isListType(inner)) {
    for (const item of Array.isArray(value) ? value : [value]) yield* valuesIn(inner.ofType, item);
  } else if (isEnumType(inner)) {
    const found = inner.getValues().find((one) => one.value === value);
    if (found !== undefined) yield `${inner.name}.${found.name}`;
  } else if (isInputObjectType(inner) && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      const field = inner.getFields()[key];
      if (field !== undefined) yield* valuesIn(field.type, item);
    }
  }
}

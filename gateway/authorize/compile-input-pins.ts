/**
 * Finds, at boot, which fields inside input objects are fixed from the token:
 * `Mutation.hire(input.tenantId:)`. A pinned input field is in no caller's schema, so it must be
 * pinned wherever its input type can be given. Refused are pins on a path through a list, a
 * default, or a part that may be left out together with required fields: there the value could not
 * be inserted.
 */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import type { Problem, ProblemCode } from '../files/config-error.ts';
import { nearest, suggestion } from '../files/nearest.ts';
import { outputFieldsOf } from '../graph/output-fields.ts';
import type { PinnedClaim } from '../plan/pinned.ts';
import type { AccessRule } from './access/access-file.ts';

/** One input field, as given through one argument of one field. */
export interface InputPin extends PinnedClaim {
  /** `Mutation.hire(input.tenantId:)` */
  readonly coordinate: string;
  readonly argument: GraphQLArgument;
  /** Below the argument. */
  readonly path: readonly string[];
  /** Types of the argument and of each input object on the path. */
  readonly types: readonly GraphQLInputType[];
  readonly leafType: GraphQLInputType;
  /** The input field itself, `HireInput.tenantId`. */
  readonly hides: string;
  readonly rule: AccessRule;
}

/** Reports what does not fit, at the place of the pin. */
export type Refuse = (code: ProblemCode, message: string) => void;

/**
 * The path into an argument and the field at its end; reports and returns undefined if there is
 * none.
 */
export function findInputField(
  argument: GraphQLArgument,
  path: readonly string[],
  { at, refuse }: { at: string; refuse: Refuse },
): Pick<InputPin, 'types' | 'leafType' | 'hides'> | undefined {
  const types: GraphQLInputType[] = [];
  let holder: GraphQLArgument | GraphQLInputField = argument;
  let type: GraphQLInputObjectType | undefined;
  for (const step of path) {
    const inner: unknown = getNullableType(holder.type);
    if (!isInputObjectType(inner)) {
      refuse(
        'wrong-type',
        `${at}: ${String(holder.type)} is no input object, so nothing in it can be pinned`,
      );
      return undefined;
    }
    const fields = inner.getFields();
    const next: GraphQLInputField | undefined = Object.hasOwn(fields, step)
      ? fields[step]
      : undefined;
    if (next === undefined) {
      const near = nearest(step, Object.keys(fields));
      const hint = suggestion(near && `${inner.name}.${near}`);
      refuse('unknown-name', `${at}: the schema has no ${inner.name}.${step}${hint}`);
      return undefined;
    }
    const why = whyNot(inner, holder, next);
    if (why !== undefined) {
      refuse('not-supported', `${at}: ${why}`);
      return undefined;
    }
    types.push(holder.type);
    [holder, type] = [next, inner];
  }
  const field = holder as GraphQLInputField;
  return type && { types, leafType: field.type, hides: `${type.name}.${field.name}` };
}

/** Why the value could not be inserted for every request; undefined if it always can. */
function whyNot(
  type: GraphQLInputObjectType,
  holder: GraphQLArgument | GraphQLInputField,
  pinned: GraphQLInputField,
): string | undefined {
  if (type.isOneOf) return `of ${type.name} one field alone may be given`;
  if (holder.defaultValue !== undefined) return `${holder.name} has a default, which would be lost`;
  if (isNonNullType(holder.type)) return undefined;
  const other = Object.values(type.getFields()).find(
    (one) => one !== pinned && isRequiredInputField(one),
  );
  if (other === undefined) return undefined;
  return `${holder.name} may be left out, and ${type.name}.${other.name} is required: ${type.name}.${pinned.name} could not be given alone`;
}

/** Reports each place where the input type can be given and the field is not pinned. */
export function findUnpinned(
  schema: GraphQLSchema,
  pins: ReadonlyMap<string, readonly InputPin[]>,
): readonly Problem[] {
  const first = new Map<string, InputPin>();
  for (const pin of [...pins.values()].flat()) if (!first.has(pin.hides)) first.set(pin.hides, pin);
  if (first.size === 0) return [];
  const pathsOf = createPaths(new Set(first.keys()));
  const places = outputFieldsOf(schema).flatMap(({ coordinate, field }) =>
    field.args.flatMap((one) => unpinnedIn(coordinate, one, pathsOf, pins)),
  );
  return places.flatMap(({ place, hides }): Problem[] => {
    const { rule } = first.get(hides) ?? {};
    if (rule === undefined) return [];
    const message = `rule ${rule.name}: ${hides} is in nobody's schema once it is pinned, and can be given at ${place} too: pin it there as well`;
    return [{ ...rule.source, path: '', code: 'conflict', message }];
  });
}

function unpinnedIn(
  coordinate: string,
  { name, type }: GraphQLArgument,
  pathsOf: PathsOf,
  pins: ReadonlyMap<string, readonly InputPin[]>,
) {
  const own = pins.get(coordinate)?.filter(({ argument }) => argument.name === name) ?? [];
  const fixed = own.map(({ path }) => path);
  return pathsBeside(getNamedType(type), fixed, pathsOf).map(({ path, hides }) => {
    return { place: `${coordinate}(${[name, ...path].join('.')}:)`, hides };
  });
}

/** A path from an input type to a field that is pinned somewhere. */
interface PathToPin {
  readonly path: readonly string[];
  readonly hides: string;
}

/** The shortest path to each such field. */
type PathsOf = (type: GraphQLNamedType) => readonly PathToPin[];

/**
 * Unpinned paths: follows the pinned ones, and takes the shortest from where a path leaves them.
 */
function pathsBeside(
  type: GraphQLNamedType,
  fixed: readonly (readonly string[])[],
  pathsOf: PathsOf,
): readonly PathToPin[] {
  if (fixed.length === 0) return pathsOf(type);
  if (!isInputObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const along = fixed.filter(([step]) => step === field.name).map(([, ...rest]) => rest);
    // Pinned here.
    if (along.some((rest) => rest.length === 0)) return [];
    const hides = `${type.name}.${field.name}`;
    const here = pathsOf(type).filter((one) => one.hides === hides && one.path.length === 1);
    const below = pathsBeside(getNamedType(field.type), along, pathsOf);
    return [...here, ...below.map((one) => ({ ...one, path: [field.name, ...one.path] }))];
  });
}

/** Visits each type once per starting type, because input types may contain each other. */
function createPaths(wanted: ReadonlySet<string>): PathsOf {
  const known = new Map<string, readonly PathToPin[]>();
  const find = (from: GraphQLNamedType): readonly PathToPin[] => {
    const paths = new Map<string, PathToPin>();
    const seen = new Set([from]);
    const pending: { type: GraphQLNamedType; path: readonly string[] }[] = [
      { type: from, path: [] },
    ];
    for (const { type, path } of pending) {
      if (!isInputObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        const hides = `${type.name}.${field.name}`;
        const found = { path: [...path, field.name], hides };
        if (wanted.has(hides) && !paths.has(hides)) paths.set(hides, found);
        const next = getNamedType(field.type);
        if (seen.has(next)) continue;
        seen.add(next);
        pending.push({ type: next, path: found.path });
      }
    }
    return [...paths.values()];
  };
  return (type) => {
    const paths = known.get(type.name) ?? find(type);
    known.set(type.name, paths);
    return paths;
  };
}

/**
 * Reports what rules say under `object` about writes and what they leave out: what is read before
 * which field of the mutation type, which keys given to such a field identify no read, and which
 * fields have no named object although `types` restrict objects. For `check`: none of it is wrong
 * by itself.
 */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isRequiredArgument,
} from 'graphql';
import type { CompiledRead } from './compile-reads.ts';
import { keyNames, keyTypes } from './key-inputs.ts';
import type { Policy } from './policy.ts';

export interface WriteCoverage {
  readonly reads: readonly { readonly coordinate: string; readonly read: string }[];
  /** Arguments and input fields of those fields that look like keys and that no read uses. */
  readonly otherKeys: readonly string[];
  /** Fields that some caller may write with, and whose object no rule names. */
  readonly unnamed: readonly string[];
}

export function findWriteCoverage(schema: GraphQLSchema, policy: Policy): WriteCoverage {
  const reads = [...policy.writes].flatMap(([coordinate, list]) =>
    list.map(({ read }) => ({ coordinate, read: read.text })),
  );
  const mutation = schema.getMutationType();
  const fields = Object.values(mutation?.getFields() ?? {});
  const named = fields.map((field) => ({ field, coordinate: `${mutation?.name}.${field.name}` }));
  const otherKeys = named.flatMap(({ field, coordinate }) => {
    const list = policy.writes.get(coordinate);
    if (list === undefined) return [];
    const used = new Set(list.flatMap(({ given }) => given.map(({ path }) => path.join('.'))));
    const pins = policy.pins.get(coordinate) ?? [];
    const free = field.args.filter(({ name }) => !pins.some((pin) => pin.argument.name === name));
    return free.flatMap((one) =>
      keysIn(
        policy,
        { at: `${coordinate}(${one.name}:)`, path: [one.name], type: one.type },
        { used, finding: findingOne(schema, list) },
      ),
    );
  });
  const unnamed = named.flatMap(({ coordinate }) => {
    const isKnown = policy.writes.has(coordinate) || policy.makes.has(coordinate);
    return policy.fields.get(coordinate)?.listed === true && !isKnown ? [coordinate] : [];
  });
  return {
    reads,
    otherKeys: [...new Set(otherKeys)],
    unnamed: policy.objects.size === 0 ? [] : unnamed,
  };
}

/** Arguments that a query for one such object requires: they may identify one here as well. */
function findingOne(schema: GraphQLSchema, reads: readonly CompiledRead[]): ReadonlySet<string> {
  const types = new Set<unknown>(reads.map(({ type }) => type));
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  const found = fields.filter(({ type }) => types.has(getNullableType(type)));
  return new Set(
    found.flatMap(({ args }) => args.filter(isRequiredArgument).map(({ name }) => name)),
  );
}

interface Input {
  /** Coordinate. */
  readonly at: string;
  /** Below the mutation's arguments. */
  readonly path: readonly string[];
  readonly type: GraphQLInputType;
}

/** Bounds the descent into an input type that contains itself. */
const stepsMax = 4;

function keysIn(
  policy: Policy,
  { at, path, type }: Input,
  about: { used: ReadonlySet<string>; finding: ReadonlySet<string> },
): string[] {
  const { used, finding } = about;
  const named = getNamedType(type);
  const name = path.at(-1) ?? '';
  if (!isInputObjectType(named)) {
    const isKey = keyTypes.test(named.name) || keyNames.test(name) || finding.has(name);
    return isKey && !used.has(path.join('.')) ? [at] : [];
  }
  if (path.length >= stepsMax) return [];
  return Object.values(named.getFields()).flatMap((field) => {
    const inner = `${named.name}.${field.name}`;
    // Closed until a rule lists it.
    if (!policy.inputs.has(inner)) return [];
    return keysIn(policy, { at: inner, path: [...path, field.name], type: field.type }, about);
  });
}

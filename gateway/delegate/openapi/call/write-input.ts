/**
 * Converts values of input types to the wire: from names in the graph to the upstream's own. Throws
 * the error from `refuse` if the wire cannot represent a value.
 */
import type { GraphQLInputFieldConfig } from 'graphql';
import { isContainer, isJsonObject } from '../../../json-value.ts';
import type { UnionShape } from '../document/schema-shape.ts';
import type { NamedMember } from '../types/member-of.ts';

/** One field of an input type. */
export interface InputField {
  name: string;
  /** Undefined for the field with the properties beside the named ones. */
  wire: string | undefined;
  config: GraphQLInputFieldConfig;
  write: (value: unknown) => unknown;
}

/** Writes each item by itself. */
export function writeList(writeItem: (value: unknown) => unknown): (value: unknown) => unknown {
  return (value) =>
    Array.isArray(value) ? value.map((item) => (item === null ? null : writeItem(item))) : value;
}

export function writeObject(fields: readonly InputField[], value: unknown): unknown {
  if (!isContainer(value)) return value;
  const written: Record<string, unknown> = {};
  for (const { name, wire, write } of fields) {
    const given = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
    if (given === undefined) continue;
    const one = given === null ? null : write(given);
    if (wire !== undefined) define(written, wire, one);
    else if (isJsonObject(one)) for (const key of Object.keys(one)) define(written, key, one[key]);
  }
  return written;
}

/** `__proto__` is an ordinary name on the wire; assigning to it would replace the prototype. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true });
}

/** Writes one of several alternatives, each a field of its own; exactly one must be given. */
export function writeAlternative(
  fields: readonly InputField[],
  value: unknown,
  about: {
    name: string;
    shape: UnionShape;
    byValue: ReadonlyMap<unknown, NamedMember>;
    refuse: (why: string) => Error;
  },
): unknown {
  const { name, shape, byValue, refuse } = about;
  const [field, given] = onlyGiven(fields, value) ?? [];
  if (field === undefined) throw refuse(`not exactly one alternative of ${name}`);
  const written = field.write(given);
  // Otherwise the upstream would take the fields of one type for those of another.
  const said = ownOf(written, shape.discriminator?.property);
  const owner = said === undefined ? undefined : byValue.get(said);
  if (said !== undefined && byValue.size > 0 && owner?.typeOf({}) !== field.name) {
    throw refuse(`a discriminator of another alternative of ${name}`);
  }
  return written;
}

function ownOf(object: unknown, property: string | undefined): unknown {
  if (property === undefined || !isJsonObject(object)) return undefined;
  return Object.hasOwn(object, property) ? object[property] : undefined;
}

function onlyGiven(
  fields: readonly InputField[],
  value: unknown,
): readonly [InputField, unknown] | undefined {
  if (!isJsonObject(value)) return undefined;
  const given = Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
  const [[name, only] = ['', undefined], ...others] = given;
  const field = fields.find((each) => each.name === name);
  return field === undefined || others.length > 0 ? undefined : [field, only];
}

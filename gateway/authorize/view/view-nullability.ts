/**
 * Makes nullable what can become null without the upstream's doing: fields that not every caller
 * has, so that a refusal never removes the parent; root query fields and fields fetched by a join
 * or a link, so that one failing upstream leaves the data of the others.
 *
 * A root field keeps the `!` of an interface that other objects share (GitHub's `Query` is a `Node`):
 * a nullable `Node.id` could not stand beside the `id: ID!` of other nodes in one selection.
 */
import { Kind, type TypeNode } from 'graphql';
import { splitCoordinate } from '../../graph/coordinate.ts';
import type { Policy } from '../policy.ts';
import { argumentsOf, isOwner, namedType, type Owner, type View } from './view.ts';

/**
 * Single values of `counted` fields may be withheld, so they are null inside lists too. Returns the
 * coordinates made nullable, including those that already were.
 */
export function makeViewNullable(
  view: View,
  policy: Policy,
  nullable: ReadonlySet<string>,
  counted: ReadonlySet<string>,
): readonly string[] {
  const loose = withInterfaceFields(
    view,
    looseCoordinates(view, policy, new Set([...nullable, ...counted])),
  );
  const looseInside = withInterfaceFields(view, counted);
  for (const [name, type] of view.types) {
    if (!isOwner(type)) continue;
    const fields = type.fields?.map((field) => {
      const coordinate = `${name}.${field.name.value}`;
      if (!loose.has(coordinate)) return field;
      const inside = looseInside.has(coordinate) || hidesMembers(view, field.type);
      return { ...field, type: inside ? withoutNonNull(field.type) : nullableType(field.type) };
    });
    view.types.set(name, { ...type, fields: fields ?? [] });
  }
  return [...loose];
}

/** With the interface fields that they implement: a valid schema has no stricter type there. */
function withInterfaceFields(view: View, coordinates: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(coordinates);
  for (const coordinate of coordinates) {
    const [typeName, name] = splitCoordinate(coordinate);
    const type = view.types.get(typeName);
    const interfaces = type !== undefined && isOwner(type) ? (type.interfaces ?? []) : [];
    for (const one of interfaces) all.add(`${one.name.value}.${name}`);
  }
  return all;
}

function looseCoordinates(
  view: View,
  policy: Policy,
  nullable: ReadonlySet<string>,
): ReadonlySet<string> {
  const loose = new Set<string>();
  for (const [name, type] of view.types) {
    if (!isOwner(type)) continue;
    for (const field of type.fields ?? []) {
      const coordinate = `${name}.${field.name.value}`;
      const isCertain =
        policy.fields.get(coordinate)?.guaranteed === true &&
        !hidesMembers(view, field.type) &&
        argumentsOf(field).every((one) =>
          isOpen(view, policy, `${coordinate}(${one.name.value}:)`, one.type),
        );
      const isRoot = name === view.queryName && !isShared(view, type, field.name.value);
      if (isCertain && !nullable.has(coordinate) && !isRoot) continue;
      loose.add(coordinate);
    }
  }
  return loose;
}

/** Whether an interface of the root promises this field of other objects too. */
function isShared(view: View, root: Owner, field: string): boolean {
  const names = (root.interfaces ?? []).map((one) => one.name.value);
  const promising = names.filter((name) => {
    const one = view.whole.get(name);
    const declared =
      one && isOwner(one) ? one.fields?.find((it) => it.name.value === field) : undefined;
    return declared?.type.kind === Kind.NON_NULL_TYPE;
  });
  if (promising.length === 0) return false;
  return [...view.whole.values()].some(
    (one) =>
      one.kind === Kind.OBJECT_TYPE_DEFINITION &&
      one.name.value !== root.name.value &&
      one.interfaces?.some(({ name }) => promising.includes(name.value)),
  );
}

/** Whether every caller may use an argument and everything that can be written into it. */
function isOpen(view: View, policy: Policy, coordinate: string, type: TypeNode): boolean {
  const isClosed = (name: string) => policy.inputs.get(name)?.guaranteed === false;
  if (isClosed(coordinate)) return false;
  const seen = new Set<string>();
  const pending = [namedType(type)];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const input = view.types.get(name);
    if (input === undefined || seen.has(name)) continue;
    seen.add(name);
    if (input.kind === Kind.ENUM_TYPE_DEFINITION) {
      if (input.values?.some((value) => isClosed(`${name}.${value.name.value}`))) return false;
    } else if (input.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
      for (const field of input.fields ?? []) {
        if (isClosed(`${name}.${field.name.value}`)) return false;
        pending.push(namedType(field.type));
      }
    }
  }
  return true;
}

/**
 * Whether values can occur there that callers may not see, objects of a hidden type or hidden
 * values of an enum: each becomes null and must not remove its neighbours.
 */
function hidesMembers(view: View, type: TypeNode): boolean {
  const whole = view.whole.get(namedType(type));
  if (whole?.kind === Kind.ENUM_TYPE_DEFINITION) {
    const seen = view.types.get(whole.name.value);
    return seen?.kind === whole.kind && seen.values?.length !== whole.values?.length;
  }
  if (whole?.kind === Kind.UNION_TYPE_DEFINITION) {
    return (whole.types ?? []).some((member) => !view.types.has(member.name.value));
  }
  if (whole?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return false;
  return [...view.whole.values()].some(
    (one) =>
      one.kind === Kind.OBJECT_TYPE_DEFINITION &&
      one.interfaces?.some((implemented) => implemented.name.value === whole.name.value) &&
      !view.types.has(one.name.value),
  );
}

function nullableType(type: TypeNode): TypeNode {
  return type.kind === Kind.NON_NULL_TYPE ? type.type : type;
}

function withoutNonNull(type: TypeNode): TypeNode {
  const inner = nullableType(type);
  return inner.kind === Kind.LIST_TYPE ? { ...inner, type: withoutNonNull(inner.type) } : inner;
}

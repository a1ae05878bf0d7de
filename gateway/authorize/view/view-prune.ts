/**
 * Removes from a view what cannot exist without the hidden parts, until it is a valid schema: types
 * without fields, fields of such types, fields whose required argument is gone, input types whose
 * required field is closed, interface fields that an implementation lacks.
 */
import {
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { argumentsOf, isOwner, isRequired, namedType, type Owner, type View } from './view.ts';

interface Round extends View {
  /** By interface, only types that have fields left. */
  readonly implementations: ReadonlyMap<string, readonly Owner[]>;
}

/** Returns the coordinates of listed fields that were removed. */
export function pruneView(view: View): readonly string[] {
  const fallen = new Set<string>();
  for (let before = -1; before !== sizeOf(view); ) {
    before = sizeOf(view);
    // Each round reads the state before it, so that the order of types does not matter.
    const round: Round = { ...view, implementations: implementationsIn(view) };
    const left = [...view.types].map(
      ([name, type]) => [name, pruneType(round, type, fallen)] as const,
    );
    for (const [name, type] of left) {
      if (type === undefined) view.types.delete(name);
      else view.types.set(name, type);
    }
  }
  return [...fallen];
}

/** Shrinks whenever anything is removed. */
function sizeOf(view: View): number {
  let size = view.types.size;
  for (const type of view.types.values()) {
    if ('types' in type) size += type.types?.length ?? 0;
    if ('interfaces' in type) size += type.interfaces?.length ?? 0;
    if (!('fields' in type)) continue;
    for (const field of type.fields ?? []) size += 1 + argumentsOf(field).length;
  }
  return size;
}

function pruneType(
  view: Round,
  type: TypeDefinitionNode,
  fallen: Set<string>,
): TypeDefinitionNode | undefined {
  switch (type.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const owner = pruneOwner(view, type, fallen);
      return owner.fields?.length && canStandFor(view, owner) ? owner : undefined;
    }
    case Kind.UNION_TYPE_DEFINITION: {
      const types = type.types?.filter((member) => view.types.has(member.name.value)) ?? [];
      return types.length > 0 ? { ...type, types } : undefined;
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      const fields = type.fields?.filter((field) => stands(view, field.type)) ?? [];
      const kept = new Set(fields.map((field) => field.name.value));
      return fields.length > 0 && hasAllRequired(view, type.name.value, kept)
        ? { ...type, fields }
        : undefined;
    }
    case Kind.ENUM_TYPE_DEFINITION:
      return type.values?.length ? type : undefined;
    default:
      return type;
  }
}

function pruneOwner(view: Round, type: Owner, fallen: Set<string>): Owner {
  const interfaces = type.interfaces?.filter((one) => view.types.has(one.name.value)) ?? [];
  const fields: FieldDefinitionNode[] = [];
  for (const field of type.fields ?? []) {
    const left = pruneField(view, type, field);
    if (left === undefined) fallen.add(`${type.name.value}.${field.name.value}`);
    else fields.push(left);
  }
  return { ...type, interfaces, fields };
}

function pruneField(
  view: Round,
  owner: Owner,
  field: FieldDefinitionNode,
): FieldDefinitionNode | undefined {
  if (!stands(view, field.type)) return undefined;
  const isShared = owner.kind === Kind.INTERFACE_TYPE_DEFINITION;
  if (isShared && !isOnAllImplementations(view, owner, field.name.value)) return undefined;
  const kept = argumentsOf(field).filter(
    (argument) =>
      stands(view, argument.type) && (!isShared || isOnAllFields(view, owner, field, argument)),
  );
  if (isShared && needsMore(view, owner, field, kept)) return undefined;
  const lost = argumentsOf(field).filter((argument) => !kept.includes(argument));
  return lost.some(isRequired) ? undefined : { ...field, arguments: kept };
}

/**
 * Object types can; an interface can if a visible object type implements it, because no other value
 * can occur there.
 */
function canStandFor(view: Round, type: Owner): boolean {
  if (type.kind === Kind.OBJECT_TYPE_DEFINITION) return true;
  return implementationsOf(view, type).some((one) => one.kind === Kind.OBJECT_TYPE_DEFINITION);
}

function isOnAllImplementations(
  view: Round,
  owner: InterfaceTypeDefinitionNode,
  field: string,
): boolean {
  return implementationsOf(view, owner).every((type) =>
    type.fields?.some((one) => one.name.value === field),
  );
}

/** Whether every implementation's field has this argument too. */
function isOnAllFields(
  view: Round,
  owner: InterfaceTypeDefinitionNode,
  { name }: FieldDefinitionNode,
  argument: InputValueDefinitionNode,
): boolean {
  return fieldsBehind(view, owner, name.value).every((field) =>
    argumentsOf(field).some((one) => one.name.value === argument.name.value),
  );
}

/**
 * Whether an implementation's field cannot be called with the arguments of the interface's field.
 */
function needsMore(
  view: Round,
  owner: InterfaceTypeDefinitionNode,
  { name }: FieldDefinitionNode,
  kept: readonly InputValueDefinitionNode[],
): boolean {
  return fieldsBehind(view, owner, name.value).some((field) =>
    argumentsOf(field).some(
      (one) => isRequired(one) && !kept.some((other) => other.name.value === one.name.value),
    ),
  );
}

function fieldsBehind(view: Round, owner: Owner, name: string): FieldDefinitionNode[] {
  return implementationsOf(view, owner).flatMap(
    (type) => type.fields?.filter((field) => field.name.value === name) ?? [],
  );
}

const implementationsOf = ({ implementations }: Round, { name }: Owner): readonly Owner[] =>
  implementations.get(name.value) ?? [];

function implementationsIn(view: View): ReadonlyMap<string, readonly Owner[]> {
  const found = new Map<string, Owner[]>();
  for (const type of view.types.values()) {
    if (!isOwner(type) || !type.fields?.length) continue;
    for (const { name } of type.interfaces ?? []) {
      const known = found.get(name.value);
      if (known === undefined) found.set(name.value, [type]);
      else known.push(type);
    }
  }
  return found;
}

function hasAllRequired(view: View, name: string, kept: ReadonlySet<string>): boolean {
  const whole = view.whole.get(name);
  if (whole?.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION) return true;
  return (whole.fields ?? []).every((field) => !isRequired(field) || kept.has(field.name.value));
}

const builtIn: ReadonlySet<string> = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);

/** Whether the type behind a reference still exists; built-in scalars always do. */
function stands(view: View, type: TypeNode): boolean {
  const name = namedType(type);
  return view.types.has(name) || builtIn.has(name);
}

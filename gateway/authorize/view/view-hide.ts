/**
 * Removes what is hidden from a caller from a view, and then the texts that mention it: a
 * description that names a hidden field would reveal it.
 */
import {
  type DirectiveNode,
  type FieldDefinitionNode,
  Kind,
  type TypeDefinitionNode,
  visit,
} from 'graphql';
import { argumentsOf, isOwner, isRequired, nowhere, type View } from './view.ts';

/** Leaves what depends on the hidden parts in place, for pruning. */
export function hideFrom(view: View, hidden: ReadonlySet<string>): void {
  for (const [name, type] of view.types) view.types.set(name, withoutHidden(type, hidden));
}

function withoutHidden(type: TypeDefinitionNode, hidden: ReadonlySet<string>): TypeDefinitionNode {
  const name = type.name.value;
  const isSeen = (member: { name: { value: string } }) =>
    !hidden.has(`${name}.${member.name.value}`);
  if (isOwner(type)) {
    const fields = type.fields
      ?.filter(isSeen)
      .map((field) => withoutArguments(name, field, hidden));
    return { ...type, fields: fields ?? [] };
  }
  if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
    return { ...type, fields: type.fields?.filter(isSeen) ?? [] };
  }
  if (type.kind === Kind.ENUM_TYPE_DEFINITION) {
    return { ...type, values: type.values?.filter(isSeen) ?? [] };
  }
  return type;
}

function withoutArguments(
  owner: string,
  field: FieldDefinitionNode,
  hidden: ReadonlySet<string>,
): FieldDefinitionNode {
  const isHidden = (argument: { name: { value: string } }) =>
    hidden.has(`${owner}.${field.name.value}(${argument.name.value}:)`);
  const lost = argumentsOf(field).filter(isHidden);
  if (lost.length === 0) return field;
  // A field of a type that does not exist is pruned: no caller could call it.
  if (lost.some(isRequired)) return { ...field, type: nowhere };
  return { ...field, arguments: argumentsOf(field).filter((one) => !isHidden(one)) };
}

/**
 * Drops descriptions and deprecation reasons that name something the view no longer has: what is
 * hidden, and what has fallen with it since `before`.
 */
export function silenceView(view: View, before: View, hidden: ReadonlySet<string>): void {
  const gone = [...view.whole.keys()].filter((name) => !view.types.has(name));
  const members = [...hidden].map((one) => /(\w+):?\)?$/.exec(one)?.[1] ?? one);
  const left = new Set(memberNames(view));
  const fallen = [...memberNames(before)].filter((name) => !left.has(name));
  const names = [...new Set([...gone, ...members, ...fallen])];
  if (names.length === 0) return;
  const speaks = new RegExp(`(?<![A-Za-z0-9])(?:${names.join('|')})(?![A-Za-z0-9])`, 'i');
  for (const [name, type] of view.types) view.types.set(name, silence(type, speaks));
}

function* memberNames({ types }: View): Generator<string> {
  for (const type of types.values()) {
    if ('values' in type) for (const { name } of type.values ?? []) yield name.value;
    if (!('fields' in type)) continue;
    for (const field of type.fields ?? []) {
      yield field.name.value;
      for (const { name } of argumentsOf(field)) yield name.value;
    }
  }
}

function silence(type: TypeDefinitionNode, speaks: RegExp): TypeDefinitionNode {
  return visit(type, {
    enter(node) {
      if (node.kind === Kind.DIRECTIVE) return tells(node, speaks) ? without(node) : undefined;
      if (!('description' in node) || !node.description) return undefined;
      if (!speaks.test(node.description.value)) return undefined;
      const { description: _, ...silent } = node;
      return silent;
    },
  });
}

function tells(node: DirectiveNode, speaks: RegExp): boolean {
  if (node.name.value !== 'deprecated') return false;
  const texts = node.arguments?.flatMap(({ value }) => (value.kind === Kind.STRING ? value : []));
  return texts?.some(({ value }) => speaks.test(value)) === true;
}

const without = (node: DirectiveNode): DirectiveNode => ({ ...node, arguments: [] });

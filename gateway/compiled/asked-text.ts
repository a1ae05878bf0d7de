/** Writes the selections sent to a GraphQL upstream, under the upstream's own names. */
import { type FieldNode, print, type SelectionSetNode, visit } from 'graphql';
import type { Source } from '../graph/graph-parts.ts';
import { hasPlainFields } from './collect.ts';
import type { Field, ObjectPart } from './program.ts';

export function textOf(before: readonly string[], parts: readonly ObjectPart[]): string {
  const fields = parts.flatMap((part) => part.fields.map(fieldText));
  const all = [...before, ...fields];
  // GraphQL forbids an empty selection, and whether the object exists is an answer in itself.
  return `{${(all.length > 0 ? all : ['__typename']).join(' ')}}`;
}

export function abstractText(
  source: Source,
  parts: readonly ObjectPart[],
  sets: readonly SelectionSetNode[],
): string {
  const [first] = parts;
  if (first !== undefined && sets.some(hasPlainFields)) return textOf(['__typename'], [first]);
  const fragments = parts
    .filter((part) => part.fields.length > 0)
    .map((part) => `...on ${toWireType(source, part.typeName)}${textOf([], [part])}`);
  return textOf(['__typename', ...fragments], []);
}

function fieldText({ sent, asked, selection }: Field): string {
  const name = /^\w+/.exec(asked)?.[0];
  return `${name === sent ? '' : `${sent}:`}${asked}${selection?.text ?? ''}`;
}

/** A field as sent to a GraphQL upstream, `name(arguments)`, without its alias. */
export function askedBy(node: FieldNode): string {
  const given = (node.arguments ?? []).map(print).join(' ');
  return given === '' ? node.name.value : `${node.name.value}(${given})`;
}

/** Variables in the arguments of a field, without those of its selection. */
export function variablesIn(node: FieldNode): string[] {
  const names = new Set<string>();
  for (const argument of node.arguments ?? []) {
    visit(argument, {
      Variable(variable) {
        names.add(variable.name.value);
      },
    });
  }
  return [...names];
}

/** Writes a type such as `[Employee!]!` with the upstream's name for it. */
export function toWireType(source: Source, type: string): string {
  return source.kind === 'graphql' ? type.replace(/\w+/, source.toWireName) : type;
}

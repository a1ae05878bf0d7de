/** What a GraphQL upstream is sent: selections as text, under the names that it knows. */
import { type FieldNode, print, type SelectionSetNode, visit } from 'graphql';
import type { Source } from '../graph/graph-parts.ts';
import { hasPlainFields } from './collect.ts';
import type { Field, ObjectPart } from './program.ts';

export function textOf(before: readonly string[], parts: readonly ObjectPart[]): string {
  const fields = parts.flatMap((part) => part.fields.map(fieldText));
  const all = [...before, ...fields];
  // A selection is never empty: that an object is there is an answer as well.
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

/** A field as a GraphQL upstream is asked for it, `name(arguments)`, without its alias. */
export function askedBy(node: FieldNode): string {
  const given = (node.arguments ?? []).map(print).join(' ');
  return given === '' ? node.name.value : `${node.name.value}(${given})`;
}

/** Variables in the arguments of a field, not of what is below it. */
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

/** A type such as `[Employee!]!` as the upstream has it. */
export function toWireType(source: Source, type: string): string {
  return source.kind === 'graphql' ? type.replace(/\w+/, source.toWireName) : type;
}

/** Assembles the selection on a type from the parts of its concrete types. */
import type { Source } from '../graph/graph-parts.ts';
import type { ObjectPart, Selection } from './program.ts';

export function toSelection(
  source: Source,
  parts: readonly ObjectPart[],
  typeName: string | undefined,
  text: string,
): Selection {
  const fields = parts.flatMap((part) => part.fields);
  return {
    typeName,
    byType: new Map(parts.map((part) => [part.typeName, part])),
    text: source.kind === 'graphql' ? text : '',
    variables: [
      ...new Set(fields.flatMap((one) => [...one.variables, ...(one.selection?.variables ?? [])])),
    ],
    follows: parts.some(
      (part) =>
        part.joins.length > 0 ||
        part.links.length > 0 ||
        part.fields.some((one) => one.selection?.follows === true),
    ),
  };
}

/**
 * A comparable form of what is asked for in a row and how it is read, without its joins and links.
 */
export function shapeOf({ text, typeName, byType }: Selection): unknown {
  if (text !== '') return text;
  const parts = [...byType].map(([name, { fields }]) => [
    name,
    fields.map((field) => [field.name, field.rawKey, field.selection && shapeOf(field.selection)]),
  ]);
  return [typeName, parts];
}

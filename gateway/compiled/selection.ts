/** Assembles the selection on a type from the parts of its concrete types. */
import type { Source } from '../graph/graph-parts.ts';
import type { Field, ObjectPart, Selection } from './program.ts';

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
 * One of several types at a place, with its added keys asked for under aliases of their own: a key
 * may be `ID!` in one type and `ID` in another, and then an upstream refuses to merge them.
 */
export function withKeysApart(part: ObjectPart, index: number): ObjectPart {
  if (!part.fields.some(isAsked)) return part;
  const fields = part.fields.map((field) =>
    isAsked(field) ? { ...field, sent: `fgk${index}_${field.name}` } : field,
  );
  return { ...part, fields };
}

/** Whether it is an added key of a GraphQL upstream; a REST upstream is not asked for fields. */
const isAsked = ({ isKey, asked }: Field): boolean => isKey && asked !== '';

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

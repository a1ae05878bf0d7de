/**
 * Plans whose data is recorded: if an object holds a classified value, itself or below, its
 * subject's id is read with it, for the record alone.
 *
 * The id is fetched under a key of the gateway's own unless the caller's selection includes it. It
 * is not part of the projection, so it never reaches a caller without the grant.
 */
import type { FieldNode, GraphQLObjectType } from 'graphql';
import type { SubjectKey } from '../../plan/plan.ts';
import { toAliased } from './plan-nodes.ts';
import type { PlannedField } from './plan-selections.ts';

/** By object type: the subject's type, and the field of the object that holds its id. */
export type SubjectFields = ReadonlyMap<string, { readonly type: string; readonly field: string }>;

/** The subject of one type's objects, and the node to fetch in addition, if any. */
export interface PlannedSubject {
  readonly key: SubjectKey;
  readonly node: FieldNode | undefined;
}

/** `index` tells implementations apart if several may occur at one place. */
export function planSubject(
  subjects: SubjectFields,
  type: GraphQLObjectType,
  fields: readonly PlannedField[],
  index: number | undefined,
): PlannedSubject | undefined {
  const subject = subjects.get(type.name);
  if (subject === undefined) return undefined;
  for (const { field } of fields) {
    if (field.kind !== 'value' || field.node.name.value !== subject.field) continue;
    return { key: { type: subject.type, rawKey: field.rawKey }, node: undefined };
  }
  const rawKey = `fgs${index ?? ''}_${subject.field}`;
  return { key: { type: subject.type, rawKey }, node: toAliased(rawKey, subject.field) };
}

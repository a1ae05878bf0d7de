/**
 * Whose data a plan delivers: where something classified stands on an object or below it, the
 * object's subject id is read with it, for the record alone.
 *
 * The id is asked for under a key of ours unless the caller's own selection brings it already. It
 * is no part of the projection, so it never reaches a caller who may not have it.
 */
import type { FieldNode, GraphQLObjectType } from 'graphql';
import type { SubjectKey } from '../../plan/plan.ts';
import { toAliased } from './plan-nodes.ts';
import type { PlannedField } from './plan-selections.ts';

/** By object type: the subject's type, and the field of the object that holds its id. */
export type SubjectFields = ReadonlyMap<string, { readonly type: string; readonly field: string }>;

/** Whose an object of one type is, and the node to be asked for in addition, if any. */
export interface PlannedSubject {
  readonly key: SubjectKey;
  readonly node: FieldNode | undefined;
}

/** `index` tells implementations apart where several may stand at one place. */
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

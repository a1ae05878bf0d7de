/** The projection of one selection, from what was planned at each of its concrete types. */
import { type GraphQLNamedType, type GraphQLObjectType, isObjectType } from 'graphql';
import type { ObjectGuard, ProjectedSelection, SubjectKey } from '../../plan/plan.ts';
import type { PlannedField } from './plan-selections.ts';

interface AtType {
  readonly concrete: GraphQLObjectType;
  readonly fields: readonly PlannedField[];
  readonly subject: { readonly key: SubjectKey } | undefined;
  readonly guard: ObjectGuard | undefined;
}

export function toProjection(
  type: GraphQLNamedType,
  coordinate: string,
  perType: readonly AtType[],
): ProjectedSelection {
  const byType = new Map(
    perType.map(({ concrete, fields }) => [concrete.name, fields.map((one) => one.field)]),
  );
  const subjects = new Map<string, SubjectKey>();
  const guards = new Map<string, ObjectGuard>();
  for (const { concrete, subject, guard } of perType) {
    if (subject !== undefined) subjects.set(concrete.name, subject.key);
    if (guard !== undefined) guards.set(concrete.name, guard);
  }
  const typeName = isObjectType(type) ? type.name : undefined;
  const more = { ...(subjects.size > 0 && { subjects }), ...(guards.size > 0 && { guards }) };
  return { typeName, byType, coordinate, ...more };
}

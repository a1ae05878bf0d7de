/** Converts `audit.subjects` for plans. */
import type { SubjectFields } from '../authorize/operation/plan-subject.ts';
import type { Config } from '../config.ts';

/** By object type: the data subject's type and the field with its id. */
export function subjectsOf(config: Pick<Config, 'audit'>): SubjectFields {
  return new Map(
    Object.entries(config.audit?.subjects ?? {}).map(([type, { of, id }]) => [
      type,
      { type: of, field: id },
    ]),
  );
}

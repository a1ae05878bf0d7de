/** `audit.subjects` as plans need it. */
import type { SubjectFields } from '../authorize/operation/plan-subject.ts';
import type { Config } from '../config.ts';

/** Whose data objects are: by type, the subject's type and the field that holds its id. */
export function subjectsOf(config: Pick<Config, 'audit'>): SubjectFields {
  return new Map(
    Object.entries(config.audit?.subjects ?? {}).map(([type, { of, id }]) => [
      type,
      { type: of, field: id },
    ]),
  );
}

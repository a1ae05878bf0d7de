/**
 * Whose data left, as the audit trail holds it: keyed ids, grouped by which coordinates left of
 * whom. Turns ids into keyed ones here, once per object and not per value.
 */
import type { Subject, Tally } from '../../tally.ts';

/** Subjects of one type of whom the same coordinates left. */
export interface SubjectGroup {
  readonly type: string;
  /** Slots of the tally, ascending. */
  readonly fields: readonly number[];
  /** Keyed ids, each once. */
  readonly ids: readonly string[];
}

export interface SubjectGroups {
  readonly groups: readonly SubjectGroup[];
  /** Values that left of nobody known. */
  readonly unknown: number;
}

/** The keyed id of a subject; the same text for the same subject while a key is in use. */
export type ToSubjectId = (type: string, id: string) => string;

export function groupSubjects(tally: Tally, toSubjectId: ToSubjectId): SubjectGroups {
  const fieldsOf = new Map<string, Set<number>>();
  const typeOf = new Map<string, string>();
  let unknown = 0;
  let last: Subject | undefined;
  let fields: Set<number> = new Set();
  for (const [index, slot] of tally.slots.entries()) {
    const subject = tally.subjects[index];
    if (subject === undefined) {
      unknown += 1;
      continue;
    }
    // Values of one object follow one another.
    if (subject !== last) {
      last = subject;
      const id = toSubjectId(subject.type, subject.id);
      fields = fieldsOf.get(id) ?? new Set();
      fieldsOf.set(id, fields);
      typeOf.set(id, subject.type);
    }
    fields.add(slot);
  }
  return { groups: group(fieldsOf, typeOf), unknown };
}

function group(
  fieldsOf: ReadonlyMap<string, ReadonlySet<number>>,
  typeOf: ReadonlyMap<string, string>,
): SubjectGroup[] {
  const groups = new Map<string, { type: string; fields: number[]; ids: string[] }>();
  for (const [id, set] of fieldsOf) {
    const type = typeOf.get(id) ?? '';
    const fields = [...set].sort((one, other) => one - other);
    const key = `${type} ${fields.join()}`;
    const found = groups.get(key);
    if (found === undefined) groups.set(key, { type, fields, ids: [id] });
    else found.ids.push(id);
  }
  return [...groups.values()];
}

/** The groups in parts of at most `idsMax` ids each; one part at least. */
export function splitGroups(groups: readonly SubjectGroup[], idsMax: number): SubjectGroup[][] {
  const parts: SubjectGroup[][] = [[]];
  let room = idsMax;
  for (const { type, fields, ids } of groups) {
    for (let start = 0; start < ids.length; ) {
      if (room === 0) {
        parts.push([]);
        room = idsMax;
      }
      const taken = ids.slice(start, start + room);
      parts.at(-1)?.push({ type, fields, ids: taken });
      start += taken.length;
      room -= taken.length;
    }
  }
  return parts;
}

/**
 * Whose data left, as the audit trail holds it: keyed ids, grouped by which coordinates left of
 * whom. Subjects are told apart by their own ids first, so that each is keyed once an answer.
 */
import type { Tally } from '../../tally.ts';

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

/** A set of slots; sets of one answer are few, so each is made once and then followed to. */
interface FieldSet {
  /** Ascending. */
  readonly slots: readonly number[];
  /** The set with one slot more. */
  readonly next: Map<number, FieldSet>;
}

interface Person {
  readonly type: string;
  readonly id: string;
  fields: FieldSet;
}

export function groupSubjects(
  { slots, subjects }: Pick<Tally, 'slots' | 'subjects'>,
  toSubjectId: ToSubjectId,
): SubjectGroups {
  const sets = new FieldSets();
  const byType = new Map<string, Map<string, Person>>();
  const people: Person[] = [];
  let unknown = 0;
  let last: (typeof subjects)[number];
  let person: Person | undefined;
  for (let at = 0; at < slots.length; at += 1) {
    const subject = subjects[at];
    if (subject === undefined) {
      unknown += 1;
      continue;
    }
    // Values of one object follow one another.
    if (person === undefined || subject !== last) {
      last = subject;
      const { type, id } = subject;
      const ofType = byType.get(type) ?? new Map<string, Person>();
      byType.set(type, ofType);
      person = ofType.get(id);
      if (person === undefined) {
        person = { type, id, fields: sets.empty };
        ofType.set(id, person);
        people.push(person);
      }
    }
    person.fields = sets.with(person.fields, slots[at] ?? 0);
  }
  return { groups: group(people, toSubjectId), unknown };
}

class FieldSets {
  readonly empty: FieldSet = { slots: [], next: new Map() };
  readonly #all = new Map<string, FieldSet>();

  with(set: FieldSet, slot: number): FieldSet {
    return set.next.get(slot) ?? this.#add(set, slot);
  }

  #add(set: FieldSet, slot: number): FieldSet {
    const slots = set.slots.includes(slot)
      ? set.slots
      : [...set.slots, slot].sort((one, other) => one - other);
    const key = slots.join();
    const next = this.#all.get(key) ?? { slots, next: new Map() };
    this.#all.set(key, next);
    set.next.set(slot, next);
    return next;
  }
}

/** In the order in which they were first seen. */
function group(people: readonly Person[], toSubjectId: ToSubjectId): SubjectGroup[] {
  const groups: { type: string; fields: readonly number[]; ids: string[] }[] = [];
  const byFields = new Map<FieldSet, (typeof groups)[number][]>();
  let last: (typeof groups)[number] | undefined;
  for (const { type, id, fields } of people) {
    const keyed = toSubjectId(type, id);
    if (last === undefined || last.type !== type || last.fields !== fields.slots) {
      const known = byFields.get(fields) ?? [];
      byFields.set(fields, known);
      last = known.find((one) => one.type === type);
      if (last === undefined) {
        last = { type, fields: fields.slots, ids: [] };
        known.push(last);
        groups.push(last);
      }
    }
    last.ids.push(keyed);
  }
  return groups;
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

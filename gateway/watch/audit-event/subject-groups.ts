/**
 * The subjects of an answer as the audit trail holds them: keyed ids, grouped by the coordinates
 * that were sent of each. Subjects are told apart by their own ids first, so each is keyed once per
 * answer.
 */
import type { Tally } from '../../plan/tally.ts';

/** Subjects of one type of which the same coordinates were sent. */
export interface SubjectGroup {
  readonly type: string;
  /** Slots of the tally, ascending. */
  readonly fields: readonly number[];
  /** Keyed ids, each once. */
  readonly ids: readonly string[];
}

export interface SubjectGroups {
  readonly groups: readonly SubjectGroup[];
  /** Values whose subject is unknown. */
  readonly unknown: number;
}

/** The keyed id of a subject; the same text for the same subject while a key is in use. */
export type ToSubjectId = (type: string, id: string) => string;

/**
 * A set of slots as a path in a trie, in ascending order. Rows that are alike share a set, and if
 * no two rows are alike, adding a slot still costs the same.
 */
interface FieldSet {
  readonly slot: number;
  /** The set without its last slot; undefined for the empty set. */
  readonly rest: FieldSet | undefined;
  /** Sets with one more slot, by that slot, which comes after the last. */
  next: Map<number, FieldSet> | undefined;
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
  // A point query has a single subject.
  if (slots.length === 1) return groupOne(slots[0] ?? 0, subjects[0], toSubjectId);
  const empty: FieldSet = { slot: -1, rest: undefined, next: undefined };
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
        person = { type, id, fields: empty };
        ofType.set(id, person);
        people.push(person);
      }
    }
    person.fields = withSlot(person.fields, slots[at] ?? 0);
  }
  return { groups: group(people, toSubjectId), unknown };
}

function groupOne(
  slot: number,
  subject: Tally['subjects'][number],
  toSubjectId: ToSubjectId,
): SubjectGroups {
  if (subject === undefined) return { groups: [], unknown: 1 };
  const { type, id } = subject;
  return { groups: [{ type, fields: [slot], ids: [toSubjectId(type, id)] }], unknown: 0 };
}

/** Slots of one object mostly come in ascending order; others are inserted in their place. */
function withSlot(set: FieldSet, slot: number): FieldSet {
  if (slot > set.slot) return follow(set, slot);
  if (slot === set.slot || set.rest === undefined) return set;
  return follow(withSlot(set.rest, slot), set.slot);
}

function follow(set: FieldSet, slot: number): FieldSet {
  set.next ??= new Map();
  const followed = set.next.get(slot);
  if (followed !== undefined) return followed;
  const made: FieldSet = { slot, rest: set, next: undefined };
  set.next.set(slot, made);
  return made;
}

function slotsOf(set: FieldSet): number[] {
  const slots: number[] = [];
  for (let at = set; at.rest !== undefined; at = at.rest) slots.push(at.slot);
  return slots.reverse();
}

/** Groups in the order in which they were first seen. */
function group(people: readonly Person[], toSubjectId: ToSubjectId): SubjectGroup[] {
  const groups: { type: string; fields: readonly number[]; ids: string[] }[] = [];
  const bySet = new Map<FieldSet, (typeof groups)[number][]>();
  let lastSet: FieldSet | undefined;
  let last: (typeof groups)[number] | undefined;
  for (const { type, id, fields: set } of people) {
    const keyed = toSubjectId(type, id);
    if (last === undefined || last.type !== type || lastSet !== set) {
      const ofSet = bySet.get(set) ?? [];
      bySet.set(set, ofSet);
      lastSet = set;
      last = ofSet.find((one) => one.type === type);
      if (last === undefined) {
        last = { type, fields: slotsOf(set), ids: [] };
        ofSet.push(last);
        groups.push(last);
      }
    }
    last.ids.push(keyed);
  }
  return groups;
}

/** Splits the groups into parts of at most `idsMax` ids each; at least one part. */
export function splitGroups(
  groups: readonly SubjectGroup[],
  idsMax: number,
): (readonly SubjectGroup[])[] {
  const all = groups.reduce((sum, { ids }) => sum + ids.length, 0);
  if (all <= idsMax) return [groups];
  let part: SubjectGroup[] = [];
  const parts = [part];
  let room = idsMax;
  for (const { type, fields, ids } of groups) {
    for (let start = 0; start < ids.length; ) {
      if (room === 0) {
        part = [];
        parts.push(part);
        room = idsMax;
      }
      const taken = ids.slice(start, start + room);
      part.push({ type, fields, ids: taken });
      start += taken.length;
      room -= taken.length;
    }
  }
  return parts;
}

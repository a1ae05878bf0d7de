/**
 * What left in one answer: every classified value, and whose it was. Filled while an answer is
 * projected, read when its record is sealed. Holds ids in the clear until then, and no values.
 *
 * A journal with marks: where a null takes its parents away, what they held did not leave.
 */
import { isKey, ownValue } from '../graph/upstream-value.ts';
import type { ClassifiedCoordinate, SubjectKey } from './plan.ts';

/** Whose data it is: a type of `audit.subjects` and the id as the upstream sent it. */
export interface Subject {
  readonly type: string;
  readonly id: string;
}

/** Undefined where the object does not say whose it is. */
export function readSubject({ type, rawKey }: SubjectKey, source: unknown): Subject | undefined {
  const id = ownValue(source, rawKey);
  return isKey(id) ? { type, id: String(id) } : undefined;
}

/** Values of one coordinate that left; `masked` of them as a mask shows them. */
export interface Delivered {
  readonly coordinate: string;
  readonly classes: readonly string[];
  readonly rule: string;
  readonly count: number;
  readonly masked: number;
}

export class Tally {
  /** For each value that left, its slot, in order. */
  readonly slots: number[] = [];
  /** For each, whose it was; undefined where that is not known. */
  readonly subjects: (Subject | undefined)[] = [];

  /** One value leaves; `slot` is its coordinate's index in `AuthorizedOperation.classified`. */
  value(slot: number, subject: Subject | undefined): void {
    this.slots.push(slot);
    this.subjects.push(subject);
  }

  /** A place to which `rollback` returns. */
  mark(): number {
    return this.slots.length;
  }

  /** What was noted since the mark did not leave after all. */
  rollback(mark: number): void {
    this.slots.length = mark;
    this.subjects.length = mark;
  }

  /** Exact counts of the coordinates of which any value left. */
  delivered(classified: readonly ClassifiedCoordinate[]): Delivered[] {
    if (this.slots.length === 0) return [];
    const counts = classified.map(() => 0);
    for (const slot of this.slots) counts[slot] = (counts[slot] ?? 0) + 1;
    return classified.flatMap(({ coordinate, classes, rule, mask }, slot) => {
      const count = counts[slot] ?? 0;
      const masked = mask === undefined ? 0 : count;
      return count === 0 ? [] : [{ coordinate, classes, rule, count, masked }];
    });
  }
}

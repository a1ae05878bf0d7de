/**
 * Counts what leaves in one answer: every classified value, and whose it is. Filled while the
 * answer is projected, read when its record is sealed. Holds ids in the clear until then, and no
 * values.
 *
 * A journal with marks: when a null removes a parent, the values below it did not leave.
 */
import { isKey, ownValue } from '../graph/upstream-value.ts';
import type { ClassifiedCoordinate, SubjectKey } from './plan.ts';

/** Whose data it is: a type of `audit.subjects` and the id as the upstream sent it. */
export interface Subject {
  readonly type: string;
  readonly id: string;
}

/** Undefined if the object does not state whose it is. */
export function readSubject({ type, rawKey }: SubjectKey, source: unknown): Subject | undefined {
  const id = ownValue(source, rawKey);
  return isKey(id) ? { type, id: String(id) } : undefined;
}

/** How many values of one coordinate left; `masked` is the number of masked ones. */
export interface Delivered {
  readonly coordinate: string;
  readonly classes: readonly string[];
  readonly rule: string;
  readonly count: number;
  readonly masked: number;
}

export class Tally {
  /** The slot of each value that left, in order. */
  readonly slots: number[] = [];
  /** The subject of each value; undefined if unknown. */
  readonly subjects: (Subject | undefined)[] = [];

  /** Notes one value; `slot` is its coordinate's index in `AuthorizedOperation.classified`. */
  value(slot: number, subject: Subject | undefined): void {
    this.slots.push(slot);
    this.subjects.push(subject);
  }

  /** A position for `rollback`. */
  mark(): number {
    return this.slots.length;
  }

  /** Removes what was noted since the mark. */
  rollback(mark: number): void {
    this.slots.length = mark;
    this.subjects.length = mark;
  }

  /** Exact counts for the coordinates of which any value left. */
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

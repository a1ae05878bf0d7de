/**
 * What the closures of a projector share while one answer is built: the place they are at, what has
 * been refused and masked, and what a value can be beside a value.
 */
import type { Delivery } from '../plan/delivery.ts';
import { freeEgress } from '../plan/egress.ts';
import type { Subject } from '../plan/tally.ts';
import { RefusalErrors, type WhyEmpty } from '../refusal-errors.ts';

/** A null where the type has none: the nearest nullable place above becomes null. */
export const bubble: unique symbol = Symbol('null in a non-null place');
/** A row that leaves its list. */
export const dropped: unique symbol = Symbol('not in its list');

export type Raw = Readonly<Record<string, unknown>>;

export class ProjectionRun {
  readonly delivery: Delivery;
  /** Whether values are counted before they leave. */
  readonly isCounted: boolean;
  /** Made when there is the first, as these two hardly ever are. */
  masked: Set<string> | undefined;
  errors: RefusalErrors | undefined;
  /** Keys from the root to the place that is looked at; what lies deeper is of another place. */
  readonly keys: (string | number)[] = [];
  /** Objects from the root to the one that is looked at, where objects decide. */
  readonly holders: Raw[] = [];
  /** By depth: rows that have left the list there before the one that is looked at. */
  readonly left: number[] = [];

  constructor(delivery: Delivery) {
    this.delivery = delivery;
    this.isCounted = delivery.egress !== freeEgress;
  }

  refuse(coordinate: string, depth: number, why?: WhyEmpty): void {
    this.errors ??= new RefusalErrors();
    this.errors.refuse(coordinate, () => this.keys.slice(0, depth + 1), why);
  }

  /** The place with the indexes of the upstreams' lists. */
  place(depth: number): (string | number)[] {
    const { keys, left } = this;
    return keys
      .slice(0, depth + 1)
      .map((key, at) => (typeof key === 'number' ? key + (left[at] ?? 0) : key));
  }
}

/** Gives what stands at a place; `depth` is the index of its key in `run.keys`. */
export type Put = (
  raw: unknown,
  run: ProjectionRun,
  depth: number,
  subject: Subject | undefined,
) => unknown;

/**
 * The state that a projector's closures share while one answer is built: the current path, refused
 * and masked coordinates, and the two marks that stand for a missing value.
 */
import type { Delivery } from '../plan/delivery.ts';
import { freeEgress } from '../plan/egress.ts';
import type { Subject } from '../plan/tally.ts';
import { RefusalErrors, type WhyEmpty } from '../refusal-errors.ts';

/** A null in a non-null place: the nearest nullable parent becomes null. */
export const bubble: unique symbol = Symbol('null in a non-null place');
/** A row that is removed from its list. */
export const dropped: unique symbol = Symbol('not in its list');

export type Raw = Readonly<Record<string, unknown>>;

export class ProjectionRun {
  readonly delivery: Delivery;
  /** Whether values are counted before they leave. */
  readonly isCounted: boolean;
  /** Created on first use: most answers need neither. */
  masked: Set<string> | undefined;
  errors: RefusalErrors | undefined;
  /** Keys from the root to the current place; entries beyond its depth are stale. */
  readonly keys: (string | number)[] = [];
  /** Objects from the root to the current one; kept only if some object is guarded. */
  readonly holders: Raw[] = [];
  /** By depth: how many rows were removed from that list before the current one. */
  readonly left: number[] = [];

  constructor(delivery: Delivery) {
    this.delivery = delivery;
    this.isCounted = delivery.egress !== freeEgress;
  }

  refuse(coordinate: string, depth: number, why?: WhyEmpty): void {
    this.errors ??= new RefusalErrors();
    this.errors.refuse(coordinate, () => this.keys.slice(0, depth + 1), why);
  }

  /** The current path, with indexes as in the upstreams' lists. */
  place(depth: number): (string | number)[] {
    const { keys, left } = this;
    return keys
      .slice(0, depth + 1)
      .map((key, at) => (typeof key === 'number' ? key + (left[at] ?? 0) : key));
  }
}

/** Projects one value; `depth` is the index of its key in `run.keys`. */
export type Put = (
  raw: unknown,
  run: ProjectionRun,
  depth: number,
  subject: Subject | undefined,
) => unknown;

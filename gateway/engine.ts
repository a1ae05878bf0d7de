/**
 * The one interface that engines stand behind: an authorised operation in, the caller's answer out,
 * in the caller's keys and shape. Promises are kept by the spine around it, not by the engine.
 */
import type { Refusal } from './decision.ts';
import type { DelegationContext } from './delegate/upstream.ts';
import type { UpstreamFailureCode } from './errors.ts';
import type { Delivery, Projected } from './plan/delivery.ts';
import type { AuthorizedOperation, ProjectedSelection } from './plan/plan.ts';

export interface EngineError {
  readonly code: UpstreamFailureCode | 'FORBIDDEN' | 'INTERNAL';
  /** Path in the caller's keys; undefined where the error has no place. */
  readonly path: readonly (string | number)[] | undefined;
  /** For the operator; never sent to the caller. */
  readonly why: string;
  /** It took only what was asked for the gateway alone: it has no place, and no caller hears of it. */
  readonly isInner?: true;
}

export interface EngineResult {
  readonly projected: Projected;
  readonly errors: readonly EngineError[];
}

export interface Engine {
  readonly name: string;
  /** Why another, dearer engine runs the operation; undefined: this one does. */
  fallbackReason?(operation: AuthorizedOperation): string | undefined;
  /**
   * Runs `operation.document`. Rejects only when `context.signal` aborts or the gateway itself is
   * at fault; what an upstream does wrong is an error in the result. Refuses where there is no room.
   */
  execute(
    operation: AuthorizedOperation,
    variables: Readonly<Record<string, unknown>>,
    context: DelegationContext,
    delivery: Delivery,
  ): Promise<EngineResult | Refusal>;
}

/** Puts a result in the executed document's keys into the caller's shape. */
export type Project = (
  selection: ProjectedSelection,
  raw: unknown,
  delivery: Delivery,
) => Projected;

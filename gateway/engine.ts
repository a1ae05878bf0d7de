/**
 * The interface of both engines: takes an authorised operation, returns the caller's answer in the
 * caller's keys and shape. The spine keeps the promises, so none depends on the engine.
 */
import type { Refusal } from './decision.ts';
import type { DelegationContext } from './delegate/upstream.ts';
import type { UpstreamFailureCode } from './errors.ts';
import type { Delivery, Projected } from './plan/delivery.ts';
import type { AuthorizedOperation, ProjectedSelection } from './plan/plan.ts';

export interface EngineError {
  readonly code: UpstreamFailureCode | 'FORBIDDEN' | 'INTERNAL';
  /** Path in the caller's keys; undefined if the error has no place. */
  readonly path: readonly (string | number)[] | undefined;
  /** For the operator; never sent to the caller. */
  readonly why: string;
  /** Set if it affected only a field that the gateway added: it is not reported to the caller. */
  readonly isInner?: true;
}

export interface EngineResult {
  readonly projected: Projected;
  readonly errors: readonly EngineError[];
}

export interface Engine {
  readonly name: string;
  /** Why the more expensive engine must run the operation; undefined if this engine can. */
  fallbackReason?(operation: AuthorizedOperation): string | undefined;
  /**
   * Runs `operation.document`. Rejects only when `context.signal` aborts or the gateway itself
   * fails; upstream failures are errors in the result. Returns a Refusal if there is no room.
   */
  execute(
    operation: AuthorizedOperation,
    variables: Readonly<Record<string, unknown>>,
    context: DelegationContext,
    delivery: Delivery,
  ): Promise<EngineResult | Refusal>;
}

/** Projects a result in the executed document's keys to the caller's shape. */
export type Project = (
  selection: ProjectedSelection,
  raw: unknown,
  delivery: Delivery,
) => Projected;

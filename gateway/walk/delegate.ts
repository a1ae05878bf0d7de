/**
 * Step `delegate`: passes the authorised operation to the engine, with what it needs while it
 * builds the answer. Rejects when the walk is stopped; upstream failures are part of the result.
 */
import { introspect } from '../authorize/view/introspect.ts';
import type { Refusal } from '../decision.ts';
import type { Engine, EngineResult } from '../engine.ts';
import { createDelivery, type Delivery } from '../plan/delivery.ts';
import type { Egress } from '../plan/egress.ts';
import type { Judge } from '../plan/judge.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import { noteFault, type RequestRecord } from '../request.ts';
import type { CallerView } from '../snapshot/views.ts';
import { createPause } from '../time/pauses.ts';
import { untilAborted } from '../time/until-aborted.ts';
import { noteFailure } from './record-notes.ts';
import type { WalkContext } from './walk-context.ts';

export interface DelegateMeans {
  readonly engine: Engine;
  readonly context: WalkContext;
  /** The caller's view of the schema, which introspection reads. */
  readonly schema: CallerView['schema'];
  readonly egress: Egress;
  /** Undefined if nothing in the operation depends on an object. */
  readonly judge: Judge | undefined;
}

export function delegate(
  operation: AuthorizedOperation,
  variables: Readonly<Record<string, unknown>>,
  means: DelegateMeans,
): Promise<EngineResult | Refusal> {
  const { schema, egress, judge, context } = means;
  // Most operations have no introspection, and need not wait for it.
  if (operation.introspection === undefined) {
    return execute(operation, variables, means, createDelivery({ egress, judge }));
  }
  return introspect(schema, operation, variables, createPause(context.signal)).then(
    (introspection) =>
      execute(operation, variables, means, createDelivery({ introspection, egress, judge })),
  );
}

function execute(
  operation: AuthorizedOperation,
  variables: Readonly<Record<string, unknown>>,
  { engine, context }: DelegateMeans,
  delivery: Delivery,
): Promise<EngineResult | Refusal> {
  const { record, signal } = context;
  record.engine = engine.name;
  record.tally = delivery.tally;
  return untilAborted(engine.execute(operation, variables, context, delivery), signal);
}

/** Notes in the record what was delivered and what failed. */
export function noteResult(
  record: RequestRecord,
  { errors }: EngineResult,
  operation: AuthorizedOperation,
): void {
  record.delivered = record.tally?.delivered(operation.classified) ?? [];
  for (const error of errors) {
    if (error.code === 'INTERNAL' || error.code === 'FORBIDDEN') noteFault(record, error.why);
    else noteFailure(record, error);
  }
}

/** The failures to report: none at withheld places, and none of fields that the gateway added. */
export function tellFailures(
  { errors }: EngineResult,
  judge: Judge | undefined,
): EngineResult['errors'] {
  if (errors.length === 0) return errors;
  const told = errors.filter(({ isInner }) => isInner !== true);
  return judge === undefined ? told : judge.places.visibleFailures(told);
}

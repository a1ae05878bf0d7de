/**
 * Step `delegate`: hands the authorised operation to the engine, with what must be known of its
 * answer while it is built. Rejects when the walk is stopped; what an upstream does wrong is in
 * the result.
 */
import { introspect } from '../authorize/view/introspect.ts';
import type { Refusal } from '../decision.ts';
import type { Engine, EngineResult } from '../engine.ts';
import { createDelivery, type Delivery } from '../plan/delivery.ts';
import type { Egress } from '../plan/egress.ts';
import type { Judge } from '../plan/judge.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import type { RequestRecord } from '../request.ts';
import type { CallerView } from '../snapshot/views.ts';
import { createPause } from '../time/pauses.ts';
import { untilAborted } from '../time/until-aborted.ts';
import { noteFailure, noteFault } from './record-notes.ts';
import type { WalkContext } from './walk-context.ts';

export interface DelegateMeans {
  readonly engine: Engine;
  readonly context: WalkContext;
  /** As the caller sees it: what introspection tells of. */
  readonly schema: CallerView['schema'];
  readonly egress: Egress;
  /** Undefined where nothing of the operation hangs on an object. */
  readonly judge: Judge | undefined;
}

export function delegate(
  operation: AuthorizedOperation,
  variables: Readonly<Record<string, unknown>>,
  means: DelegateMeans,
): Promise<EngineResult | Refusal> {
  const { schema, egress, judge, context } = means;
  // Where nothing is asked for, as nearly always, nothing is waited for.
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

/** What was delivered, and what failed, in the record. */
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

/** What was kept back has no failure to tell of, and neither has what no caller asked for. */
export function tellFailures(
  { errors }: EngineResult,
  judge: Judge | undefined,
): EngineResult['errors'] {
  if (errors.length === 0) return errors;
  const told = errors.filter(({ isInner }) => isInner !== true);
  return judge === undefined ? told : judge.places.visibleFailures(told);
}

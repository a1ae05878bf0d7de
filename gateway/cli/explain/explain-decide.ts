/**
 * Decides on an operation as a served request would, for commands that send nothing: checks it
 * against the caller's own view, prices and plans it. Leaves out what belongs to the wire: trusted
 * and persisted documents, methods.
 */
import type { Question } from '../../authorize/authorize.ts';
import { Refusal } from '../../decision.ts';
import { checkRequest } from '../../limits/check-request.ts';
import { defaultDocumentPolicy } from '../../limits/document-policy.ts';
import type { AuthorizedOperation } from '../../plan/plan.ts';
import type { ShadowEffect } from '../../shadow.ts';
import type { CallerContext, Snapshot } from '../../snapshot/snapshot.ts';

/** Returns the authorised operation, or why the whole of it is refused. */
export async function decideAsServed(
  snapshot: Snapshot,
  callerContext: CallerContext | Refusal,
  { text, operation, variables, ...about }: Omit<Question, 'grants' | 'schema'>,
  /** Receives the effects that rules in shadow mode would have had. */
  note: (effects: readonly ShadowEffect[]) => void = () => undefined,
): Promise<AuthorizedOperation | Refusal> {
  if (callerContext instanceof Refusal) return callerContext;
  const { grants, view } = callerContext;
  const request = {
    query: text,
    documentId: undefined,
    operationName: operation.name?.value,
    variables: variables.raw,
    extensions: undefined,
  };
  const pinned = () => snapshot.pinnedOf(about.caller);
  const checked = checkRequest(request, {
    ...view,
    pinned,
    executable: snapshot.executable,
    inputsMax: snapshot.limits.inputs,
    ...offTheWire,
  });
  if (checked instanceof Refusal) {
    note(snapshot.hiddenShadows?.(checked, text, { grants, schema: view.schema }) ?? []);
    return checked;
  }
  note(snapshot.limitShadows?.of(checked) ?? []);
  const { schema } = view;
  const plan = await snapshot.authorize({ ...about, ...checked, grants, schema });
  note(plan.shadows ?? []);
  if (plan instanceof Refusal) return plan;
  const weighed = weigh(snapshot, plan, checked.cost);
  note(snapshot.limitShadows?.ofCost(weighed) ?? []);
  return refuseCost(snapshot, weighed) ?? plan;
}

const offTheWire = {
  documents: defaultDocumentPolicy,
  persisted: undefined,
  hash: () => '',
  refuseByMethod: () => undefined,
  found: () => undefined,
};

/** Operations that only the slower reference engine can run cost more. */
function weigh({ engine, limits }: Snapshot, plan: AuthorizedOperation, cost: number): number {
  return engine.fallbackReason?.(plan) === undefined ? cost : cost * limits.referenceFactor;
}

function refuseCost({ limits }: Snapshot, weighed: number): Refusal | undefined {
  if (weighed <= limits.cost) return undefined;
  const detail = `It costs ${weighed}; at most ${limits.cost}.`;
  return new Refusal('limits/too-costly', { detail });
}

/**
 * Runs the authorised operation on the real engine, over transports that record requests and answer
 * with placeholder data.
 */
import { type Situation, unknownSituation } from '../../conditions/situation.ts';
import { Refusal } from '../../decision.ts';
import { createDelivery } from '../../plan/delivery.ts';
import { Judge } from '../../plan/judge.ts';
import type { AuthorizedOperation } from '../../plan/plan.ts';
import { type Caller, openRecord, type RequestRecord } from '../../request.ts';
import type { Offline } from '../load-offline.ts';
import type { RecordedRequest } from './explain-recorder.ts';

export async function recordUpstreams(
  { snapshot, recorder }: Offline,
  operation: AuthorizedOperation,
  about: {
    raw: Readonly<Record<string, unknown>>;
    coerced: Readonly<Record<string, unknown>>;
    caller: Caller;
    situation?: Situation;
  },
): Promise<{ upstreams: readonly RecordedRequest[]; failures: readonly string[] }> {
  const context = {
    record: toRecord(about, operation),
    signal: new AbortController().signal,
    deadlineMs: Number.MAX_SAFE_INTEGER,
    inboundHeaders: {},
  };
  const { caller, situation = unknownSituation, coerced: variables } = about;
  const { conditions } = snapshot.policy;
  const judge = new LettingJudge({ conditions, caller, situation, variables });
  const delivery = createDelivery({ judge });
  const result = await snapshot.engine.execute(operation, about.raw, context, delivery);
  const whys = result instanceof Refusal ? [result.reason] : result.errors.map(({ why }) => why);
  const failures = new Set<string>(whys);
  return { upstreams: recorder.requests, failures: [...failures] };
}

/** Lets every write through: its read is placeholder data and decides nothing. */
class LettingJudge extends Judge {
  override settleWrite(): boolean {
    return true;
  }
}

/**
 * A record for a request that never arrived: the second lock reads the caller and masks from it.
 */
function toRecord(
  { caller, situation = unknownSituation }: { caller: Caller; situation?: Situation },
  { masked, depends }: AuthorizedOperation,
): RequestRecord {
  const trace = {
    traceId: '0'.repeat(32),
    spanId: '0'.repeat(16),
    parentSpanId: undefined,
    sampled: false,
  };
  const startedAtMs = situation.nowMs;
  const record = openRecord({ id: 'explain', startedAtMs, trace, peer: '', method: 'POST' });
  const verdicts = { allowed: 0, denied: [], masked, depends };
  return { ...record, stage: 'delegate', caller, verdicts };
}

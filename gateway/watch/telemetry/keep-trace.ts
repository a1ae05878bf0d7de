/**
 * The tail sampling decision: whether the spans of a request are kept, made when all of it is
 * known.
 *
 * Refusals, errors, denials, failures and slow answers are kept whatever the ratio, since these are
 * the traces that operators look for. Traces kept only for that are bounded per second: a flood of
 * refusals must not cost more than the refusals themselves.
 */

import type { RequestRecord } from '../../request.ts';
import { isFailed, toOutcome } from './outcome.ts';

export type TraceDecision = 'keep' | 'leave' | 'flood';

export interface KeepTraceOptions {
  readonly slowMs: number;
  /** Traces per second that are kept for their outcome alone. */
  readonly perSecondMax: number;
}

export function createKeepTrace(
  options: KeepTraceOptions,
): (record: RequestRecord) => TraceDecision {
  let second = 0;
  let kept = 0;
  return (record) => {
    if (record.trace.sampled) return 'keep';
    if (!isRemarkable(record, options.slowMs)) return 'leave';
    const now = Math.floor((record.startedAtMs + record.durationMs) / 1_000);
    if (now !== second) {
      second = now;
      kept = 0;
    }
    kept += 1;
    return kept <= options.perSecondMax ? 'keep' : 'flood';
  };
}

function isRemarkable(record: RequestRecord, slowMs: number): boolean {
  if (record.durationMs >= slowMs || record.status >= 500) return true;
  const outcome = toOutcome(record);
  return (outcome !== 'allowed' && outcome !== 'masked') || record.upstreamCalls.some(isFailed);
}

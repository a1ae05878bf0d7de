/** Classifies a call: the upstream failed, it answered, or the call tells nothing about it. */
import { UpstreamFailure, type UpstreamFailureKind } from '../../errors.ts';
import type { CallOutcome } from './breaker.ts';

/** Answers that the gateway refuses: the upstream is up, whatever it sends. */
const refusedAnswers: ReadonlySet<UpstreamFailureKind> = new Set([
  'answer too large',
  'redirect refused',
  'content encoding refused',
  'answer is not UTF-8',
]);

/** Answered by a proxy if the upstream is absent or overloaded. */
const absences: ReadonlySet<number> = new Set([502, 503, 504]);

export function toAnswerOutcome(status: number): CallOutcome {
  if (absences.has(status)) return 'failed';
  return status >= 500 ? 'erred' : 'answered';
}

/** `isCutShort`: the operation's deadline left the upstream too little time to judge it. */
export function toCallOutcome(error: unknown, isCutShort: boolean): CallOutcome {
  if (!(error instanceof UpstreamFailure)) return 'unknown';
  if (error.code === 'UPSTREAM_TIMEOUT') return isCutShort ? 'unknown' : 'late';
  if (refusedAnswers.has(error.kind)) return 'answered';
  // Other failures before an answer are due to the gateway, the caller, or the token endpoint.
  return error.kind === 'connection failed' ? 'failed' : 'unknown';
}

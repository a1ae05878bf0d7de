/** What a failed call says of its upstream: that it failed, that it answered all the same, or nothing. */
import { UpstreamFailure, type UpstreamFailureKind } from '../../errors.ts';
import type { CallOutcome } from './breaker.ts';

/** Answers that we would not take: the upstream is there, whatever it sends. */
const refusedAnswers: ReadonlySet<UpstreamFailureKind> = new Set([
  'answer too large',
  'redirect refused',
  'content encoding refused',
  'answer is not UTF-8',
]);

/** What stands in front of an upstream says so where that is not there, or has too much to do. */
const absences: ReadonlySet<number> = new Set([502, 503, 504]);

export function toAnswerOutcome(status: number): CallOutcome {
  if (absences.has(status)) return 'failed';
  return status >= 500 ? 'erred' : 'answered';
}

/** @param isCutShort the operation's deadline left the upstream too little time to be judged by */
export function toCallOutcome(error: unknown, isCutShort: boolean): CallOutcome {
  if (!(error instanceof UpstreamFailure)) return 'unknown';
  if (error.code === 'UPSTREAM_TIMEOUT') return isCutShort ? 'unknown' : 'late';
  if (refusedAnswers.has(error.kind)) return 'answered';
  // Anything else that is said before an answer is of ours, of the caller, or of who gives tokens.
  return error.kind === 'connection failed' ? 'failed' : 'unknown';
}

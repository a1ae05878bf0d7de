/** The outcome of a request in one word: for metrics, spans and the tail decision. */
import type { RequestRecord, UpstreamCall } from '../../request.ts';

export type RequestOutcome =
  | 'refused'
  | 'aborted'
  | 'error'
  | 'denied'
  | 'failed'
  | 'masked'
  | 'allowed';

/** `denied`: some of the fields; `failed`: some of the upstream calls. The gravest outcome wins. */
export function toOutcome(record: RequestRecord): RequestOutcome {
  const { refusal, verdicts } = record;
  if (refusal?.reason === 'gateway/internal' || record.faults.length > 0) return 'error';
  if (refusal?.reason === 'gateway/closed-by-caller' || record.aborted) return 'aborted';
  if (refusal !== undefined) return 'refused';
  if ((verdicts?.denied.length ?? 0) > 0) return 'denied';
  if (record.upstreamCalls.some(isFailed)) return 'failed';
  return (verdicts?.masked.length ?? 0) > 0 ? 'masked' : 'allowed';
}

export const isFailed = (call: UpstreamCall): boolean =>
  call.failure !== undefined || call.status >= 500;

/**
 * `error.type` of a request: set if the gateway or an upstream failed, not if a rule refused it; ''
 * otherwise. Only values of closed lists.
 */
export function toErrorType(record: RequestRecord): string {
  if (record.status >= 500) return record.refusal?.reason ?? String(record.status);
  return record.faults.length > 0 ? 'gateway/internal' : '';
}

/** `error.type` of a call: the status of an answer, or a word of a closed list; '' for success. */
export function toCallErrorType({ failure, failureKind = 'other', status }: UpstreamCall): string {
  if (failure === undefined) return status >= 400 ? String(status) : '';
  return failureKind === 'other' ? '_OTHER' : failureKind.replaceAll(' ', '_').toLowerCase();
}

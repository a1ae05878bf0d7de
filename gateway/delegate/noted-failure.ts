/** How a failed call appears in its request's record. */
import { UpstreamFailure } from '../errors.ts';
import type { UpstreamCall } from '../request.ts';

export type NotedFailure = Required<Pick<UpstreamCall, 'failure' | 'failureKind'>>;

export const faultOfOurs = Object.freeze({
  failure: 'fault of the gateway',
  failureKind: 'other',
} as const satisfies NotedFailure);

export function toNotedFailure(error: unknown): NotedFailure {
  if (!(error instanceof UpstreamFailure)) return faultOfOurs;
  return { failure: error.why, failureKind: error.kind };
}

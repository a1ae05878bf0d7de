/**
 * Renders every answer, the last step before it is sent: status, headers and body of refusals,
 * results and faults. Error entries are made here alone, so that no text of an upstream or a
 * library leaks. Every answer is `no-store`.
 *
 * Statuses follow the GraphQL over HTTP draft: with `application/json`, a well-formed GraphQL
 * request gets 200 even if its document is invalid; security refusals keep their own status in both
 * media types.
 */
import type { PublicError, Reason, Refusal } from '../decision.ts';
import type { EngineError } from '../engine.ts';
import { publicFaces, upstreamFailureMessages } from '../errors.ts';
import type { Projected } from '../plan/delivery.ts';
import { toStepUpExtensions } from '../step-up.ts';

export type MediaType = 'application/json' | 'application/graphql-response+json';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body's length in UTF-8, if it has been counted already. */
  readonly bodyBytes?: number;
  /** The body in UTF-8, if it has been encoded already. */
  readonly utf8?: Buffer | undefined;
}

/** Most errors listed one by one; one more entry counts the rest. */
export const failureErrorsMax = 100;

const statusIfGraphqlJson: ReadonlySet<Reason> = new Set<Reason>([
  'limits/syntax',
  'limits/invalid',
  'limits/operation-name',
  'limits/variables',
  'limits/fragment-cycle',
]);

export function toRefusalAnswer(refusal: Refusal, mediaType: MediaType, requestId: string): Answer {
  const { status, code, message } = publicFaces[refusal.reason];
  const detail = refusal.detail === undefined ? message : `${message} ${refusal.detail}`;
  const [coordinate] = refusal.coordinates;
  const errors: readonly PublicError[] =
    refusal.errors.length > 0
      ? refusal.errors
      : [
          {
            message: detail,
            extensions: {
              code,
              ...(coordinate === undefined ? {} : { coordinate }),
              ...(refusal.stepUp && toStepUpExtensions(refusal.stepUp)),
            },
          },
        ];
  const tells = refusal.reason === 'gateway/internal' ? { extensions: { requestId } } : {};
  const wellFormed = mediaType === 'application/json' && statusIfGraphqlJson.has(refusal.reason);
  const sent = wellFormed ? 200 : status;
  return {
    status: sent,
    headers: { ...toHeaders(mediaType, requestId), ...toRefusalHeaders(refusal, sent) },
    body: JSON.stringify({ errors, ...tells }),
  };
}

/** Answers that a flood repeats are rendered once. */
const sharedAnswers = new WeakMap<Refusal, Answer>();

/** The JSON answer shared by all requests with this refusal, so without a request id. */
export function toSharedRefusalAnswer(refusal: Refusal): Answer {
  let shared = sharedAnswers.get(refusal);
  if (shared === undefined) {
    const { status, headers, body } = toRefusalAnswer(refusal, 'application/json', '');
    const { 'x-request-id': _, ...rest } = headers;
    shared = { status, headers: rest, body };
    sharedAnswers.set(refusal, shared);
  }
  return shared;
}

export function toResultAnswer(
  projected: Projected,
  failures: readonly EngineError[],
  mediaType: MediaType,
  requestId: string,
): Answer {
  const { data, errors: refused, masked } = projected;
  const texts =
    failures.length === 0
      ? refused
      : [...refused, ...toPublicErrors(failures).map((error) => JSON.stringify(error))];
  const errors = texts.length === 0 ? '' : `"errors":[${texts.join(',')}],`;
  const extensions =
    masked.length === 0 ? '' : `,"extensions":{"masked":${JSON.stringify(masked)}}`;
  const body = `{${errors}"data":${JSON.stringify(data)}${extensions}}`;
  return { status: 200, headers: toHeaders(mediaType, requestId), body };
}

/** A preflight's answer: headers only. */
export function toEmptyAnswer(requestId: string): Answer {
  return {
    status: 204,
    headers: { 'cache-control': 'no-store', 'x-request-id': requestId },
    body: '',
  };
}

function toPublicErrors(failures: readonly EngineError[]): PublicError[] {
  const seen = new Set<string>();
  const errors: PublicError[] = [];
  let omitted = 0;
  for (const failure of failures) {
    const { path } = failure;
    const key = `${failure.code} ${JSON.stringify(path)}`;
    if (seen.has(key)) continue;
    if (errors.length >= failureErrorsMax) {
      omitted += 1;
      continue;
    }
    seen.add(key);
    errors.push({
      message: messageOf(failure.code),
      ...(path === undefined ? {} : { path }),
      extensions: { code: failure.code },
    });
  }
  if (omitted > 0) {
    errors.push({
      message: 'More of this answer failed.',
      extensions: { code: 'UPSTREAM_FAILED', omitted },
    });
  }
  return errors;
}

function messageOf(code: EngineError['code']): string {
  if (code === 'FORBIDDEN') return publicFaces['authorize/denied'].message;
  if (code === 'INTERNAL') return publicFaces['gateway/internal'].message;
  return upstreamFailureMessages[code];
}

/** What a refusal says in headers of its own. */
function toRefusalHeaders(refusal: Refusal, status: number): Record<string, string> {
  const { reason, challenge = 'Bearer' } = refusal;
  const retryAfter = retryAfterOf(status, refusal);
  return {
    ...(status === 401 ? { 'www-authenticate': challenge } : {}),
    ...(reason === 'admit/method' ? { allow: 'GET, POST' } : {}),
    ...(reason === 'admit/mutation-by-get' ? { allow: 'POST' } : {}),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  };
}

const toHeaders = (mediaType: MediaType, requestId: string): Record<string, string> => ({
  'content-type': `${mediaType}; charset=utf-8`,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
});

/** Whole seconds, rounded up; one second for any other 503. */
function retryAfterOf(status: number, { retryAfterMs }: Refusal): string | undefined {
  if (retryAfterMs !== undefined) return String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return status === 503 ? '1' : undefined;
}

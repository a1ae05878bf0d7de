/**
 * The catalogue of public errors: one code, HTTP status and message per reason.
 *
 * Errors have three sources that never mix: the caller (a Refusal), an upstream (an
 * UpstreamFailure, made at the executor) and the gateway (anything else: INTERNAL and the request
 * id). Several reasons may share a code; the compiler checks that none is missing.
 */
import type { Reason } from './decision.ts';

export interface PublicFace {
  code: string;
  /** HTTP status if the whole request is refused. */
  status: number;
  message: string;
}

const face = (status: number, code: string, message: string): PublicFace => ({
  code,
  status,
  message,
});

const badToken = face(401, 'UNAUTHENTICATED', 'The credentials were not accepted.');

const uncheckable = face(503, 'UNAVAILABLE', 'Credentials cannot be checked right now.');

const tooLarge = (message: string): PublicFace => face(400, 'DOCUMENT_TOO_LARGE', message);

const tooDeep = (message: string): PublicFace => face(400, 'DOCUMENT_TOO_DEEP', message);

const overloaded = face(503, 'OVERLOADED', 'The gateway has too much to do right now.');

export const publicFaces: Readonly<Record<Reason, PublicFace>> = Object.freeze({
  'admit/tls-handshake': face(400, 'BAD_REQUEST', 'The connection could not be secured.'),
  'admit/http-malformed': face(400, 'BAD_REQUEST', 'The request is not HTTP.'),
  'admit/host': face(421, 'MISDIRECTED_REQUEST', 'This host is not served here.'),
  'admit/headers-too-large': face(431, 'HEADERS_TOO_LARGE', 'The request headers are too large.'),
  'admit/request-timeout': face(408, 'REQUEST_TIMEOUT', 'The request did not arrive in time.'),
  'admit/method': face(405, 'METHOD_NOT_ALLOWED', 'Send GraphQL by POST, or a query by GET.'),
  'admit/path': face(404, 'NOT_FOUND', 'There is nothing here.'),
  'admit/content-type': face(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send application/json.'),
  'admit/content-encoding': face(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body uncompressed.'),
  'admit/not-acceptable': face(406, 'NOT_ACCEPTABLE', 'Answers are JSON.'),
  'admit/body-too-large': face(413, 'PAYLOAD_TOO_LARGE', 'The request body is too large.'),
  'admit/body-malformed': face(400, 'BAD_REQUEST', 'The request is not a GraphQL request.'),
  'admit/body-timeout': face(408, 'REQUEST_TIMEOUT', 'The request body did not arrive in time.'),
  'admit/batch': face(
    400,
    'BAD_REQUEST',
    'The list of operations is empty, too long or not taken here.',
  ),
  'admit/mutation-by-get': face(405, 'METHOD_NOT_ALLOWED', 'Send mutations by POST.'),
  'admit/draining': face(503, 'UNAVAILABLE', 'The gateway is shutting down.'),
  'admit/ip-blocked': face(403, 'FORBIDDEN_ADDRESS', 'Not permitted from this address.'),
  'admit/region-blocked': face(403, 'FORBIDDEN_REGION', 'Not permitted from this region.'),
  'admit/address-malformed': face(
    400,
    'BAD_REQUEST',
    'The forwarding headers are absent or malformed.',
  ),
  'admit/address-unknown': face(403, 'FORBIDDEN_ADDRESS', 'The address of the caller is unknown.'),
  'admit/overloaded': overloaded,
  'admit/too-many-in-flight': overloaded,
  'identify/missing': face(401, 'UNAUTHENTICATED', 'Credentials are required.'),
  'identify/two-credentials': face(400, 'BAD_REQUEST', 'Send one credential.'),
  'identify/scheme': face(401, 'UNAUTHENTICATED', 'Send a bearer token.'),
  'identify/token-malformed': badToken,
  'identify/token-too-large': badToken,
  'identify/token-algorithm': badToken,
  'identify/token-signature': badToken,
  'identify/token-expired': badToken,
  'identify/token-claims': badToken,
  'identify/keys-unavailable': uncheckable,
  'identify/token-inactive': badToken,
  'identify/token-binding': badToken,
  'identify/revoked': badToken,
  'identify/introspection-unavailable': uncheckable,
  'identify/proof': badToken,
  'identify/proof-replayed': badToken,
  'identify/proof-store-full': uncheckable,
  'identify/key-malformed': badToken,
  'identify/key-unknown': badToken,
  'identify/key-expired': badToken,
  'limits/syntax': face(400, 'GRAPHQL_PARSE_FAILED', 'The document does not parse.'),
  'limits/too-many-tokens': tooLarge('The document has too many tokens.'),
  'limits/too-deep': tooDeep('The operation is nested too deeply.'),
  'limits/too-high': tooLarge('The operation asks for too many different fields.'),
  'limits/too-many-root-fields': tooLarge('The operation has too many root fields.'),
  'limits/too-many-fields': tooLarge('The operation selects too many fields.'),
  'limits/too-many-aliases': tooLarge('The operation has too many aliases.'),
  'limits/too-many-directives': tooLarge('The operation has too many directives.'),
  'limits/too-many-inputs': tooLarge('The variables hold too much.'),
  'limits/introspection-too-deep': tooDeep('The introspection is nested too deeply.'),
  'limits/list-too-large': face(400, 'LIST_TOO_LARGE', 'A list is asked for too many entries.'),
  'limits/too-costly': face(400, 'OPERATION_TOO_COSTLY', 'The operation costs too much.'),
  'limits/fragment-cycle': face(400, 'GRAPHQL_VALIDATION_FAILED', 'A fragment spreads itself.'),
  'limits/invalid': face(
    400,
    'GRAPHQL_VALIDATION_FAILED',
    'The operation does not fit the schema.',
  ),
  'limits/operation-name': face(
    400,
    'OPERATION_RESOLUTION_FAILED',
    'Name one operation of the document.',
  ),
  'limits/variables': face(400, 'BAD_USER_INPUT', 'The variables do not fit the operation.'),
  'limits/subscription': face(
    400,
    'SUBSCRIPTIONS_NOT_SUPPORTED',
    'Subscriptions are not supported.',
  ),
  'limits/untrusted-document': face(
    403,
    'DOCUMENT_NOT_TRUSTED',
    'Only documents of the manifest are run.',
  ),
  // Code, message and status of these two are Apollo's protocol: clients read them.
  'limits/persisted-query-not-found': face(
    200,
    'PERSISTED_QUERY_NOT_FOUND',
    'PersistedQueryNotFound',
  ),
  'limits/persisted-query-refused': face(
    200,
    'PERSISTED_QUERY_NOT_SUPPORTED',
    'PersistedQueryNotSupported',
  ),
  'limits/persisted-query-mismatch': face(
    400,
    'BAD_REQUEST',
    'The persisted query is not the one its hash names.',
  ),
  'limits/too-many-in-flight': face(
    429,
    'TOO_MANY_IN_FLIGHT',
    'Too many operations of this caller are running.',
  ),
  'limits/reference-busy': overloaded,
  'limits/timeout': face(504, 'TIMEOUT', 'The operation took too long.'),
  'authorize/denied': face(403, 'FORBIDDEN', 'Not permitted.'),
  'authorize/step-up': face(
    401,
    'STEP_UP_REQUIRED',
    'Stronger or more recent authentication is required.',
  ),
  'authorize/introspection': face(403, 'INTROSPECTION_REFUSED', 'Introspection is not permitted.'),
  'rates/limited': face(429, 'RATE_LIMITED', 'Too many requests: try again later.'),
  'rates/store-down': face(503, 'RATE_LIMITER_UNAVAILABLE', 'Rates cannot be checked right now.'),
  'watch/audit-unavailable': face(
    503,
    'AUDIT_UNAVAILABLE',
    'What is classified cannot be recorded right now, so it does not leave.',
  ),
  'gateway/closed-by-caller': face(499, 'CLOSED', 'The caller went away.'),
  'gateway/internal': face(500, 'INTERNAL', 'The gateway failed. Quote the request id.'),
});

/** `ARGUMENT_REFUSED`: nothing was sent, because the upstream's description forbids a value. */
export type UpstreamFailureCode = 'UPSTREAM_FAILED' | 'UPSTREAM_TIMEOUT' | 'ARGUMENT_REFUSED';

/** What went wrong, for code that decides or counts by it; `other`: nothing does. */
export type UpstreamFailureKind =
  | 'connection failed'
  | 'timeout'
  | 'cancelled'
  | 'queue full'
  | 'circuit open'
  | 'transport closed'
  | 'request path refused'
  | 'no token'
  | 'answer too large'
  | 'redirect refused'
  | 'content encoding refused'
  | 'answer is not UTF-8'
  | 'other';

/**
 * A failure of an upstream. `why` is for the operator's log and holds no body, header, URL query or
 * credential; the caller sees the code and the path.
 */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly code: UpstreamFailureCode;
  readonly kind: UpstreamFailureKind;
  readonly upstream: string;
  readonly why: string;

  /** `why` defaults to the kind. */
  constructor(
    details: { code?: UpstreamFailureCode; upstream: string } & (
      | { kind: UpstreamFailureKind; why?: string | undefined }
      | { kind?: undefined; why: string }
    ),
  ) {
    const { upstream, kind = 'other', why = kind } = details;
    super(`upstream ${upstream}: ${why}`);
    this.code = details.code ?? (kind === 'timeout' ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_FAILED');
    this.kind = kind;
    this.upstream = upstream;
    this.why = why;
  }
}

export const upstreamFailureMessages: Readonly<Record<UpstreamFailureCode, string>> = Object.freeze(
  {
    UPSTREAM_FAILED: 'A service behind this field failed.',
    UPSTREAM_TIMEOUT: 'A service behind this field did not answer in time.',
    ARGUMENT_REFUSED:
      'The service behind this field does not take a value that it was to be given.',
  },
);

/**
 * The second lock refused what the plan allowed: the caller sees FORBIDDEN, the operator an alert.
 */
export class SecondLockRefusal extends Error {
  override readonly name = 'SecondLockRefusal';

  /** @param coordinate the refused field, if it is a single one: a name of the schema */
  constructor(coordinate?: string) {
    super(`refused by the second lock${coordinate === undefined ? '' : `: ${coordinate}`}`);
  }
}

/**
 * Describes a fault for the operator: the error's class and where it arose. The message is left
 * out, because libraries quote the values that they fail on.
 */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  // The message precedes the frames, and may contain lines that look like frames.
  const stack = error.stack ?? '';
  const start = stack.indexOf(error.message);
  const trace = start < 0 ? '' : stack.slice(start + error.message.length);
  const frames = trace.split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 8).map((line) => line.trim())].join(' ');
}

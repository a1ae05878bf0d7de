/**
 * The decision of a step of the walk: the request continues, or it is refused for a reason.
 *
 * Reasons are a closed list, `room/what`, stable across releases: policies, dashboards and
 * detections name them. A refusal is a value, never thrown: a thrown error is a fault of the
 * gateway and answers INTERNAL (see errors.ts).
 */

import type { ShadowEffect } from './shadow.ts';
import type { StepUp } from './step-up.ts';

export const reasons = [
  'admit/tls-handshake',
  'admit/http-malformed',
  'admit/host',
  'admit/headers-too-large',
  'admit/request-timeout',
  'admit/method',
  'admit/path',
  'admit/content-type',
  'admit/content-encoding',
  'admit/not-acceptable',
  'admit/body-too-large',
  'admit/body-malformed',
  'admit/body-timeout',
  'admit/batch',
  'admit/mutation-by-get',
  'admit/draining',
  'admit/ip-blocked',
  'admit/region-blocked',
  'admit/address-malformed',
  'admit/address-unknown',
  'admit/overloaded',
  'admit/too-many-in-flight',
  'identify/missing',
  'identify/two-credentials',
  'identify/scheme',
  'identify/token-malformed',
  'identify/token-too-large',
  'identify/token-algorithm',
  'identify/token-signature',
  'identify/token-expired',
  'identify/token-claims',
  'identify/keys-unavailable',
  'identify/token-inactive',
  'identify/token-binding',
  'identify/revoked',
  'identify/introspection-unavailable',
  'identify/proof',
  'identify/proof-replayed',
  'identify/proof-store-full',
  'identify/key-malformed',
  'identify/key-unknown',
  'identify/key-expired',
  'limits/syntax',
  'limits/too-many-tokens',
  'limits/too-deep',
  'limits/too-high',
  'limits/too-many-root-fields',
  'limits/too-many-fields',
  'limits/too-many-aliases',
  'limits/too-many-directives',
  'limits/too-many-inputs',
  'limits/introspection-too-deep',
  'limits/list-too-large',
  'limits/too-costly',
  'limits/fragment-cycle',
  'limits/invalid',
  'limits/operation-name',
  'limits/variables',
  'limits/subscription',
  'limits/untrusted-document',
  'limits/persisted-query-not-found',
  'limits/persisted-query-refused',
  'limits/persisted-query-mismatch',
  'limits/too-many-in-flight',
  'limits/reference-busy',
  'limits/timeout',
  'authorize/denied',
  'authorize/step-up',
  'authorize/introspection',
  'rates/limited',
  'rates/store-down',
  'watch/audit-unavailable',
  'gateway/closed-by-caller',
  'gateway/internal',
] as const;

export type Reason = (typeof reasons)[number];

/** A coordinate that a caller may not have, for the record; callers never see rule and scopes. */
export interface Denial {
  readonly coordinate: string;
  /** Classes of the coordinate, sorted. */
  readonly classes: readonly string[];
  /**
   * The rule that forbids, requires or would have granted; undefined if none names the coordinate.
   */
  readonly rule: string | undefined;
  /** Scopes that the unmet conditions require, whether or not the caller has some of them. */
  readonly scopes: readonly string[];
  /**
   * Kinds of the other unmet conditions, as rules write them: `roles`, `hours`; `nobody` if a rule
   * forbids the coordinate. Absent if only scopes are required.
   */
  readonly asks?: readonly string[];
  /** Set if a new sign-in alone would have granted it. */
  readonly stepUp?: true;
}

/**
 * A request that must not continue. `detail` may be shown to the caller; it holds no value of
 * theirs.
 */
export class Refusal {
  readonly reason: Reason;
  readonly detail: string | undefined;
  /** The coordinates concerned, for the caller and the record. */
  readonly coordinates: readonly string[];
  /** Details on the same coordinates, for the record alone. */
  readonly denials: readonly Denial[];
  /** Errors that a GraphQL client expects as a list; if empty, one is made from the reason. */
  readonly errors: readonly PublicError[];
  /** When to try again; undefined if waiting does not help. */
  readonly retryAfterMs: number | undefined;
  /** WWW-Authenticate of a 401. */
  readonly challenge: string | undefined;
  /** The sign-in that would let the request through; undefined if none would. */
  readonly stepUp: StepUp | undefined;
  /** What access rules in shadow mode would have done, for the record alone. */
  readonly shadows: readonly ShadowEffect[] | undefined;

  constructor(
    reason: Reason,
    details: {
      detail?: string;
      coordinates?: readonly string[];
      denials?: readonly Denial[];
      errors?: readonly PublicError[];
      retryAfterMs?: number;
      challenge?: string;
      stepUp?: StepUp;
      shadows?: readonly ShadowEffect[] | undefined;
    } = {},
  ) {
    this.reason = reason;
    this.detail = details.detail;
    this.coordinates = details.coordinates ?? [];
    this.denials = details.denials ?? [];
    this.errors = details.errors ?? [];
    this.retryAfterMs = details.retryAfterMs;
    this.challenge = details.challenge;
    this.stepUp = details.stepUp;
    this.shadows = details.shadows;
  }
}

/** One entry of `errors` in an answer; made only by the gateway. */
export interface PublicError {
  message: string;
  locations?: readonly { line: number; column: number }[];
  path?: readonly (string | number)[];
  extensions: { code: string; [key: string]: unknown };
}

/**
 * `auth: { acr: [mfa], maxAge: 5m }`: how strongly and how recently the caller signed in, by the
 * verified token's `acr` and `auth_time` (RFC 9470). Never holds for an API key, which is no
 * sign-in, even if its file gives it such claims.
 *
 * Fails closed: a time that is absent, not an integer, or further in the future than the issuer's
 * clock skew does not count, and no sign-in is recent if the time of the request is unknown.
 */
import type { z } from 'zod';
import type { Path, ProblemCode } from '../../files/config-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import { complain } from '../../files/yaml-complaint.ts';
import type { Caller } from '../../request.ts';
import { parseDuration } from '../../time/duration.ts';
import type { Situation } from '../situation.ts';

/** At least one of the two is set. */
export interface SignIn {
  /** Accepted values; undefined for any. */
  readonly acr: readonly string[] | undefined;
  /** In whole seconds; undefined for any age. */
  readonly maxAgeS: number | undefined;
}

export const signedIn =
  ({ acr, maxAgeS }: SignIn) =>
  (caller: Caller, { nowMs }: Pick<Situation, 'nowMs'>): boolean =>
    caller.kind === 'token' &&
    (acr === undefined || isOneOf(acr, caller.claims.acr)) &&
    (maxAgeS === undefined || isRecent(caller, nowMs, maxAgeS));

const isOneOf = (wanted: readonly string[], actual: unknown): boolean =>
  typeof actual === 'string' && wanted.includes(actual);

function isRecent({ claims, clockSkewMs = 0 }: Caller, nowMs: number, maxAgeS: number): boolean {
  const { auth_time: at } = claims;
  if (typeof at !== 'number' || !Number.isSafeInteger(at)) return false;
  const ageMs = nowMs - at * 1_000;
  // Also false if either is NaN.
  return ageMs >= -clockSkewMs && ageMs <= maxAgeS * 1_000;
}

type Context = { issues: z.core.$ZodRawIssue[] };

const keys = ['acr', 'maxAge'];
const acrMax = 50;
/** A longer age is a mistake. */
const maxAgeMaxS = 366 * 86_400;

/** The sign-in written at `path`; undefined if refused, with the issue in `context`. */
export function parseSignIn(value: unknown, context: Context, path: Path = []): SignIn | undefined {
  const refuse = (code: ProblemCode, message: string, ...at: Path): undefined =>
    complain(context, { code, message, path: [...path, ...at] }) as undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('wrong-type', 'must be a map of acr and maxAge');
  }
  const written = value as Record<string, unknown>;
  const unknown = Object.keys(written).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const message = `unknown key "${unknown}"${didYouMean(unknown, keys)}`;
    complain(context, { code: 'unknown-key', message, path: [...path, unknown], part: 'key' });
    return undefined;
  }
  if (Object.keys(written).length === 0) {
    return refuse('empty-condition', 'an empty condition is refused: a map of acr and maxAge');
  }
  const acr = Object.hasOwn(written, 'acr') ? toAcr(written.acr) : undefined;
  if (typeof acr === 'string') return refuse('wrong-value', acr, 'acr');
  const maxAgeS = Object.hasOwn(written, 'maxAge') ? toSeconds(written.maxAge) : undefined;
  if (typeof maxAgeS === 'string') return refuse('wrong-value', maxAgeS, 'maxAge');
  return { acr, maxAgeS };
}

/** The values are sent in a header, quoted and separated by spaces. */
const acrPattern = /^[!#-[\]-~]{1,256}$/;

function toAcr(value: unknown): readonly string[] | string {
  const isAcr = (one: unknown) => typeof one === 'string' && acrPattern.test(one);
  const fits =
    Array.isArray(value) && value.length > 0 && value.length <= acrMax && value.every(isAcr);
  return fits
    ? [...new Set<string>(value)]
    : `must be a list of 1 to ${acrMax} values of "acr": printable ASCII without spaces, " and \\`;
}

function toSeconds(value: unknown): number | string {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  const seconds = ms === undefined ? 0 : ms / 1_000;
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= maxAgeMaxS
    ? seconds
    : 'must be a duration of whole seconds such as 5m, from 1s to 366d';
}

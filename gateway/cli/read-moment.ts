/**
 * Determines the moment of a question about a caller: that of `--now`, or the present if the caller
 * has a sign-in time. Otherwise the time is unknown, and no condition on it holds. The place is
 * always unknown.
 */

import { type Situation, unknownSituation } from '../conditions/situation.ts';
import { isInstant } from '../files/cases-file.ts';
import type { Caller } from '../request.ts';

/** Undefined if the time is unknown; throws Error naming the option. */
export function readMoment(
  now: string | boolean | undefined,
  { claims }: Pick<Caller, 'claims'>,
): Situation | undefined {
  if (typeof now === 'string') {
    if (!isInstant(now)) {
      throw new Error('--now: must be a moment with its offset, such as 2026-03-02T09:00:00Z');
    }
    return { ...unknownSituation, nowMs: Date.parse(now) };
  }
  return Object.hasOwn(claims, 'auth_time')
    ? { ...unknownSituation, nowMs: Date.now() }
    : undefined;
}

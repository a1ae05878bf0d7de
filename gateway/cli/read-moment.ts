/**
 * At which moment a command asks about a caller: the one that `--now` says, or this one where the
 * caller has said when they signed in. Without either nothing is known of the time, and no condition
 * on it holds. From where is never known.
 */

import { type Situation, unknownSituation } from '../conditions/situation.ts';
import { isInstant } from '../files/cases-file.ts';
import type { Caller } from '../request.ts';

/** Undefined where nothing is known; throws Error naming the option. */
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

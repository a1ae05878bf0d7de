/**
 * Rules on trial: what `shadow: { until }` means, and what a record says of such a rule. Until its
 * day is over, in UTC, it refuses and grants nothing and what it would have done is noted; then it
 * is in force as if `shadow` were not there. A rule that allows is not: time opens nothing.
 */
import { z } from 'zod';

export interface Shadow {
  /** The last day of the trial, as written: `2026-12-31`. */
  readonly until: string;
  /** The moment at which that day is over in UTC, in milliseconds since the epoch. */
  readonly endsAtMs: number;
}

export type ShadowKind = 'access' | 'rate' | 'limit' | 'network';

/** What a rule on trial would have done with one request. */
export interface ShadowEffect {
  readonly kind: ShadowKind;
  /** As the policies name it: a rule, a rate, `limits.depth`, `deny tor`. */
  readonly rule: string;
  /** `unknown`: the operation was too large to work it out. */
  readonly effect: 'refuse' | 'grant' | 'mask' | 'unknown';
  /** Each once; none where it is about the whole request. */
  readonly coordinates: readonly string[];
}

/** Coordinates that are told of each rule and effect. */
export const shadowCoordinatesMax = 20;

/** Days that a trial may last from when it is loaded: nothing stays on trial for ever. */
export const shadowDaysMax = 366;
const dayMs = 86_400_000;

const pattern = /^(\d{4})-(\d\d)-(\d\d)$/;

/** Undefined where the calendar has no such day. */
function toShadow(until: string): Shadow | undefined {
  const [, year = '', month = '', day = ''] = pattern.exec(until) ?? [];
  const startMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // A day that there is not is counted on into the next month.
  if (!pattern.test(until) || new Date(startMs).toISOString().slice(0, 10) !== until) {
    return undefined;
  }
  return { until, endsAtMs: startMs + dayMs };
}

const wanted = 'a day that there is, like 2026-12-31: the last one of the trial, in UTC';

/** `{ until: 2026-12-31 }` */
export const shadowSchema = z
  .strictObject({
    until: z
      .string()
      .regex(pattern)
      .describe(wanted)
      .refine((text) => toShadow(text) !== undefined, {
        params: { code: 'wrong-format', message: `must be ${wanted}` },
      }),
  })
  .describe('a map with the last day of the trial: { until: 2026-12-31 }')
  .transform(({ until }) => toShadow(until) ?? z.NEVER);

export const isOver = ({ endsAtMs }: Shadow, nowMs: number): boolean => nowMs >= endsAtMs;

export const isTooFar = ({ endsAtMs }: Shadow, nowMs: number): boolean =>
  endsAtMs - nowMs > (shadowDaysMax + 1) * dayMs;

/**
 * Shadow mode: the meaning of `shadow: { until }`, and its notes in the record. Until the end of
 * that day (UTC), the rule neither refuses nor grants, and what it would have done is noted; then
 * it takes effect as if `shadow` were absent. An allow rule never does: time alone must not open
 * anything.
 */
import { z } from 'zod';

export interface Shadow {
  /** The last day of shadow mode, as written: `2026-12-31`. */
  readonly until: string;
  /** The end of that day in UTC, in milliseconds since the epoch. */
  readonly endsAtMs: number;
}

export type ShadowKind = 'access' | 'rate' | 'limit' | 'network';

/** What a rule in shadow mode would have done with one request. */
export interface ShadowEffect {
  readonly kind: ShadowKind;
  /** Named as in the policies: a rule, a rate, `limits.depth`, `deny tor`. */
  readonly rule: string;
  /** `unknown`: the operation was too large to be evaluated. */
  readonly effect: 'refuse' | 'grant' | 'mask' | 'unknown';
  /** Each once; empty if it concerns the whole request. */
  readonly coordinates: readonly string[];
}

/** Most coordinates noted per rule and effect. */
export const shadowCoordinatesMax = 20;

/** The longest shadow mode in days from loading, so that no rule stays in it forever. */
export const shadowDaysMax = 366;
const dayMs = 86_400_000;

const pattern = /^(\d{4})-(\d\d)-(\d\d)$/;

/** Undefined if the calendar has no such day. */
function toShadow(until: string): Shadow | undefined {
  const [, year = '', month = '', day = ''] = pattern.exec(until) ?? [];
  const startMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC rolls an invalid day over into the next month.
  if (!pattern.test(until) || new Date(startMs).toISOString().slice(0, 10) !== until) {
    return undefined;
  }
  return { until, endsAtMs: startMs + dayMs };
}

const wanted = 'a day that there is, like 2026-12-31: the last one of shadow mode, in UTC';

/** Such as `{ until: 2026-12-31 }`. */
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
  .describe('a map with the last day of shadow mode: { until: 2026-12-31 }')
  .transform(({ until }) => toShadow(until) ?? z.NEVER);

export const isOver = ({ endsAtMs }: Shadow, nowMs: number): boolean => nowMs >= endsAtMs;

export const isTooFar = ({ endsAtMs }: Shadow, nowMs: number): boolean =>
  endsAtMs - nowMs > (shadowDaysMax + 1) * dayMs;

/** The schema of policies/detect/*.yaml: a small, closed vocabulary over a request's record. */
import { z } from 'zod';
import { isCountryCode } from '../addresses/region-code.ts';
import { severities } from '../alert.ts';
import { complain } from '../files/yaml-complaint.ts';
import { durationPattern, parseDuration } from '../time/duration.ts';
import { distinctKinds, outcomes, perKinds } from './detection.ts';
import { detectionsMax } from './detection-counts.ts';

type Context = { issues: z.core.$ZodRawIssue[] };

const entriesMax = 100;
/** Distinct values are kept one by one. */
const distinctMax = 1_000;

const label = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:-]{0,99}$/)
  .describe('one word of letters, digits and . _ : -');

const duration = (least: string, most: string, like: string) => {
  const wanted = `a duration from ${least} to ${most}, such as ${like}`;
  return z
    .string()
    .superRefine((text, context) => {
      const ms = durationPattern.test(text) ? parseDuration(text) : undefined;
      const isBetween =
        ms !== undefined && ms >= (parseDuration(least) ?? 0) && ms <= (parseDuration(most) ?? 0);
      if (isBetween) return;
      const code = ms === undefined ? 'wrong-format' : 'out-of-range';
      complain(context, { code, message: `must be ${wanted}` });
    })
    .describe(wanted);
};

/** One of them, or a list. */
const some = <T extends z.ZodType>(one: T, wanted: string) =>
  z
    .union([one, z.array(one).min(1).max(entriesMax)])
    .describe(`${wanted}, or a list of them`)
    .optional();

const text = z.string().min(1).max(1_000);
const word = some(label, 'a name');

const reason = z
  .string()
  .regex(/^[a-z]+\/(?:\*|[a-z][a-z-]*)$/)
  .describe('a reason such as identify/token-signature, or all of a step: identify/*');

const status = z
  .union([z.int().min(100).max(599), z.enum(['1xx', '2xx', '3xx', '4xx', '5xx'])])
  .describe('a status such as 401, or 4xx');

const coordinate = z
  .string()
  .regex(/^(?:\*|[_A-Za-z]\w*\.(?:\*|[_A-Za-z]\w*(?:\([_A-Za-z]\w*:\))?))$/)
  .describe('a coordinate such as Employee.ssn, all of a type as Employee.*, or "*"');

const country = z
  .string()
  .superRefine((code, context) => {
    if (isCountryCode(code)) return;
    const message = 'must be an ISO 3166-1 code of two capital letters, like DE';
    complain(context, { code: 'wrong-format', message });
  })
  .describe('an ISO 3166-1 code of two capital letters, like DE');

const match = z
  .strictObject({
    reasons: some(reason, 'a reason'),
    outcomes: some(z.enum(outcomes), outcomes.join(', ')),
    statuses: some(status, 'a status'),
    operations: some(z.enum(['query', 'mutation', 'subscription']), 'a type of operation'),
    denied: some(coordinate, 'a refused coordinate'),
    deniedClasses: word,
    classes: word,
    coordinates: some(coordinate, 'a classified coordinate'),
    clients: some(text, 'a client'),
    issuers: some(text, 'an issuer'),
    countries: some(country, 'a country'),
    networks: word,
    rates: word,
    upstreams: word,
    secondLock: z.literal(true).describe('true').optional(),
  })
  .superRefine((asked, context) => {
    if (Object.keys(asked).length > 0 || context.issues.length > 0) return;
    const message = 'must not be empty: it would match every request';
    complain(context, { code: 'empty-condition', message });
  });

const per = z.enum(perKinds).describe(perKinds.join(', '));

const detection = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
      .describe('a name of small letters, digits and -'),
    title: z.string().min(1).max(200).optional(),
    severity: z.enum(severities),
    match,
    per: z
      .union([per, z.array(per).min(1).max(3)])
      .describe(`${perKinds.join(', ')}, or a list of up to three`)
      .optional(),
    counts: z.enum(['requests', 'records']).optional(),
    distinct: z.enum(distinctKinds).optional(),
    count: z.int().min(1).max(1_000_000_000).describe('a whole number, at least 1').default(1),
    window: duration('1s', '1d', '10m').default('1m'),
    quiet: duration('1s', '7d', '15m').default('15m'),
  })
  .superRefine(checkDetection);

interface Form {
  readonly match: Readonly<Record<string, unknown>>;
  readonly counts?: string | undefined;
  readonly distinct?: string | undefined;
  readonly count: number;
}

function checkDetection({ match: asked, counts, distinct, count }: Form, context: Context): void {
  const conflict = (path: string, message: string): void =>
    complain(context, { code: 'conflict', message, path: [path] });
  const isDelivered = asked.classes !== undefined || asked.coordinates !== undefined;
  const isDenied = asked.denied !== undefined || asked.deniedClasses !== undefined;
  if (counts !== undefined && distinct !== undefined) {
    conflict('distinct', 'it counts something, or what is distinct: name one');
  }
  if ((counts === 'records' || distinct === 'subjects') && !isDelivered) {
    const path = counts === 'records' ? 'counts' : 'distinct';
    conflict(path, 'needs `classes` or `coordinates` in `match`: values that left');
  }
  if (distinct === 'coordinates' && !isDenied) {
    conflict('distinct', 'needs `denied` or `deniedClasses` in `match`: refused coordinates');
  }
  if (asked.reasons !== undefined && isDelivered) {
    conflict('match', 'nothing leaves with a refusal: `reasons` fit no `classes` or `coordinates`');
  }
  if (distinct === undefined) return;
  const bound = (message: string): void =>
    complain(context, { code: 'out-of-range', message, path: ['count'] });
  if (count > distinctMax) bound(`at most ${distinctMax} where something has to be distinct`);
  if (count < 2) bound('at least 2 where something has to be distinct');
}

export const detectSchema = z.strictObject({
  version: z.literal(1),
  detections: z.array(detection).max(detectionsMax),
});

export type WrittenForm = z.output<typeof detection>;

/**
 * Reads the cases of detections, `policies/detect/*.cases.yaml`. A case is a timed sequence of
 * finished requests and the alerts that it is expected to raise; `fieldgate test` verifies it. The
 * serving gateway never reads these files.
 */
import { z } from 'zod';
import { parseAddress } from '../addresses/ip-address.ts';
import { isCountryCode } from '../addresses/region-code.ts';
import { durationPattern, parseDuration } from '../time/duration.ts';
import { type CasePlace, caseName, loadCaseFiles, toCaseFileSchema } from './case-files.ts';
import type { Problem } from './config-error.ts';
import { complain } from './yaml-complaint.ts';

const linesMax = 1_000;
const listedMax = 1_000;
/** Most requests in one case. */
const eventsMax = 100_000;

const moment = z
  .string()
  .regex(durationPattern)
  .describe('a duration from the beginning of the case, such as 90s')
  .transform((text) => parseDuration(text) ?? 0);

const address = z
  .string()
  .superRefine((text, context) => {
    if (parseAddress(text.replaceAll('{n}', '1')) !== undefined) return;
    complain(context, { code: 'wrong-format', message: 'must be an IP address' });
  })
  .describe('an IP address; {n} in it is the number of the repetition');

const country = z
  .string()
  .superRefine((text, context) => {
    if (isCountryCode(text)) return;
    complain(context, { code: 'wrong-format', message: 'must be a country like DE' });
  })
  .describe('a country like DE');

const text = z.string().min(1).max(1_000);
const texts = z.array(text).max(listedMax);
const counted = z.record(text, z.int().min(1).max(1_000_000));

/** The outcome of one finished request; `{n}` in a text is the number of the repetition, from 1. */
const event = z.strictObject({
  at: moment,
  times: z.int().min(1).max(eventsMax).default(1),
  every: moment.optional(),
  reason: text.optional(),
  status: z.int().min(100).max(599).optional(),
  operation: z.enum(['query', 'mutation', 'subscription']).optional(),
  denied: texts.optional(),
  /** Also refused, but a new sign-in would have opened them. */
  stepUp: texts.optional(),
  delivered: counted.optional(),
  masked: counted.optional(),
  subjects: texts.optional(),
  caller: text.optional(),
  client: text.optional(),
  issuer: text.optional(),
  token: text.optional(),
  address: address.default('192.0.2.1'),
  country: country.optional(),
  networks: texts.optional(),
  rate: text.optional(),
  upstreamFailed: texts.optional(),
  secondLock: z.literal(true).optional(),
  aborted: z.literal(true).optional(),
});

const alert = z
  .union([text, z.strictObject({ detection: text, at: moment.optional() })])
  .describe('the name of a detection, or { detection: NAME, at: 90s }');

const detectCase = z
  .strictObject({
    name: caseName,
    events: z.array(event).min(1).max(linesMax),
    expect: z.array(alert).max(listedMax),
  })
  .superRefine(({ events }, context) => {
    if (events.reduce((sum, { times }) => sum + times, 0) <= eventsMax) return;
    const message = `more than ${eventsMax} requests in all`;
    complain(context, { code: 'out-of-range', message, path: ['events'] });
  });

export const detectCasesSchema = toCaseFileSchema(detectCase);

type Written = z.output<typeof detectCase>;
export type CaseEvent = Written['events'][number];

export type DetectCase = Written & CasePlace;

/** Loads the cases in the order of files and entries, with the problems of unreadable files. */
export const loadDetectCases = (
  directory: string,
): Promise<{ readonly cases: readonly DetectCase[]; readonly problems: readonly Problem[] }> =>
  loadCaseFiles(directory, (folder) => folder === 'detect', detectCasesSchema);

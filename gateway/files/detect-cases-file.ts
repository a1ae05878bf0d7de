/**
 * The cases of detections as data: reads `policies/detect/*.cases.yaml`. A case is a sequence of what
 * finished requests came to, with times, and the alerts that it is expected to raise; `fieldgate test`
 * asks whether it does. A gateway that serves never looks at them.
 */
import { z } from 'zod';
import { parseAddress } from '../addresses/ip-address.ts';
import { isCountryCode } from '../addresses/region-code.ts';
import { durationPattern, parseDuration } from '../time/duration.ts';
import { ConfigError, type Path, type Problem } from './config-error.ts';
import { listCaseFiles } from './policy-folder.ts';
import { checkYaml } from './yaml-check.ts';
import { complain } from './yaml-complaint.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

type Context = { issues: z.core.$ZodRawIssue[] };

const casesMax = 1_000;
const linesMax = 1_000;
const listedMax = 1_000;
/** Requests of one case. */
export const eventsMax = 100_000;

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

/** What one finished request came to; `{n}` in a text is the number of the repetition, from 1. */
const event = z.strictObject({
  at: moment,
  times: z.int().min(1).max(eventsMax).default(1),
  every: moment.optional(),
  reason: text.optional(),
  status: z.int().min(100).max(599).optional(),
  operation: z.enum(['query', 'mutation', 'subscription']).optional(),
  denied: texts.optional(),
  /** Refused too; a new sign-in alone would have opened them. */
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
    name: z.string().min(1).max(200),
    events: z.array(event).min(1).max(linesMax),
    expect: z.array(alert).max(listedMax),
  })
  .superRefine(({ events }, context) => {
    if (events.reduce((sum, { times }) => sum + times, 0) <= eventsMax) return;
    const message = `more than ${eventsMax} requests in all`;
    complain(context, { code: 'out-of-range', message, path: ['events'] });
  });

export const detectCasesSchema = z.strictObject({
  version: z.literal(1).optional(),
  cases: z.array(detectCase).max(casesMax).superRefine(refuseRepeats),
});

/** One of two would be read as the other where they fail. */
function refuseRepeats(cases: readonly { readonly name: string }[], context: Context): void {
  const seen = new Set<string>();
  for (const [index, { name }] of cases.entries()) {
    if (seen.has(name)) {
      const message = 'another case of this file has this name';
      complain(context, { code: 'duplicate-name', message, path: [index, 'name'] });
    }
    seen.add(name);
  }
}

type Written = z.output<typeof detectCase>;
export type CaseEvent = Written['events'][number];

export interface DetectCase extends Written {
  readonly source: YamlSource;
  /** Where it stands in its file. */
  readonly path: Path;
}

/** The cases by file and as written, and what is wrong with files that hold none. */
export async function loadDetectCases(
  directory: string,
): Promise<{ readonly cases: readonly DetectCase[]; readonly problems: readonly Problem[] }> {
  const cases: DetectCase[] = [];
  const problems: Problem[] = [];
  for (const file of await listCaseFiles(directory, (folder) => folder === 'detect')) {
    try {
      const source = await readYaml(file);
      const found = checkYaml(source, detectCasesSchema).cases;
      cases.push(...found.map((one, index) => ({ ...one, source, path: ['cases', index] })));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  return { cases, problems };
}

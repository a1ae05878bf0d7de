/**
 * Reads the policy cases, `*.cases.yaml` beside the policies. A case states what a caller is
 * expected to get for a query; `fieldgate test` verifies it. The serving gateway never reads these
 * files. A file with an unknown key is refused.
 */
import { z } from 'zod';
import { parseAddress } from '../addresses/ip-address.ts';
import { type CasePlace, caseName, loadCaseFiles, toCaseFileSchema } from './case-files.ts';
import type { Problem } from './config-error.ts';
import { complain } from './yaml-complaint.ts';

const entriesMax = 1_000;

/** scope-token of RFC 6749, section 3.3: a text with a space would match no scope. */
const scopes = z
  .array(
    z
      .string()
      .regex(/^[!#-[\]-~]+$/)
      .describe('a scope: printable ASCII without spaces, " and \\'),
  )
  .max(entriesMax);
const texts = z.array(z.string().min(1)).max(entriesMax);

const address = z
  .string()
  .superRefine((text, context) => {
    if (parseAddress(text) !== undefined) return;
    complain(context, { code: 'wrong-format', message: 'must be an IP address' });
  })
  .describe('an IP address');

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const instant = z
  .string()
  .regex(instantPattern)
  .superRefine((text, context) => {
    if (!instantPattern.test(text) || isInstant(text)) return;
    complain(context, { code: 'wrong-format', message: 'there is no such day or time' });
  })
  .describe('a moment in ISO 8601 with its offset, like 2026-03-02T09:00:00Z');

/**
 * Whether the text is an existing moment; Date.parse reads the 31st of February as a day in March.
 */
export function isInstant(text: string): boolean {
  if (!instantPattern.test(text)) return false;
  const day = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(day) || Number.isNaN(Date.parse(text))) return false;
  return new Date(day).toISOString().startsWith(text.slice(0, 10));
}

const caller = z
  .strictObject({
    scopes: scopes.optional(),
    roles: texts.optional(),
    claims: z.record(z.string(), z.unknown()).optional(),
    client: z.string().min(1).optional(),
    address: address.optional(),
    now: instant.optional(),
  })
  .superRefine((given, context) => {
    // Unknown keys are removed from `given` and reported already.
    if (Object.keys(given).length > 0 || context.issues.length > 0) return;
    const message =
      'must not be empty: `anonymous`, or `scopes: []` for somebody who is known and has nothing';
    complain(context, { code: 'empty', message });
  });

const expected = z.enum(['allow', 'mask', 'mask-or-deny', 'depends', 'deny', 'hidden', 'reject']);
const coordinate = z
  .string()
  .regex(/^[_A-Za-z]\w*\.[_A-Za-z]\w*(?:\([_A-Za-z]\w*:\))?$/)
  .describe('a coordinate, like Employee.ssn or Query.employees(limit:)');

const policyCase = z.strictObject({
  name: caseName,
  as: z
    .union([z.literal('anonymous'), caller])
    .describe('anonymous, or a map of scopes, roles, claims, client, address and now')
    .optional(),
  query: z.string().min(1),
  variables: z.record(z.string(), z.unknown()).optional(),
  operation: z.string().min(1).optional(),
  expect: z.record(coordinate, expected).superRefine((entries, context) => {
    if (Object.keys(entries).length <= entriesMax) return;
    complain(context, { code: 'out-of-range', message: `must be at most ${entriesMax} entries` });
  }),
});

export const casesSchema = toCaseFileSchema(policyCase);

type Written = z.output<typeof policyCase>;
export type ExpectedVerdict = z.output<typeof expected>;
export type CaseCaller = Exclude<Written['as'], undefined | 'anonymous'>;

export type PolicyCase = Written & CasePlace;

/** Loads the cases of all folders but `detect`, whose format differs, and problems of files. */
export const loadCases = (
  directory: string,
): Promise<{ readonly cases: readonly PolicyCase[]; readonly problems: readonly Problem[] }> =>
  loadCaseFiles(directory, (folder) => folder !== 'detect', casesSchema);

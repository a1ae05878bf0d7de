/**
 * The parts of the Sigma specification 2.1.0 that the rules of gateway/watch/sigma use, checked
 * strictly: what is not used here is refused, also where the specification has it. Written from the
 * specification's text; the official JSON schemas are not copied.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { type Detection, modifiers } from './match-event.ts';

const line = z.string().trim().min(3);
const scalar = z.union([z.string().min(1), z.number(), z.boolean()]);
const values = z.union([scalar, z.array(scalar).min(2)]);
const itemName = z.templateLiteral([
  z.string().regex(/^[a-z_]+(?:\.[a-z_]+)*$/),
  z.union([z.literal(''), z.templateLiteral(['|', z.enum(modifiers)])]),
]);
const map = z.record(itemName, values).refine((items) => Object.keys(items).length > 0);
const selection = z.union([map, z.array(map).min(2)]);

const common = {
  title: line.max(256),
  id: z.uuidv4(),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]+$/)
    .optional(),
  status: z.enum(['stable', 'test', 'experimental', 'deprecated', 'unsupported']),
  author: line,
  date: z.iso.date(),
  /** What it is, and what to do. */
  description: line,
  falsepositives: z.array(line).min(1),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']),
  tags: z.array(z.string().regex(/^attack\.(?:[a-z]+(?:-[a-z]+)*|t\d{4}(?:\.\d{3})?)$/)).min(2),
};

const eventRule = z.strictObject({
  ...common,
  logsource: z.strictObject({
    category: z.literal('application'),
    product: z.literal('fieldgate'),
    service: z.literal('audit'),
  }),
  detection: z
    .object({ condition: line })
    .catchall(selection)
    .refine((detection) => Object.keys(detection).length > 1)
    .transform((detection) => detection as Detection),
});

const threshold = { gte: z.int().min(2) };

const correlationRule = z.strictObject({
  ...common,
  correlation: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('event_count'),
      rules: z.array(line).min(1),
      'group-by': z.array(line).min(1).optional(),
      timespan: z.string().regex(/^[1-9]\d*[smhd]$/),
      condition: z.strictObject(threshold),
    }),
    z.strictObject({
      type: z.literal('value_count'),
      rules: z.array(line).min(1),
      'group-by': z.array(line).min(1).optional(),
      timespan: z.string().regex(/^[1-9]\d*[smhd]$/),
      condition: z.strictObject({ field: line, ...threshold }),
    }),
  ]),
});

export type EventRule = z.infer<typeof eventRule>;
export type CorrelationRule = z.infer<typeof correlationRule>;
export type SigmaRule = EventRule | CorrelationRule;

export const isCorrelation = (rule: EventRule | CorrelationRule): rule is CorrelationRule =>
  'correlation' in rule;

/** One document of a rule file; throws where it is not of the form above. */
export function toSigmaRule(document: unknown): EventRule | CorrelationRule {
  const isCorrelating =
    typeof document === 'object' && document !== null && 'correlation' in document;
  return isCorrelating ? correlationRule.parse(document) : eventRule.parse(document);
}

/** All documents of one file's text. */
export function parseSigma(text: string): (EventRule | CorrelationRule)[] {
  return parseAllDocuments(text, { strict: true, uniqueKeys: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return toSigmaRule(document.toJS());
  });
}

export const sigmaFolder = fileURLToPath(new URL('../../../gateway/watch/sigma/', import.meta.url));

/** The files that ship, without their folder. */
export const ruleFiles = readdirSync(join(sigmaFolder, 'rules')).sort();

/** The rules of all of them. */
export function loadSigmaRules(): SigmaRule[] {
  return ruleFiles.flatMap((file) =>
    parseSigma(readFileSync(join(sigmaFolder, 'rules', file), 'utf8')),
  );
}

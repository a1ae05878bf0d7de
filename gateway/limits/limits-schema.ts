/** The schema of a file in policies/limits. No setting can mean "no limit". */
import { z } from 'zod';
import { complain } from '../files/yaml-complaint.ts';
import { shadowSchema } from '../shadow.ts';

const upTo = (maximum: number, minimum = 1) =>
  z
    .int()
    .min(minimum)
    .max(maximum)
    .describe(`a whole number from ${minimum} to ${maximum}`)
    .optional();

const whole = (maximum: number) =>
  z.int().min(1).max(maximum).describe(`a whole number from 1 to ${maximum}`);

/** A limit of documents: may be in shadow mode beside the one in force. */
const ofDocument = (maximum: number) =>
  z
    .union([
      whole(maximum),
      z.strictObject({
        limit: whole(maximum),
        enforced: whole(maximum).optional(),
        shadow: shadowSchema,
      }),
    ])
    .describe(`a whole number from 1 to ${maximum}, or { limit, enforced, shadow }`)
    .optional();

const limits = z.strictObject({
  bodyBytes: upTo(10_485_760),
  tokens: ofDocument(100_000),
  depth: ofDocument(100),
  height: ofDocument(100_000),
  rootFields: ofDocument(1_000),
  fields: ofDocument(100_000),
  aliases: ofDocument(100_000),
  directives: ofDocument(100_000),
  introspectionDepth: ofDocument(100),
  inputs: upTo(10_000_000),
  listSize: ofDocument(1_000_000),
  cost: ofDocument(1_000_000_000),
  inFlight: upTo(100_000),
  inFlightPerCaller: upTo(100_000),
  referenceInFlight: upTo(10_000),
  referenceFactor: upTo(1_000),
  timeoutMs: upTo(300_000),
});

const weightMax = 1_000_000;
const weight = z.number().min(0).max(weightMax).describe(`a number from 0 to ${weightMax}`);

const weighed = z
  .string()
  .regex(/^[_A-Za-z]\w*(?:\.[_A-Za-z]\w*(?:\([_A-Za-z]\w*:\))?)?$/)
  .describe('a coordinate, such as Query.search, Query.search(text:), Employee or Filter.name');

const fieldCoordinate = z
  .string()
  .regex(/^[_A-Za-z]\w*\.[_A-Za-z]\w*$/)
  .describe('a coordinate, such as Query.employees');

const argumentPath = z
  .string()
  .regex(/^[_A-Za-z]\w*(?:\.[_A-Za-z]\w*){0,9}$/)
  .describe('an argument, or a path such as page.size');

const fieldName = z
  .string()
  .regex(/^[_A-Za-z]\w*$/)
  .describe('a field name');

const listSize = z
  .strictObject({
    arguments: z.array(argumentPath).min(1).max(20).optional(),
    sizedFields: z.array(fieldName).min(1).max(20).optional(),
    assumed: upTo(1_000_000),
  })
  .refine((size) => Object.values(size).some((value) => value !== undefined), {
    params: { code: 'empty', message: 'must not be empty: arguments, sizedFields or assumed' },
  });

const file = z.string().min(1).max(4_096).describe('the path of a JSON file');

const persistedQueries = z.strictObject({
  enabled: z.boolean(),
  entriesMax: upTo(1_000_000),
  bytesMax: upTo(1_073_741_824),
});

export const limitsSchema = z
  .strictObject({
    version: z.literal(1),
    limits: limits.optional(),
    weights: z.record(weighed, weight).optional(),
    listSizes: z.record(fieldCoordinate, listSize).optional(),
    upstreamCall: upTo(weightMax, 0),
    mutation: upTo(weightMax, 0),
    assumedListSize: upTo(1_000_000),
    documents: z.enum(['any', 'trusted']).optional(),
    manifest: z.union([file, z.array(file).min(1).max(100)]).optional(),
    persistedQueries: persistedQueries.optional(),
  })
  .superRefine((written, context) => {
    const trusted = written.documents === 'trusted';
    if (trusted && written.manifest === undefined) {
      const message = '`trusted` needs "manifest": the documents that may run';
      complain(context, { code: 'missing-key', message, path: ['documents'] });
    }
    if (trusted && written.persistedQueries?.enabled === true) {
      const message = 'with trusted documents nothing else may be persisted: take this out';
      complain(context, { code: 'conflict', message, path: ['persistedQueries'], part: 'key' });
    }
  });

export type LimitsFile = z.output<typeof limitsSchema>;

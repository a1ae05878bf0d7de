/**
 * The part of gateway.yaml about the audit log; without it there is none. If the log cannot be
 * written, answers with classified data are refused and everything else continues.
 */
import { z } from 'zod';
import { complain } from '../files/yaml-complaint.ts';
import { durationPattern, parseDuration } from '../time/duration.ts';
import { filePath } from './config-listen.ts';

export interface AuditConfig {
  readonly directory: string;
  readonly durability: 'batch' | 'strict';
  readonly onFull: 'refuse-classified';
  /** By object type: the type of the data subject, and the field that holds the subject's id. */
  readonly subjects: Readonly<Record<string, { readonly of: string; readonly id: string }>>;
  readonly rotate: { readonly bytes: number; readonly afterMs: number };
  readonly checkpoint: { readonly records: number; readonly everyMs: number };
  /** Undefined: kept for ever. */
  readonly retentionMs: number | undefined;
  /** Undefined: a key is generated, for demos. */
  readonly signingKey: { readonly file?: string; readonly env?: string } | undefined;
  readonly subjectKeys: { readonly file: string } | undefined;
}

const duration = (least: string, most: string) =>
  z
    .string()
    .superRefine((text, context) => {
      const ms = durationPattern.test(text) ? parseDuration(text) : undefined;
      if (ms !== undefined && ms >= toMs(least) && ms <= toMs(most)) return;
      const message = `must be a duration of ${least} to ${most}`;
      complain(context, { code: ms === undefined ? 'wrong-format' : 'out-of-range', message });
    })
    .describe(`a duration of ${least} to ${most}`);

const toMs = (text: string): number => parseDuration(text) ?? 0;

const name = z
  .string()
  .regex(/^[_A-Za-z][_0-9A-Za-z]*$/)
  .describe('a GraphQL name');

const subject = z
  .union([name, z.strictObject({ of: name, id: name })])
  .describe('a field that holds the id, or { of: TYPE, id: FIELD } for a record of somebody else');

const signingKey = z
  .strictObject({ file: filePath.optional(), env: name.optional() })
  .superRefine(({ file, env }, context) => {
    if ((file === undefined) !== (env === undefined)) return;
    const message = 'the signing key comes from a "file" or from an "env" variable: name one';
    complain(context, { code: 'conflict', message });
  });

export const auditSchema = z.strictObject({
  directory: filePath.default('var/audit'),
  durability: z.enum(['batch', 'strict']).default('batch'),
  onFull: z.literal('refuse-classified').default('refuse-classified'),
  subjects: z.record(name, subject).default({}),
  rotate: z
    .strictObject({
      bytes: z.int().min(65_536).max(268_435_456).default(67_108_864),
      after: duration('1m', '1d').default('1h'),
    })
    .prefault({}),
  checkpoint: z
    .strictObject({
      records: z.int().min(1).max(50_000).default(10_000),
      every: duration('1s', '10m').default('10s'),
    })
    .prefault({}),
  retention: z
    .union([z.literal('forever'), duration('1h', '36500d')])
    .describe('`forever`, or a duration such as 400d')
    .default('forever'),
  signingKey: signingKey.optional(),
  subjectKeys: z.strictObject({ file: filePath }).optional(),
});

/** Converts the section to the gateway's form; `resolve` makes paths absolute. */
export function toAudit(
  written: z.output<typeof auditSchema>,
  resolve: (path: string) => string,
): AuditConfig {
  const { directory, durability, onFull, subjects, rotate, checkpoint, retention } = written;
  const { signingKey: key, subjectKeys } = written;
  return {
    directory: resolve(directory),
    durability,
    onFull,
    subjects: Object.fromEntries(
      Object.entries(subjects).map(([type, one]) => [
        type,
        typeof one === 'string' ? { of: type, id: one } : one,
      ]),
    ),
    rotate: { bytes: rotate.bytes, afterMs: toMs(rotate.after) },
    checkpoint: { records: checkpoint.records, everyMs: toMs(checkpoint.every) },
    retentionMs: retention === 'forever' ? undefined : toMs(retention),
    signingKey: key && {
      ...(key.file !== undefined && { file: resolve(key.file) }),
      ...(key.env !== undefined && { env: key.env }),
    },
    subjectKeys: subjectKeys && { file: resolve(subjectKeys.file) },
  };
}

/** The parts of an audit event that queries read, each of its type; else the line is no event. */
import { z } from 'zod';

/** Beyond this, a Date shows no time. */
const timeMsMax = 8.64e15;

const schema = z.looseObject({
  time: z.number().min(-timeMsMax).max(timeMsMax),
  actor: z
    .looseObject({
      user: z.looseObject({ uid: z.string().optional(), name: z.string().optional() }).optional(),
      app_uid: z.string().optional(),
      session: z.looseObject({ issuer: z.string().optional() }).optional(),
    })
    .optional(),
  api: z.looseObject({ operation: z.string().optional() }).optional(),
  http_response: z.looseObject({ code: z.number() }).optional(),
  src_endpoint: z.looseObject({ ip: z.string().optional() }).optional(),
  unmapped: z.looseObject({
    gateway: z.looseObject({
      decision: z.string(),
      request: z.string().optional(),
      continues: z.boolean().optional(),
      delivered: z
        .array(
          z.looseObject({
            field: z.string(),
            classes: z.array(z.string()).optional(),
            count: z.number().optional(),
            masked: z.number().optional(),
            rule: z.string().optional(),
          }),
        )
        .optional(),
      subjects: z
        .array(
          z.looseObject({
            type: z.string(),
            fields: z.array(z.number()),
            ids: z.array(z.string()),
          }),
        )
        .optional(),
      subject_unknown: z.number().optional(),
      chain: z.looseObject({ id: z.string(), seq: z.number() }),
    }),
  }),
});

export type AuditEvent = z.output<typeof schema>;
export type Delivered = NonNullable<AuditEvent['unmapped']['gateway']['delivered']>[number];

/** Undefined if the line is no event, or one with a part of another type. */
export function readCheckedEvent(line: Buffer): AuditEvent | undefined {
  try {
    return schema.safeParse(JSON.parse(line.toString('utf8'))).data;
  } catch {
    // Malformed, perhaps tampered with: verification reports that.
    return undefined;
  }
}

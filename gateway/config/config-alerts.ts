/**
 * The part of gateway.yaml about where alerts go besides the audit trail. URLs follow the rules of
 * identity providers: https, and private networks only if the entry permits them.
 */
import { z } from 'zod';
import { type Severity, severities } from '../alert.ts';
import { complain } from '../files/yaml-complaint.ts';
import { toSigningKey } from '../watch/alerts/standard-body.ts';
import { checkReach, privateNetwork, providerUrl } from './config-provider-url.ts';

const alertFormats = ['standard', 'slack', 'pagerduty'] as const;
export type AlertFormat = (typeof alertFormats)[number];

export interface WebhookConfig {
  /** The name in logs and metrics, because the URL may hold a secret. */
  readonly name: string;
  readonly url: string;
  readonly format: AlertFormat;
  /** `standard`: the key, `whsec_` and base64; `pagerduty`: the routing key; `slack`: none. */
  readonly secret: string | undefined;
  readonly minSeverity: Severity;
  readonly include: readonly ('caller' | 'address')[];
  readonly privateNetwork: boolean;
}

export interface AlertsConfig {
  readonly webhooks: readonly WebhookConfig[];
}

type Context = { issues: z.core.$ZodRawIssue[] };

const webhook = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
      .describe('a name of small letters, digits and -')
      .optional(),
    url: providerUrl,
    format: z.enum(alertFormats),
    secret: z.string().min(1).max(1_000).optional(),
    minSeverity: z.enum(severities).default('informational'),
    include: z
      .array(z.enum(['caller', 'address']))
      .max(2)
      .default([]),
    privateNetwork,
  })
  .superRefine(checkSecret)
  .superRefine((value, context) => checkReach(value, { key: 'url', url: value.url }, context));

interface Form {
  readonly format: AlertFormat;
  readonly secret?: string | undefined;
}

/** Each format needs its own kind of secret, or none. */
function checkSecret({ format, secret }: Form, context: Context): void {
  const say = (code: 'missing-key' | 'wrong-format' | 'conflict', message: string): void =>
    complain(context, {
      code,
      message,
      path: ['secret'],
      part: code === 'conflict' ? 'key' : 'value',
    });
  if (format === 'slack') {
    if (secret !== undefined) say('conflict', 'a Slack webhook has no secret but its URL');
    return;
  }
  if (secret === undefined) {
    const what = format === 'standard' ? 'the signing key, whsec_…' : 'the routing key';
    say('missing-key', `"secret" is required: ${what}`);
    return;
  }
  if (format === 'pagerduty' && !/^[A-Za-z0-9]{32}$/.test(secret)) {
    say('wrong-format', 'must be a routing key: 32 letters and digits');
  }
  if (format === 'standard' && toSigningKey(secret) === undefined) {
    say('wrong-format', 'must be whsec_ and the base64 of 24 to 64 bytes');
  }
}

export const alertsSchema = z.strictObject({
  webhooks: z.array(webhook).max(10).default([]).superRefine(refuseRepeats),
});

function refuseRepeats(
  webhooks: readonly { readonly name?: string | undefined }[],
  context: Context,
): void {
  const seen = new Set<string>();
  for (const [index, one] of webhooks.entries()) {
    const name = nameOf(one, index);
    if (seen.has(name)) {
      const message = `the name "${name}" is taken by another webhook`;
      complain(context, { code: 'duplicate-name', message, path: [index] });
    }
    seen.add(name);
  }
}

const nameOf = ({ name }: { readonly name?: string | undefined }, index: number): string =>
  name ?? `webhook-${index + 1}`;

/** Converts the section to the gateway's form. */
export function toAlerts({ webhooks }: z.output<typeof alertsSchema>): AlertsConfig {
  return {
    webhooks: webhooks.map((one, index) => ({
      ...one,
      name: nameOf(one, index),
      secret: one.secret,
      privateNetwork: one.privateNetwork === true,
    })),
  };
}

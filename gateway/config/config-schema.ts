/**
 * The schema of gateway.yaml, and the checks that span several sections. Keys of later versions are
 * refused by name.
 */
import { z } from 'zod';
import { didYouMean } from '../files/nearest.ts';
import { complain } from '../files/yaml-complaint.ts';
import { isJsonObject } from '../json-value.ts';
import { alertsSchema } from './config-alerts.ts';
import { auditSchema } from './config-audit.ts';
import { checkCredentialHeaders, identitySchema } from './config-identity.ts';
import { adminSchema, filePath, listenSchema } from './config-listen.ts';
import { checkStore, storeKeys } from './config-store.ts';
import { telemetrySchema } from './config-telemetry.ts';
import { joinsSchema, linksSchema, upstreamsSchema } from './config-upstreams.ts';

const batch = z.strictObject({
  max: z
    .int()
    .min(0)
    .max(100)
    .describe('how many operations one request may hold as a list, 0 to 100')
    .default(10),
});

/** The key must be equal in all instances whose hashes should match. */
const masks = z.strictObject({
  key: z.string().min(32).max(1_000).describe('text of 32 characters or more').optional(),
});

export const configSchema = z
  .strictObject({
    version: z.literal(1),
    listen: listenSchema.prefault({}),
    admin: adminSchema.prefault({}),
    upstreams: upstreamsSchema,
    joins: joinsSchema.default({}),
    links: linksSchema.default({}),
    identity: identitySchema,
    policies: filePath.default('policies'),
    introspection: z.enum(['everyone', 'authenticated', 'nobody']).default('authenticated'),
    engine: z.enum(['compiled', 'reference']).default('compiled'),
    ...storeKeys,
    masks: masks.prefault({}),
    telemetry: telemetrySchema.prefault({}),
    audit: auditSchema.optional(),
    alerts: alertsSchema.prefault({}),
    batch: batch.prefault({}),
  })
  .superRefine(checkNames, { when: ({ value }) => isJsonObject(value) })
  .superRefine(checkPorts)
  .superRefine(checkStore)
  .superRefine(checkCredentialHeaders);

type Context = { issues: z.core.$ZodRawIssue[] };

const entries = (value: unknown): [string, unknown][] =>
  isJsonObject(value) ? Object.entries(value) : [];

/** Checks that upstreams named by joins and links exist. Runs on partly valid values. */
function checkNames(config: object, context: Context): void {
  const { upstreams, joins, links } = config as Readonly<Record<string, unknown>>;
  const known = entries(upstreams).map(([name]) => name);
  const check = (name: unknown, path: string[], part: 'key' | 'value'): void => {
    if (typeof name !== 'string' || known.includes(name)) return;
    const message = `there is no upstream "${name}"${didYouMean(name, known)}`;
    complain(context, { code: 'unknown-name', message, path, part });
  };
  for (const [type, join] of entries(joins)) {
    const named = entries(join).filter(([name]) => name !== 'key');
    for (const [name] of named) check(name, ['joins', type, name], 'key');
    if (isJsonObject(join) && named.length === 0) {
      const message = 'a join names at least one upstream';
      complain(context, { code: 'empty', message, path: ['joins', type], part: 'key' });
    }
  }
  for (const [field, link] of entries(links)) {
    if (isJsonObject(link)) check(link.upstream, ['links', field, 'upstream'], 'value');
  }
}

interface Doors {
  listen: { host: string; port: number };
  admin: { host: string; port: number };
}

function checkPorts({ listen, admin }: Doors, context: Context): void {
  if (listen.port === 0 || listen.port !== admin.port || listen.host !== admin.host) return;
  const message = 'the admin port must differ from the port of `listen`';
  complain(context, { code: 'conflict', message, path: ['admin', 'port'] });
}

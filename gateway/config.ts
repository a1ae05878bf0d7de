/**
 * Loads gateway.yaml, checks it, fills in defaults and freezes the result.
 *
 * Fails closed: an unknown key, a missing variable or a key of a later version prevents the start
 * and is reported with file, line and column. Relative paths are resolved against the file's
 * directory.
 */
import { dirname, isAbsolute, join } from 'node:path';
import type { z } from 'zod';
import { type AlertsConfig, toAlerts } from './config/config-alerts.ts';
import { type AuditConfig, toAudit } from './config/config-audit.ts';
import { type IdentityConfig, toIdentity } from './config/config-identity.ts';
import { isUrl } from './config/config-provider-url.ts';
import { configSchema } from './config/config-schema.ts';
import { type TelemetryConfig, toTelemetryConfig } from './config/config-telemetry.ts';
import { deepFreeze } from './deep-freeze.ts';
import type { Environment } from './files/environment-text.ts';
import { checkYaml } from './files/yaml-check.ts';
import { readYaml, type YamlSource } from './files/yaml-source.ts';
import { mapValues } from './map-values.ts';

export interface Config {
  /** The file this came from. */
  readonly file: string;
  readonly listen: ListenConfig;
  readonly admin: {
    readonly host: string;
    readonly port: number;
    readonly console?: boolean | undefined;
  };
  /** In file order. */
  readonly upstreams: readonly UpstreamConfig[];
  /** By type name. */
  readonly joins: Readonly<Record<string, JoinConfig>>;
  /** By coordinate, `Employee.manager`. */
  readonly links: Readonly<Record<string, LinkConfig>>;
  readonly identity: IdentityConfig;
  /** Directory of the policies. */
  readonly policies: string;
  readonly introspection: 'everyone' | 'authenticated' | 'nobody';
  /** `reference` runs every operation on the reference engine. */
  readonly engine: 'compiled' | 'reference';
  readonly store: StoreConfig;
  /** Most operations in one batched request; 0 refuses batches. */
  readonly batch: { readonly max: number };
  /** Key of the mask `hash`; undefined: random at each start. */
  readonly masks: { readonly key: string | undefined };
  /** Undefined: no audit log is kept. */
  readonly audit: AuditConfig | undefined;
  readonly telemetry: TelemetryConfig;
  readonly alerts: AlertsConfig;
}

export interface StoreConfig {
  readonly urls: 'memory' | string | readonly string[];
  readonly onStoreDown: 'refuse' | 'local' | undefined;
  readonly instances: number | undefined;
  readonly secret: string | undefined;
}

export interface ListenConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly path: string;
  /** Host names and addresses that requests may name; undefined: any. */
  readonly hosts: readonly string[] | undefined;
  /** PEM files. */
  readonly tls: TlsConfig | undefined;
  /** Exact origins. */
  readonly cors: { readonly origins: readonly string[] } | undefined;
}

export interface TlsConfig {
  readonly cert: string;
  readonly key: string;
  /** Authorities for client certificates that tokens may be bound to. */
  readonly clientCa: string | undefined;
}

interface UpstreamBase {
  readonly name: string;
  /** Absolute, http or https, without credentials, query and fragment. */
  readonly url: string;
  /** By lower-case name; values may hold `{claims.path}`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly forward: readonly string[];
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  readonly connections: number;
  readonly retries: { readonly attempts: number; readonly budget: number };
  /** A PEM file. */
  readonly ca: string | undefined;
  /** PEM files. */
  readonly mtls: { readonly cert: string; readonly key: string } | undefined;
  readonly oauth: OauthConfig | undefined;
  /** Whether a public host name may resolve to a private address. */
  readonly privateNetwork: boolean;
}

/** The client-credentials grant of RFC 6749, 4.4. */
export interface OauthConfig {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  readonly audience: string | undefined;
}

export interface OpenApiUpstreamConfig extends UpstreamBase {
  readonly kind: 'openapi';
  /** A URL, or the path of a file. */
  readonly file: string;
  /** The query parameter that selects properties. */
  readonly select:
    | {
        readonly parameter: string;
        readonly in?: string | undefined;
        readonly nested: 'top' | 'dotted';
      }
    | undefined;
  /** A map such as `Query.employee` to `GET /employees/{id}`, or every GET, or everything. */
  readonly operations: 'reads' | 'all' | Readonly<Record<string, string>>;
}

export interface GraphqlUpstreamConfig extends UpstreamBase {
  readonly kind: 'graphql';
  readonly file: string;
  /** The root fields to include; undefined: all. */
  readonly operations: readonly string[] | undefined;
  /** Prefix of its type names in the graph; undefined: none. */
  readonly prefix: string | undefined;
}

export type UpstreamConfig = OpenApiUpstreamConfig | GraphqlUpstreamConfig;

export interface JoinConfig {
  readonly key: string;
  /** By upstream name. */
  readonly upstreams: Readonly<Record<string, JoinEntry>>;
}

export interface JoinEntry {
  readonly field: string;
  readonly argument: string;
  readonly batch: boolean;
}

export interface LinkConfig extends JoinEntry {
  readonly upstream: string;
  readonly from: string;
}

export type { IdentityConfig, JwtConfig } from './config/config-identity.ts';

type Written = z.output<typeof configSchema>;
type Resolve = (path: string) => string;

/** Reads and checks a file; throws ConfigError with every problem found. */
export async function loadConfig(file: string, options: { env: Environment }): Promise<Config> {
  return toConfig(await readYaml(file, options));
}

/** The configuration in a file that has been read; throws ConfigError with every problem found. */
export function toConfig(source: YamlSource): Config {
  const { file } = source;
  const written = checkYaml(source, configSchema);
  const resolve: Resolve = (path) => (isAbsolute(path) ? path : join(dirname(file), path));
  const { tls, cors, hosts, ...listen } = written.listen;
  return deepFreeze<Config>({
    file,
    listen: {
      ...listen,
      hosts,
      tls: tls && {
        cert: resolve(tls.cert),
        key: resolve(tls.key),
        clientCa: tls.clientCa && resolve(tls.clientCa),
      },
      cors,
    },
    admin: written.admin,
    upstreams: Object.entries(written.upstreams).map(([name, one]) =>
      toUpstream(name, one, resolve),
    ),
    joins: mapValues(written.joins, ({ key, ...upstreams }) => ({ key, upstreams })),
    links: written.links,
    identity: toIdentity(written.identity, resolve),
    policies: resolve(written.policies),
    introspection: written.introspection,
    engine: written.engine,
    masks: { key: written.masks.key },
    store: {
      urls: written.store,
      onStoreDown: written.onStoreDown,
      instances: written.instances,
      secret: written.storeSecret,
    },
    batch: written.batch,
    audit: written.audit && toAudit(written.audit, resolve),
    telemetry: toTelemetryConfig(written.telemetry),
    alerts: toAlerts(written.alerts),
  });
}

function toUpstream(
  name: string,
  written: Written['upstreams'][string],
  resolve: Resolve,
): UpstreamConfig {
  const {
    openapi,
    graphql,
    operations,
    select,
    headers,
    forward,
    prefix,
    ca,
    mtls,
    oauth,
    ...rest
  } = written;
  const base = {
    ...rest,
    name,
    ca: ca && resolve(ca),
    mtls: mtls && { cert: resolve(mtls.cert), key: resolve(mtls.key) },
    oauth: oauth && { ...oauth, scope: oauth.scope, audience: oauth.audience },
    headers: Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
    ),
    forward: forward.map((header) => header.toLowerCase()),
  };
  if (openapi !== undefined && operations !== undefined && !Array.isArray(operations)) {
    const asked =
      typeof select === 'string' ? { parameter: select, nested: 'top' as const } : select;
    const file = isUrl(openapi) ? openapi : resolve(openapi);
    return { ...base, kind: 'openapi', file, operations, select: asked };
  }
  if (graphql !== undefined && (operations === undefined || Array.isArray(operations))) {
    return { ...base, kind: 'graphql', file: resolve(graphql), operations, prefix };
  }
  throw new Error(`the schema let upstream "${name}" through with neither form`);
}

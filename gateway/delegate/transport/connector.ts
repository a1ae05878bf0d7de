/**
 * Opens connections to one upstream: certificates and host names are verified whatever the
 * process's environment says, and names are resolved behind a guard.
 */
import { buildConnector } from 'undici';
import type { Resolve } from '../../addresses/shared-lookup.ts';
import { createUpstreamLookup } from './upstream-lookup.ts';

/** PEM texts. */
export interface TlsOptions {
  /** Replaces the well-known authorities. */
  readonly ca?: string | readonly string[];
  /** The gateway's own certificate. */
  readonly cert?: string;
  readonly key?: string;
}

export interface ConnectionOptions {
  readonly tls?: TlsOptions | undefined;
  /** Whether a public host name may resolve to a private address; default: no. */
  readonly privateNetwork?: boolean;
}

export interface ConnectionMeans {
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

export interface Connector {
  readonly connect: buildConnector.connector;
  /** Sets the certificates of new connections; open ones are unaffected. */
  secure(tls: TlsOptions | undefined): void;
}

/** Opens connections, over TLS if the URL requires it. */
export function createConnector(
  options: ConnectionOptions & { readonly timeoutMs: number },
  means: ConnectionMeans,
): Connector {
  const connect = { allowH2: false, timeout: options.timeoutMs, ...toConnect(options, means) };
  const withTls = (tls: TlsOptions | undefined) => buildConnector({ ...toOwn(tls), ...connect });
  let current = withTls(options.tls);
  return {
    connect: (target, opened) => current(target, opened),
    secure(tls) {
      current = withTls(tls);
    },
  };
}

/** Options of undici's connector, without the gateway's certificates. */
export function toConnect(
  { privateNetwork = false }: ConnectionOptions,
  { resolve }: ConnectionMeans = {},
): buildConnector.BuildOptions {
  return {
    // NODE_TLS_REJECT_UNAUTHORIZED=0 somewhere in an environment must not switch this off.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // A resumed session presents no certificate, so none would be verified.
    maxCachedSessions: 0,
    lookup: createUpstreamLookup({ privateNetwork }, resolve),
  };
}

function toOwn({ ca, ...own }: TlsOptions = {}): buildConnector.BuildOptions {
  return { ...own, ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }) };
}

/**
 * How connections to one upstream are opened: certificates and host names are verified whatever
 * the process's environment says, and names are looked up behind a guard.
 */
import { buildConnector } from 'undici';
import type { Resolve } from '../../addresses/shared-lookup.ts';
import { createUpstreamLookup } from './upstream-lookup.ts';

/** PEM texts. */
export interface TlsOptions {
  /** Takes the place of the well-known authorities. */
  readonly ca?: string | readonly string[];
  /** The gateway's own certificate. */
  readonly cert?: string;
  readonly key?: string;
}

export interface ConnectionOptions {
  readonly tls?: TlsOptions | undefined;
  /** A public host name may lead to a private address; default: it may not. */
  readonly privateNetwork?: boolean;
}

export interface ConnectionMeans {
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

export interface Connector {
  readonly connect: buildConnector.connector;
  /** Connections from now on have these certificates; those that are open stay as they are. */
  secure(tls: TlsOptions | undefined): void;
}

/** Opens connections, over TLS where the URL says so. */
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

/** Options of undici's connector, without certificates of ours. */
export function toConnect(
  { privateNetwork = false }: ConnectionOptions,
  { resolve }: ConnectionMeans = {},
): buildConnector.BuildOptions {
  return {
    // NODE_TLS_REJECT_UNAUTHORIZED=0 somewhere in an environment must not switch this off.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // Over a session that is taken up again no certificate is shown, nor looked at.
    maxCachedSessions: 0,
    lookup: createUpstreamLookup({ privateNetwork }, resolve),
  };
}

function toOwn({ ca, ...own }: TlsOptions = {}): buildConnector.BuildOptions {
  return { ...own, ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }) };
}

/**
 * HTTP to the configured token endpoint only: bounded in size, time and connections, redirects
 * refused, certificates and names verified.
 */
import { getCACertificates } from 'node:tls';
import { Pool } from 'undici';
import {
  type ConnectionMeans,
  type ConnectionOptions,
  createConnector,
  type TlsOptions,
} from './connector.ts';
import type { TokenMeans } from './oauth-token.ts';
import { Exchange } from './transport-exchange.ts';

export interface TokenEndpoint {
  readonly post: TokenMeans['post'];
  /** Sets the upstream's certificates for new connections. */
  secure(tls: TlsOptions | undefined): void;
  close(): Promise<void>;
}

const answerBytesMax = 65_536;
const connections = 2;

/** Trusts the upstream's authority and the well-known ones; presents no client certificate. */
export function openTokenEndpoint(
  options: ConnectionOptions & { upstream: string; tokenUrl: string; timeoutMs: number },
  means: ConnectionMeans,
): TokenEndpoint {
  const { upstream, tokenUrl, timeoutMs } = options;
  const url = new URL(tokenUrl);
  const connector = createConnector({ ...options, tls: toTrusted(options.tls) }, means);
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: connector.connect,
  });
  return {
    secure: (tls) => connector.secure(toTrusted(tls)),
    close: () => pool.close(),
    async post(body, headers) {
      const exchange = new Exchange({ upstream, responseBytesMax: answerBytesMax });
      const timer = setTimeout(() => exchange.stop('timeout'), timeoutMs);
      try {
        pool.dispatch({ method: 'POST', path: url.pathname, headers, body }, exchange);
        return await exchange.answer;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function toTrusted(tls: TlsOptions | undefined): TlsOptions | undefined {
  if (tls?.ca === undefined) return undefined;
  return { ca: [...getCACertificates('default'), tls.ca].flat() };
}

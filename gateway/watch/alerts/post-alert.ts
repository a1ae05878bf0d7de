/**
 * Sends one POST to a configured webhook, over one connection and under one deadline. Redirects are
 * not followed, since a receiver could send us into our own network; certificates are verified
 * whatever the environment says; addresses are checked at every connection; the response's body is
 * not read.
 */
import { Agent, request } from 'undici';
import type { OutboundRule } from '../../addresses/outbound-address.ts';
import { checkLiteral, guardLookup } from '../../addresses/outbound-lookup.ts';

export interface Posted {
  readonly status: number;
  /** Seconds that the receiver asks us to wait; undefined if it does not. */
  readonly retryAfterSeconds: number | undefined;
}

export interface AlertPost {
  /** Rejects if no response comes in time or the signal aborts. */
  send(
    message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
    signal: AbortSignal,
  ): Promise<Posted>;
  close(): Promise<void>;
}

/** Throws Error if the URL's host is an address that must not be reached. */
export function createAlertPost(options: {
  readonly url: string;
  readonly privateNetwork: boolean;
  readonly timeoutMs: number;
}): AlertPost {
  const { url, privateNetwork, timeoutMs } = options;
  const rule: OutboundRule = { hostname: new URL(url).hostname, privateNetwork };
  checkLiteral(rule);
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: 16_384,
    keepAliveTimeout: 1_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: {
      timeout: timeoutMs,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      // A resumed session would skip the verification of the certificate.
      maxCachedSessions: 0,
      lookup: guardLookup(rule),
    },
  });
  return {
    async send({ headers, body }, signal) {
      const answer = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'fieldgate' },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      // A response may be endless, or slow on purpose.
      answer.body.on('error', () => undefined);
      answer.body.destroy();
      return {
        status: answer.statusCode,
        retryAfterSeconds: toSeconds(answer.headers['retry-after']),
      };
    },
    close: () => agent.destroy(),
  };
}

const toSeconds = (header: string | string[] | undefined): number | undefined =>
  typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : undefined;

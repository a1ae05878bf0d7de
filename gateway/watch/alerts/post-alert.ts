/**
 * One POST to a configured webhook: one connection, a deadline over everything, no redirect followed
 * (a receiver cannot send us into our own network), certificates verified whatever the environment
 * says, addresses judged at every connection, and of the answer nothing is read but its head.
 */
import { Agent, request } from 'undici';
import type { OutboundRule } from '../../addresses/outbound-address.ts';
import { checkLiteral, guardLookup } from '../../addresses/outbound-lookup.ts';

export interface Posted {
  readonly status: number;
  /** Seconds that the receiver asks to be left alone; undefined where it does not. */
  readonly retryAfterSeconds: number | undefined;
}

export interface AlertPost {
  /** Rejects where no answer comes in time, or the signal says so. */
  send(
    message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
    signal: AbortSignal,
  ): Promise<Posted>;
  close(): Promise<void>;
}

/** Throws Error where the URL's host is an address that may not be reached. */
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
      // Over a session that is taken up again no certificate is shown, nor looked at.
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
      // However long it is, and however slowly it comes.
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

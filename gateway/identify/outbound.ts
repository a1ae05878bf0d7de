/**
 * Asks an identity provider over HTTP. Bounded: the caller's deadline for the whole response, a
 * size limit, and few connections. Redirects are not followed (an attacker who can make a provider
 * redirect must not choose our keys), certificates are verified whatever the environment says, and
 * only addresses that outbound-address.ts permits are reached. Throws Error; never retries.
 */
import { Agent, request } from 'undici';
import type { OutboundRule } from '../addresses/outbound-address.ts';
import { checkLiteral, guardLookup } from '../addresses/outbound-lookup.ts';

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly bytesMax: number;
}

export interface Outbound {
  /** The text of a response with status 200. Throws Error for every other outcome. */
  ask(question: Question): Promise<string>;
  /** Closes the connections. */
  close(): Promise<void>;
}

/** Throws Error if the URL's host is an address that may not be reached. */
export function createOutbound(
  url: string,
  options: { readonly privateNetwork: boolean; readonly connections: number },
): Outbound {
  const rule: OutboundRule = { ...options, hostname: new URL(url).hostname };
  checkLiteral(rule);
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: 1000,
    connect: {
      // With NODE_TLS_REJECT_UNAUTHORIZED=0 anyone in the middle could vouch for tokens.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      // A resumed session presents no certificate, so none would be verified.
      maxCachedSessions: 0,
      lookup: guardLookup(rule),
    },
  });
  return {
    ask: (question) => ask(url, question, agent),
    close: () => agent.destroy(),
  };
}

async function ask(url: string, question: Question, agent: Agent): Promise<string> {
  const { bytesMax, ...about } = question;
  const answer = await request(url, { ...about, dispatcher: agent });
  // The loop below reports errors; a later one without a listener would end the process.
  answer.body.on('error', () => undefined);
  try {
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}, expected 200`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) throw new Error(`larger than ${bytesMax} bytes`);
      chunks.push(chunk);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } finally {
    answer.body.destroy();
  }
}

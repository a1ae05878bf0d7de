/**
 * Sends one POST to the configured collector: one connection, one deadline, a bounded response, no
 * redirects (a collector cannot send the audit trail elsewhere), certificates verified whatever the
 * environment says. The address is the operator's, never a caller's.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Agent, request } from 'undici';
import { isLoopbackHost } from '../../addresses/outbound-address.ts';
import type { HttpAnswer } from './export-answer.ts';

export interface OtlpPostOptions {
  /** OTLP base URL, http or https, without credentials, query or fragment. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Whether to gzip; default: `isPackedFor`. */
  readonly compresses?: boolean;
}

export interface OtlpPost {
  /**
   * Sends an ExportLogsServiceRequest, whose memory may be reused once this settles. Rejects on a
   * timeout, a cut connection, an incomplete response, or when the signal aborts.
   */
  send(message: Buffer, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** OTLP's recommended limit for a response. */
const answerBytesMax = 4 * 1024 * 1024;

const compress = promisify(gzip);
/**
 * Level 1 takes a third of the default's CPU, for a few more bytes per line. Most batches fit into
 * one output chunk; each further chunk costs a turn of the event loop.
 */
const compression = { level: 1, chunkSize: 128 * 1024 };

/** On this machine, sending bytes costs less than compressing them. */
export const isPackedFor = ({ hostname }: URL): boolean => !isLoopbackHost(hostname);

/** Throws TypeError if the endpoint or a header is invalid. */
export function createOtlpPost(options: OtlpPostOptions): OtlpPost {
  const { timeoutMs } = options;
  const url = toLogsUrl(options.endpoint);
  const compresses = options.compresses ?? isPackedFor(url);
  const headers = {
    ...checkHeaders(options.headers),
    'content-type': 'application/x-protobuf',
    ...(compresses && { 'content-encoding': 'gzip' }),
  };
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    allowH2: false,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    // A resumed session would skip the verification of the certificate.
    connect: { timeout: timeoutMs, rejectUnauthorized: true, maxCachedSessions: 0 },
  });
  return {
    send: async (message, signal) => {
      // A copy, since a collector may answer before all is sent, and the message's memory is
      // reused.
      const body = compresses ? await compress(message, compression) : Buffer.from(message);
      const answer = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: await readCapped(answer.body),
      };
    },
    close: () => agent.destroy(),
  };
}

function toLogsUrl(endpoint: string): URL {
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('the OTLP endpoint must be an http or https URL');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('the OTLP endpoint must have no credentials, query or fragment');
  }
  return new URL(`${url.origin}${url.pathname.replace(/\/+$/, '')}/v1/logs`);
}

const ownHeaders = /^(?:content-(?:type|encoding|length)|transfer-encoding|host|connection)$/i;

/** Undici would refuse malformed headers at each request; this refuses them at start. */
function checkHeaders(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(given)) {
    const valid = /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value);
    if (!valid || ownHeaders.test(name)) {
      throw new TypeError(`the OTLP header ${JSON.stringify(name)} cannot be sent`);
    }
  }
  return given;
}

async function readCapped(body: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop destroys the stream and with it the connection.
    if (length > answerBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads the text of a key set from its file or URL. The only I/O of identify, and bounded: one
 * deadline for the whole answer, a size cap, no redirects (whoever can make the issuer redirect
 * must not choose our keys). Throws Error with what the operator needs; never retries.
 */
import { readFile, stat } from 'node:fs/promises';
import { Agent, request } from 'undici';

/** The text of the key set at `location`, an http(s) URL or a path. Throws Error. */
export type ReadKeys = (location: string, signal: AbortSignal) => Promise<string>;

export interface KeyReader {
  readonly read: ReadKeys;
  /** Drops the connection to the issuer. */
  close(): Promise<void>;
}

/** A reader with its own connection; `bytesMax` bounds what is taken into memory. */
export function createKeyReader({ bytesMax }: { bytesMax: number }): KeyReader {
  const agent = new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 1000 });
  return {
    read: (location, signal) =>
      isUrl(location)
        ? readUrl({ url: location, signal, bytesMax, agent })
        : readKeyFile({ file: location, signal, bytesMax }),
    close: () => agent.destroy(),
  };
}

function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

async function readUrl(about: {
  url: string;
  signal: AbortSignal;
  bytesMax: number;
  agent: Agent;
}): Promise<string> {
  const { url, signal, bytesMax, agent } = about;
  const answer = await request(url, {
    dispatcher: agent,
    signal,
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  // The loop below reports errors; one after we left it, unheard, would end the process.
  answer.body.on('error', () => undefined);
  try {
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}, expected 200`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      chunks.push(chunk);
    }
    return decode(Buffer.concat(chunks));
  } finally {
    answer.body.destroy();
  }
}

async function readKeyFile(about: {
  file: string;
  signal: AbortSignal;
  bytesMax: number;
}): Promise<string> {
  const { file, signal, bytesMax } = about;
  const found = await stat(file);
  if (!found.isFile()) throw new Error('not a file');
  if (found.size > bytesMax) throw tooLarge(bytesMax);
  return decode(await readFile(file, { signal }));
}

function tooLarge(bytesMax: number): Error {
  return new Error(`larger than ${bytesMax} bytes`);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

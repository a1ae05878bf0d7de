/**
 * Reads the text of a key set from its file or URL, within a size limit and the caller's deadline.
 * Throws Error with what the operator needs to know; never retries.
 */
import { readFile, stat } from 'node:fs/promises';
import { systemCode } from '../files/system-error.ts';
import { createOutbound } from './outbound.ts';

/** The text of the key set at `location`, an http(s) URL or a path. Throws Error. */
export type ReadKeys = (location: string, signal: AbortSignal) => Promise<string>;

export interface KeyReader {
  readonly read: ReadKeys;
  /** Closes the connection to the issuer. */
  close(): Promise<void>;
}

/** Whether a key set is read over HTTP; anything else is a file path. */
export const isKeyUrl = (location: string): boolean => /^https?:\/\//i.test(location);

/** Creates a reader for one location; `bytesMax` bounds what is read into memory. Throws Error. */
export function createKeyReader(
  location: string,
  { bytesMax, privateNetwork }: { bytesMax: number; privateNetwork: boolean },
): KeyReader {
  if (!isKeyUrl(location)) {
    return {
      read: (file, signal) => readKeyFile({ file, signal, bytesMax }),
      close: () => Promise.resolve(),
    };
  }
  const outbound = createOutbound(location, { privateNetwork, connections: 1 });
  const headers = { accept: 'application/jwk-set+json, application/json' };
  return {
    read: (_location, signal) => outbound.ask({ method: 'GET', headers, signal, bytesMax }),
    close: outbound.close,
  };
}

async function readKeyFile(about: {
  file: string;
  signal: AbortSignal;
  bytesMax: number;
}): Promise<string> {
  const { file, signal, bytesMax } = about;
  const found = await stat(file).catch((error) => {
    throw new Error(`cannot read the file (${systemCode(error)})`);
  });
  if (!found.isFile()) throw new Error('not a file');
  if (found.size > bytesMax) throw new Error(`larger than ${bytesMax} bytes`);
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file, { signal }));
}

/**
 * Reads the texts of an OpenAPI document and of what it refers to.
 *
 * Documents are untrusted, so references must not make the gateway read on their behalf: a file may
 * refer to files in or below its own directory, never to a URL; a document from a URL may refer to
 * its own origin only. Redirects, slow answers and large texts refuse to load; certificates are
 * verified whatever the environment says.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Agent, fetch, type Response } from 'undici';
import { systemCode } from '../../../files/system-error.ts';

export interface Sources {
  /** The document's location as an absolute URL. */
  readonly root: string;
  /** The text at an absolute URL; throws Error if it may not or cannot be read. */
  read(url: string): Promise<string>;
}

export interface SourceOptions {
  /** Timeout of one fetched document, in milliseconds. */
  timeoutMs?: number;
}

const timeoutMsDefault = 10_000;
/** Bytes of one document, and of all that one load reads. */
const documentBytesMax = 33_554_432;
const totalBytesMax = 67_108_864;
const filesMax = 5_000;

function isDocumentUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** `source` is a file's path or an http(s) URL; a file's symbolic links are resolved first. */
export async function openSources(source: string, options: SourceOptions = {}): Promise<Sources> {
  const limit = createLimit();
  if (isDocumentUrl(source)) {
    const { origin, href } = new URL(source);
    return { root: href, read: async (url) => limit.add(await fetchText(url, origin, options)) };
  }
  const path = await findFile(source);
  const directory = dirname(path);
  return {
    root: pathToFileURL(path).href,
    read: async (url) => limit.add(await readBelow(directory, url)),
  };
}

function createLimit(): { add(text: string): string } {
  let files = 0;
  let bytes = 0;
  return {
    add: (text) => {
      files += 1;
      bytes += text.length;
      if (files > filesMax) throw new Error(`it refers to more than ${filesMax} files`);
      if (bytes > totalBytesMax) throw new Error('it is too large with all it refers to');
      return text;
    },
  };
}

async function findFile(source: string): Promise<string> {
  try {
    return await realpath(resolve(source));
  } catch (error) {
    throw new Error(`cannot read the file (${systemCode(error)})`, { cause: error });
  }
}

/** Otherwise an untrusted document could pull any file of this machine into the graph. */
async function readBelow(directory: string, url: string): Promise<string> {
  if (!url.startsWith('file:')) {
    throw new Error(`the reference to ${url} is not followed: only files are`);
  }
  // Throws for a file URL with a host, which would be another machine's share.
  const path = await realpath(fileURLToPath(url)).catch((error: unknown) => {
    throw new Error(`the reference to ${url} cannot be followed (${systemCode(error)})`, {
      cause: error,
    });
  });
  const from = relative(directory, path);
  if (from === '..' || from.startsWith(`..${sep}`)) {
    throw new Error(`the reference to ${url} leaves the document's directory`);
  }
  const found = await stat(path);
  if (!found.isFile()) throw new Error(`${url} is no file`);
  if (found.size > documentBytesMax) throw tooLarge(url);
  return await readFile(path, 'utf8');
}

async function fetchText(url: string, origin: string, options: SourceOptions): Promise<string> {
  if (new URL(url).origin !== origin) {
    throw new Error(`the reference to ${url} is not followed: it leaves ${origin}`);
  }
  // NODE_TLS_REJECT_UNAUTHORIZED=0 would let anyone in the middle define the API.
  const dispatcher = new Agent({ connect: { rejectUnauthorized: true, minVersion: 'TLSv1.2' } });
  try {
    const response = await fetch(url, {
      dispatcher,
      // A redirect could lead to another origin, or into the gateway's own network.
      redirect: 'error',
      credentials: 'omit',
      headers: { accept: 'application/json, application/yaml, text/yaml, */*;q=0.5' },
      signal: AbortSignal.timeout(options.timeoutMs ?? timeoutMsDefault),
    }).catch((error: unknown) => {
      throw new Error(`${url} cannot be fetched: ${reasonOf(error)}`, { cause: error });
    });
    if (response.status !== 200) throw new Error(`${url} answers ${response.status}`);
    return await readBounded(response, url);
  } finally {
    await dispatcher.destroy();
  }
}

async function readBounded(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > documentBytesMax) throw tooLarge(url);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8').decode(Buffer.concat(chunks));
}

const tooLarge = (url: string): Error =>
  new Error(`${url} has more than ${documentBytesMax} bytes`);

/** fetch hides the reason, such as a refused redirect, in the error's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/**
 * Reads the SDL of a GraphQL upstream. Bounded: parsing takes many times its size in memory, and a
 * wrong file in its place must not bring the gateway down.
 */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { systemCode } from '../../files/system-error.ts';

/** Limit for files and for introspected schemas. */
const sdlBytesMax = 16_777_216;

/** Throws Error naming the file; if it cannot be read, with the `cause`. */
export function readSdl(file: string): string {
  const { size, isFile } = reading(file, () => ofStats(statSync(file)));
  // Reading a pipe would block until its writer ends.
  if (!isFile) throw new Error(`${file}: this is no file`);
  if (size > sdlBytesMax) throw tooLarge(file);
  return boundedSdl(
    file,
    reading(file, () => readFileSync(file, 'utf8')),
  );
}

/** Returns the text; throws Error naming `source` if it is too large. */
export function boundedSdl(source: string, text: string): string {
  if (Buffer.byteLength(text) > sdlBytesMax) throw tooLarge(source);
  return text;
}

const ofStats = (found: Stats) => ({ size: found.size, isFile: found.isFile() });

const tooLarge = (source: string): Error =>
  new Error(`${source}: the SDL is larger than ${sdlBytesMax} bytes`);

function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${file}: cannot read the file (${systemCode(error)})`, { cause: error });
  }
}

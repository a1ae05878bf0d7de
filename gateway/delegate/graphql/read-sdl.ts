/**
 * Reads the SDL of a GraphQL upstream. Bounded: to parse takes memory many times its size, and the
 * gateway must not go down because somebody has put another file in its place.
 */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { systemCode } from '../../files/system-error.ts';

/** Of a file, and of what an upstream tells of itself. */
const sdlBytesMax = 16_777_216;

/** Throws Error naming the file; where it cannot be read, `cause` is why. */
export function readSdl(file: string): string {
  const { size, isFile } = reading(file, () => ofStats(statSync(file)));
  // Reading a pipe waits for whoever writes to it.
  if (!isFile) throw new Error(`${file}: this is no file`);
  if (size > sdlBytesMax) throw tooLarge(file);
  return boundedSdl(
    file,
    reading(file, () => readFileSync(file, 'utf8')),
  );
}

/** The text; throws Error naming `source` where it is too large. */
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

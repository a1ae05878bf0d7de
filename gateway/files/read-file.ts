/** Reads watched files (network lists, keys, revocations) completely or not at all. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ConfigError, fileProblem } from './config-error.ts';
import { systemCode } from './system-error.ts';

export interface FileVersion {
  /** Changes whenever the file is replaced or written to. */
  readonly stamp: string;
  readonly bytes: Buffer;
}

/**
 * Reads a file; returns undefined if its stamp still equals `unless`. Throws ConfigError if it
 * cannot be read, is too large or changes during the read: half a blocklist blocks half.
 */
export type ReadFile = (
  file: string,
  options: { readonly bytesMax: number; readonly unless?: string | undefined },
) => Promise<FileVersion | undefined>;

export const readFileVersion: ReadFile = async (file, { bytesMax, unless }) => {
  try {
    // Without O_NONBLOCK, opening a pipe blocks until it has a writer.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = await handle.stat({ bigint: true });
    const stamp = toStamp(before);
    if (stamp === unless) return undefined;
    if (!before.isFile()) throw refusal(file, 'file-missing', 'this is no file');
    if (before.size > bytesMax) {
      throw refusal(file, 'file-too-large', `larger than ${bytesMax} bytes`);
    }
    // One byte more than expected reveals a file that grows during the read.
    const buffer = Buffer.alloc(Number(before.size) + 1);
    const length = await fill(handle, buffer);
    const after = toStamp(await handle.stat({ bigint: true }));
    if (after !== stamp || length !== Number(before.size)) {
      throw refusal(file, 'conflict', 'the file changed while it was read');
    }
    return { stamp, bytes: buffer.subarray(0, length) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw refusal(file, 'file-missing', `cannot read the file (${systemCode(error)})`);
  }
};

interface Stats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Includes the change time, because tools that copy files restore the modification time. */
const toStamp = ({ dev, ino, size, mtimeNs, ctimeNs }: Stats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join('-');

async function fill(handle: Awaited<ReturnType<typeof open>>, buffer: Buffer): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

const refusal = (
  file: string,
  code: 'file-missing' | 'file-too-large' | 'conflict',
  message: string,
): ConfigError => new ConfigError([fileProblem(file, code, message)]);

/**
 * How many connections of callers there is room for. Each is a file, and so are the calls that its
 * requests make and what the gateway itself writes and reads: where callers could take the last one,
 * the audit log would fail and come back once a second, and policies could not be read.
 */
import { readFile } from 'node:fs/promises';

export interface ConnectionRoom {
  readonly connections: number;
  /** Files that the process may have open, where that is what bounds them. */
  readonly files?: number;
}

/** However many files there may be. */
export const connectionsMax = 10_000;
/** What is not a caller's connection may have as many as they. */
const shareOfCallers = 0.5;

/** Where the system does not say how many files there may be, it is taken to be enough. */
export async function readConnectionRoom(file = '/proc/self/limits'): Promise<ConnectionRoom> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const files = Number(/^Max open files +(\d+)/m.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
  const connections = Math.floor(files * shareOfCallers);
  return connections < connectionsMax ? { connections, files } : { connections: connectionsMax };
}

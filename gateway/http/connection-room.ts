/**
 * The number of client connections to accept. Each takes a file descriptor, as do upstream calls
 * and the gateway's own files: if clients could take the last one, the audit log would fail about
 * once a second, and policies could not be read.
 */
import { readFile } from 'node:fs/promises';

export interface ConnectionRoom {
  readonly connections: number;
  /** The process's limit of open files, if that determines `connections`. */
  readonly files?: number;
}

/** Upper bound, whatever the limit of open files. */
export const connectionsMax = 10_000;
/** Share of the files for client connections; the rest is for everything else. */
const shareOfCallers = 0.5;

/** If the system does not tell its limit of open files, it is assumed to be sufficient. */
export async function readConnectionRoom(file = '/proc/self/limits'): Promise<ConnectionRoom> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const files = Number(/^Max open files +(\d+)/m.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
  const connections = Math.floor(files * shareOfCallers);
  return connections < connectionsMax ? { connections, files } : { connections: connectionsMax };
}

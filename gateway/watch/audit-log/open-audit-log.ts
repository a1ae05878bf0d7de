/** Opens the log of a directory, with defaults for omitted options. */
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import { AuditLog } from './audit-log.ts';
import { type AuditLogOptions, auditLogDefaults } from './audit-log-options.ts';

export type OpenOptions = Pick<AuditLogOptions, 'directory' | 'signingKey'> &
  Partial<AuditLogOptions> & {
    /** A chain of its own under the directory, one per worker: `worker-N`. */
    readonly worker?: number;
  };

/** Throws DirectoryLocked, AuditTampered, or system errors. */
export async function openAuditLog({ worker, ...options }: OpenOptions): Promise<AuditLog> {
  const directory =
    worker === undefined ? options.directory : join(options.directory, `worker-${worker}`);
  await makeFolder(directory, 0o700);
  return await AuditLog.open({ ...auditLogDefaults, ...options, directory });
}

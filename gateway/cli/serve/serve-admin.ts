/** The admin port of a serving gateway: of its one process, or of the first of several. */
import type { Config } from '../../config.ts';
import type { Environment } from '../../files/environment-text.ts';
import { type AdminServer, type AdminState, startAdmin } from '../../http/admin.ts';
import { createAdminFailures } from '../../http/admin-failures.ts';
import { createPortFailures } from '../../http/port-failures.ts';
import { opened } from '../at-line.ts';
import { openConsole } from './serve-console.ts';

export interface ServeAdminOptions
  extends Required<Pick<AdminState, 'isReady' | 'metricsText'>>,
    Pick<AdminState, 'workers'> {
  readonly env: Environment;
  readonly log: (line: string) => void;
  /** Everything new since a cursor, as JSON, for the console. */
  readonly consoleState: (after: string) => Promise<string>;
}

/** Throws ConfigError with the line of gateway.yaml if the port cannot be opened. */
export async function serveAdmin(
  config: Config,
  { env, log, consoleState, ...state }: ServeAdminOptions,
): Promise<AdminServer> {
  const door = await openConsole(config, consoleState);
  const telling = { log, clock: () => performance.now() };
  return await opened('admin', { config, env }, () =>
    startAdmin(config.admin, {
      ...state,
      console: door,
      failed: createAdminFailures(telling),
      portFailed: createPortFailures('admin', telling),
    }),
  );
}

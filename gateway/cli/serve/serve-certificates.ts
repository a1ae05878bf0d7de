/**
 * Renews certificates of a serving gateway: reads all files again and uses them together for new
 * connections. If one is invalid, all stay as they were.
 */
import type { Config } from '../../config.ts';
import { endingCertificates } from '../../delegate/transport/ending-certificates.ts';
import { readListenTls, readTls } from '../../delegate/transport/read-tls.ts';
import { ConfigError } from '../../files/config-error.ts';
import type { RunningServer } from '../../http/server.ts';
import type { ServedUpstreams } from './serve-upstreams.ts';

export interface CertificateUsers {
  readonly log: (line: string) => void;
  readonly server: Pick<RunningServer, 'secure'>;
  readonly upstreams: Pick<ServedUpstreams, 'secure'>;
}

/** Logs nothing if no certificates are configured. */
export function renewCertificates(
  { listen, upstreams }: Pick<Config, 'listen' | 'upstreams'>,
  users: CertificateUsers,
): void {
  const say = (about: object): void => users.log(JSON.stringify(about));
  try {
    const own = listen.tls && readListenTls(listen.tls);
    const read = upstreams.map((one) => ({ name: one.name, tls: readTls(one) }));
    const named = read.filter(({ tls }) => tls !== undefined);
    if (own === undefined && named.length === 0) return;
    if (own !== undefined) users.server.secure(own);
    for (const { name, tls } of named) users.upstreams.secure(name, tls);
    say({ kind: 'certificates-loaded' });
    tellEnding({ listen, upstreams }, users.log);
  } catch (error) {
    const note = 'the old certificates stay in use';
    // An error thrown here would end the process.
    const problems = error instanceof ConfigError ? error.problems : [];
    say({ kind: 'certificates-kept', level: 'error', note, problems });
  }
}

/** Logs certificates that have expired or soon will. */
export function tellEnding(
  config: Pick<Config, 'listen' | 'upstreams'>,
  log: (line: string) => void,
): void {
  for (const { file, key, until } of endingCertificates(config, Date.now())) {
    log(JSON.stringify({ kind: 'certificate-ends', level: 'warning', key, file, until }));
  }
}

/**
 * Certificates that are renewed while a gateway serves: all files are read again, and taken up together
 * for new connections. One that is bad leaves all as they were.
 */
import type { Config } from '../../config.ts';
import { readListenTls, readTls } from '../../delegate/transport/read-tls.ts';
import { ConfigError } from '../../files/config-error.ts';
import type { RunningServer } from '../../http/server.ts';
import type { ServedUpstreams } from './serve-upstreams.ts';

export interface CertificateUsers {
  readonly log: (line: string) => void;
  readonly server: Pick<RunningServer, 'secure'>;
  readonly upstreams: Pick<ServedUpstreams, 'secure'>;
}

/** Says nothing where the configuration names no certificates. */
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
  } catch (error) {
    const note = 'the old certificates stay in use';
    // What is thrown here would end the process, whatever it is.
    const problems = error instanceof ConfigError ? error.problems : [];
    say({ kind: 'certificates-kept', level: 'error', note, problems });
  }
}

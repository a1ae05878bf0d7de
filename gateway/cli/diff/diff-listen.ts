/**
 * Compares who can connect: where the gateway and its admin port listen, with or without TLS, under
 * which names and from which origins. The admin port asks for no credential.
 */
import { isLoopbackHost } from '../../addresses/outbound-address.ts';
import type { Config } from '../../config.ts';
import type { SettingChanges } from './diff-setting.ts';

export function compareListen(changes: SettingChanges, was: Config, is: Config): void {
  for (const port of ['listen', 'admin'] as const) {
    const [before, after] = [was[port].host, is[port].host];
    const texts = { setting: `${port}.host`, was: before, is: after };
    // More can connect to any other address than to loopback.
    if (before !== after) changes.put(texts, !isLoopbackHost(after));
  }
  changes.word('listen.tls', tlsOf(was), tlsOf(is), ['TLS', 'plain HTTP']);
  changes.names('listen.hosts', was.listen.hosts, is.listen.hosts, 'added');
  const originsOf = ({ listen: { cors } }: Config) => cors?.origins ?? [];
  changes.names('listen.cors.origins', originsOf(was), originsOf(is), 'added');
}

const tlsOf = ({ listen: { tls } }: Config) => (tls === undefined ? 'plain HTTP' : 'TLS');

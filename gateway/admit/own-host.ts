/**
 * Whether a request names this gateway. A page whose name was pointed at our address after it was
 * loaded (DNS rebinding) is of one origin with us for its browser, and sends its own name. Pure.
 */
import { parseAddress } from '../addresses/ip-address.ts';

/** @param host the Host header as it came */
export type IsOwnHost = (host: string | undefined) => boolean;

const hostForm = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?::\d{1,5})?$/;

/** `hosts`: names and addresses, IPv6 without brackets. At any port. */
export function createOwnHosts(hosts: readonly string[]): IsOwnHost {
  const own = new Set(hosts.map(toOneSpelling));
  return (host) => {
    const [, bracketed, name = bracketed] = hostForm.exec(host ?? '') ?? [];
    return name !== undefined && own.has(toOneSpelling(name));
  };
}

/** Names are told apart without regard to case, and may end with the dot of the root. */
function toOneSpelling(host: string): string {
  return parseAddress(host)?.text ?? host.toLowerCase().replace(/\.$/, '');
}

/**
 * Decides whether a request names this gateway. After DNS rebinding (a page's name points at our
 * address once it has loaded), the browser sees one origin but sends the page's name. Pure.
 */
import { parseAddress } from '../addresses/ip-address.ts';

/** @param host the Host header as received */
export type IsOwnHost = (host: string | undefined) => boolean;

const hostForm = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?::\d{1,5})?$/;

/** `hosts`: names and addresses, IPv6 without brackets. Any port is accepted. */
export function createOwnHosts(hosts: readonly string[]): IsOwnHost {
  const own = new Set(hosts.map(toOneSpelling));
  return (host) => {
    const [, bracketed, name = bracketed] = hostForm.exec(host ?? '') ?? [];
    return name !== undefined && own.has(toOneSpelling(name));
  };
}

/** Names are compared case-insensitively and may end with the dot of the root. */
function toOneSpelling(host: string): string {
  return parseAddress(host)?.text ?? host.toLowerCase().replace(/\.$/, '');
}

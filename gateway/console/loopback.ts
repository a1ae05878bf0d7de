/** Whether a host, or the address of a peer, is this machine itself. */
import { parseAddress } from '../ip-address.ts';

/** 127.0.0.0/8, ::1 and `localhost`; what is no address is not. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const address = parseAddress(host);
  if (address === undefined) return false;
  return address.version === 4 ? address.a >>> 24 === 127 : address.text === '::1';
}

/** Clients are their sockets' peers, and any may come in. */
import { toTrustedProxies } from '../../gateway/identify/trusted-proxies.ts';
import { createLocate } from '../../gateway/walk/client-location.ts';

export const locateByPeer = createLocate(
  { proxies: toTrustedProxies([]), header: 'x-forwarded-for' },
  { decide: () => ({ country: undefined, asn: undefined, lists: [] }) },
);

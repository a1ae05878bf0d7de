/** Who may come in by address and country, and whose word on an address counts. */
import type { NetworkPolicy } from '../admit/network-file.ts';
import type { SettingChanges } from './diff-setting.ts';

export function compareNetwork(
  changes: SettingChanges,
  was: NetworkPolicy,
  is: NetworkPolicy,
): void {
  changes.names('network.deny', was.deny, is.deny, 'removed');
  changes.names('network.allow', was.allow, is.allow, 'added');
  const regions = 'network.regions';
  changes.names(`${regions}.deny`, was.regions?.deny ?? [], is.regions?.deny ?? [], 'removed');
  changes.names(`${regions}.allow`, was.regions?.allow, is.regions?.allow, 'added');
  compareProxies(changes, was.trustedProxies, is.trustedProxies);
  const trusts = typeof is.trustedProxies === 'number' || is.trustedProxies.length > 0;
  if (trusts) changes.value('network.header', was.header, is.header);
}

type Proxies = NetworkPolicy['trustedProxies'];

/** Who is trusted says from which address somebody comes. */
function compareProxies(changes: SettingChanges, was: Proxies, is: Proxies): void {
  const setting = 'network.trustedProxies';
  const [before, after] = [was, is].map((one) => (typeof one === 'number' ? undefined : one));
  if (typeof was === 'number' && typeof is === 'number') changes.number(setting, was, is);
  else if (before && after) changes.names(setting, before, after, 'added');
  else changes.value(setting, was, is);
}

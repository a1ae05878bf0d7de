/** Compares which addresses and countries are admitted, and which proxies are trusted. */
import type { NetworkPolicy } from '../../admit/network-policy.ts';
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
  // Any change widens: with fewer proxies, all callers share a proxy's address; with more, callers
  // can forge theirs.
  changes.value('network.trustedProxies', was.trustedProxies, is.trustedProxies);
  const trusts = typeof is.trustedProxies === 'number' || is.trustedProxies.length > 0;
  if (trusts) changes.value('network.header', was.header, is.header);
}

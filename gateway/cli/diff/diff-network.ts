/**
 * Compares which addresses and countries are admitted, by which files, and which proxies are
 * trusted. The contents of the files are not compared.
 */
import type { Offline } from '../load-offline.ts';
import type { SettingChanges } from './diff-setting.ts';

type Networked = Pick<Offline, 'config' | 'policies'>;

export function compareNetwork(changes: SettingChanges, old: Networked, now: Networked): void {
  const [was, is] = [old.policies.network, now.policies.network];
  const placed = ({ config }: Networked, file: string) => ({ file, folder: config.policies });
  for (const { name, file } of is.lists) {
    const before = was.lists.find((one) => one.name === name);
    if (before === undefined) continue;
    changes.file(`network.lists.${name}`, placed(old, before.file), placed(now, file));
  }
  if (was.regions && is.regions) {
    const files = [placed(old, was.regions.file), placed(now, is.regions.file)] as const;
    changes.file('network.regions.database', ...files);
  }
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

/**
 * Compares rules in shadow mode: one whose shadow mode ends later, or that is removed before it is
 * in force, leaves more open than planned. Rules in force are compared elsewhere.
 */
import { isOver } from '../../shadow.ts';
import type { WrittenShadow } from '../../snapshot/shadows.ts';
import type { Offline } from '../load-offline.ts';
import { none, type SettingChanges } from './diff-setting.ts';

type Shadowed = Pick<Offline, 'policies' | 'shadows' | 'nowMs'>;

export function compareShadows(changes: SettingChanges, old: Shadowed, now: Shadowed): void {
  const [before, after] = [pendingIn(old), pendingIn(now)];
  for (const [key, was] of before) {
    const is = after.get(key);
    if (is !== undefined) compareShadow(changes, was, is);
    else if (!isInForce(was, now))
      changes.put({ ...toSetting(was), was: toText(was), is: none }, true);
  }
  for (const [key, is] of after) {
    if (before.has(key) || isInForce(is, old)) continue;
    changes.put({ ...toSetting(is), was: none, is: toText(is) }, false);
  }
}

function compareShadow(changes: SettingChanges, was: WrittenShadow, is: WrittenShadow): void {
  const setting = toSetting(is);
  if (was.shadow.until !== is.shadow.until) {
    const isLater = is.shadow.endsAtMs > was.shadow.endsAtMs;
    changes.put({ ...setting, was: toText(was), is: toText(is) }, isLater);
  }
  if (was.says === is.says) return;
  if (is.kind === 'limit') changes.number(setting.setting, Number(was.says), Number(is.says));
  // Undecidable before either is in force, so it counts as wider.
  else changes.put({ ...setting, was: 'one rule', is: 'another' }, true);
}

/** Rules that will come into force at their end. */
function pendingIn({ shadows, nowMs }: Shadowed): ReadonlyMap<string, WrittenShadow> {
  const pending = shadows.filter(({ grants, shadow }) => !grants && !isOver(shadow, nowMs));
  return new Map(pending.map((one) => [`${one.kind} ${one.name}`, one]));
}

function isInForce({ kind, name, says }: WrittenShadow, { policies }: Shadowed): boolean {
  const { rules, rates, limits, network } = policies;
  switch (kind) {
    case 'access':
      return rules.some((one) => one.name === name && one.shadow === undefined);
    case 'rate':
      return rates.some((one) => one.name === name && one.shadow === undefined);
    case 'limit':
      return limits[name.slice('limits.'.length) as keyof typeof limits] <= Number(says);
    case 'network': {
      const of = name.startsWith('network.regions') ? network.regions : network;
      return name.endsWith('allow') ? of?.allow !== undefined : of?.deny.includes(says) === true;
    }
  }
}

const toSetting = ({ kind, name }: WrittenShadow) => ({ setting: `shadow of ${kind} ${name}` });

const toText = ({ shadow }: WrittenShadow): string => `in force after ${shadow.until}`;

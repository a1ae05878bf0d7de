/**
 * Network rules in shadow mode: what they would refuse is admitted and recorded. A rule takes
 * effect at its end time without any reload, because each decision reads the clock.
 */

import type { YamlSource } from '../files/yaml-source.ts';
import type { Shadow, ShadowEffect } from '../shadow.ts';
import { isOver } from '../shadow.ts';
import type { NetworkPolicy, NetworkShadow } from './network-policy.ts';

type Entry = string | { readonly shadow: Shadow; readonly [name: string]: unknown };
type Whole = readonly string[] | { readonly shadow: Shadow; readonly [names: string]: unknown };

/** The part of the schema used here. */
interface Written {
  readonly deny?: readonly Entry[] | undefined;
  readonly allow?: Whole | undefined;
  readonly regions?:
    | { readonly deny?: readonly Entry[] | undefined; readonly allow?: Whole | undefined }
    | undefined;
}

export function toNetworkShadows({
  source,
  written,
}: {
  source: YamlSource;
  written: Written;
}): NetworkShadow[] {
  const { deny = [], allow, regions = {} } = written;
  const shadowsAt = (
    kind: NetworkShadow['kind'],
    path: (string | number)[],
    entry: Entry | Whole | undefined,
  ): NetworkShadow[] => {
    if (entry === undefined || typeof entry === 'string' || Array.isArray(entry)) return [];
    const { shadow: until, ...named } = entry as Exclude<Entry, string>;
    const at = (...more: string[]) => ({ file: source.file, ...source.at([...path, ...more]) });
    const names = Object.values(named).flat() as string[];
    return [{ kind, names, source: at(), shadow: { ...until, source: at('shadow') } }];
  };
  return [
    ...deny.flatMap((one, index) => shadowsAt('deny', ['deny', index], one)),
    ...shadowsAt('allow', ['allow'], allow),
    ...(regions.deny ?? []).flatMap((one, index) =>
      shadowsAt('regions.deny', ['regions', 'deny', index], one),
    ),
    ...shadowsAt('regions.allow', ['regions', 'allow'], regions.allow),
  ];
}

/** The name in records and metrics: `network.deny tor`. */
export const nameOf = ({ kind, names }: NetworkShadow): string =>
  kind.endsWith('deny') ? `network.${kind} ${names.join(' ')}` : `network.${kind}`;

/** The policy with one of its rules in shadow mode in force. */
function withShadow(policy: NetworkPolicy, { kind, names }: NetworkShadow): NetworkPolicy {
  const { regions } = policy;
  switch (kind) {
    case 'deny':
      return { ...policy, deny: [...policy.deny, ...names] };
    case 'allow':
      return { ...policy, allow: names };
    case 'regions.deny':
      return { ...policy, regions: regions && { ...regions, deny: [...regions.deny, ...names] } };
    case 'regions.allow':
      return { ...policy, regions: regions && { ...regions, allow: names } };
  }
}

/** The policy at a moment, with the rules whose shadow mode has ended in force. */
export function networkAt(policy: NetworkPolicy, nowMs: number): NetworkPolicy {
  const over = policy.shadows.filter(({ shadow }) => isOver(shadow, nowMs));
  if (over.length === 0) return policy;
  const shadows = policy.shadows.filter((one) => !over.includes(one));
  return { ...over.reduce(withShadow, policy), shadows };
}

/** A rule in shadow mode and the policy with it in force. */
export interface Shadowed {
  readonly policy: NetworkPolicy;
  readonly effect: ShadowEffect;
}

/** The policy in force and its rules in shadow mode; the same object until one of them ends. */
export function createPolicyNow(
  written: NetworkPolicy,
  {
    now,
    over,
  }: { now: () => number; over?: ((ended: readonly NetworkShadow[]) => void) | undefined },
): () => { readonly policy: NetworkPolicy; readonly shadowed: readonly Shadowed[] } {
  const toNow = (policy: NetworkPolicy) => ({
    policy,
    shadowed: policy.shadows.map((one): Shadowed => {
      const about = { kind: 'network', rule: nameOf(one), effect: 'refuse' } as const;
      return { policy: withShadow(policy, one), effect: { ...about, coordinates: [] } };
    }),
    endsAtMs: Math.min(...policy.shadows.map(({ shadow }) => shadow.endsAtMs)),
  });
  let current = toNow(networkAt(written, now()));
  if (written.shadows.length === 0) return () => current;
  return () => {
    const nowMs = now();
    // Setting the clock back must not lift a rule that has taken effect.
    if (nowMs >= current.endsAtMs) {
      const { shadows } = current.policy;
      current = toNow(networkAt(current.policy, nowMs));
      over?.(shadows.filter((one) => !current.policy.shadows.includes(one)));
    }
    return current;
  };
}

/**
 * Rules of the network on trial: what they would turn away is let in and noted. When their day is over
 * they are in force without anything being read again: each decision asks the clock.
 */

import type { YamlSource } from '../files/yaml-source.ts';
import type { Shadow, ShadowEffect } from '../shadow.ts';
import { isOver } from '../shadow.ts';
import type { NetworkPolicy, NetworkTrial } from './network-policy.ts';

type Entry = string | { readonly shadow: Shadow; readonly [name: string]: unknown };
type Whole = readonly string[] | { readonly shadow: Shadow; readonly [names: string]: unknown };

/** As the schema has it. */
interface Written {
  readonly deny?: readonly Entry[] | undefined;
  readonly allow?: Whole | undefined;
  readonly regions?:
    | { readonly deny?: readonly Entry[] | undefined; readonly allow?: Whole | undefined }
    | undefined;
}

export function toNetworkTrials({
  source,
  written,
}: {
  source: YamlSource;
  written: Written;
}): NetworkTrial[] {
  const { deny = [], allow, regions = {} } = written;
  const trial = (
    kind: NetworkTrial['kind'],
    path: (string | number)[],
    written: Entry | Whole | undefined,
  ): NetworkTrial[] => {
    if (written === undefined || typeof written === 'string' || Array.isArray(written)) return [];
    const { shadow, ...named } = written as Exclude<Entry, string>;
    const at = (...more: string[]) => ({ file: source.file, ...source.at([...path, ...more]) });
    const names = Object.values(named).flat() as string[];
    return [{ kind, names, source: at(), shadow: { ...shadow, source: at('shadow') } }];
  };
  return [
    ...deny.flatMap((one, index) => trial('deny', ['deny', index], one)),
    ...trial('allow', ['allow'], allow),
    ...(regions.deny ?? []).flatMap((one, index) =>
      trial('regions.deny', ['regions', 'deny', index], one),
    ),
    ...trial('regions.allow', ['regions', 'allow'], regions.allow),
  ];
}

/** As records and metrics name it: `network.deny tor`. */
export const nameOf = ({ kind, names }: NetworkTrial): string =>
  kind.endsWith('deny') ? `network.${kind} ${names.join(' ')}` : `network.${kind}`;

/** With one of them in force. */
function withTrial(policy: NetworkPolicy, { kind, names }: NetworkTrial): NetworkPolicy {
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

/** What is in force at a moment, and what is on trial then. */
export function networkAt(policy: NetworkPolicy, nowMs: number): NetworkPolicy {
  const over = policy.trials.filter(({ shadow }) => isOver(shadow, nowMs));
  if (over.length === 0) return policy;
  const trials = policy.trials.filter((one) => !over.includes(one));
  return { ...over.reduce(withTrial, policy), trials };
}

/** Each trial with the policy that it would make. */
export interface Tried {
  readonly policy: NetworkPolicy;
  readonly effect: ShadowEffect;
}

/** The policy in force now; those who ask again get the same, until a trial is over. */
export function createPolicyNow(
  written: NetworkPolicy,
  {
    now,
    over,
  }: { now: () => number; over?: ((ended: readonly NetworkTrial[]) => void) | undefined },
): () => { readonly policy: NetworkPolicy; readonly tried: readonly Tried[] } {
  const toNow = (policy: NetworkPolicy) => ({
    policy,
    tried: policy.trials.map((one): Tried => {
      const about = { kind: 'network', rule: nameOf(one), effect: 'refuse' } as const;
      return { policy: withTrial(policy, one), effect: { ...about, coordinates: [] } };
    }),
    endsAtMs: Math.min(...policy.trials.map(({ shadow }) => shadow.endsAtMs)),
  });
  let current = toNow(networkAt(written, now()));
  if (written.trials.length === 0) return () => current;
  return () => {
    const nowMs = now();
    // A clock that is set back does not open anew what was closed.
    if (nowMs >= current.endsAtMs) {
      const { trials } = current.policy;
      current = toNow(networkAt(current.policy, nowMs));
      over?.(trials.filter((one) => !current.policy.trials.includes(one)));
    }
    return current;
  };
}

/**
 * Network rules in shadow mode: what they would refuse is admitted and recorded. A rule takes
 * effect at its end time without any reload, because each decision reads the clock.
 */

import type { YamlSource } from '../files/yaml-source.ts';
import type { Shadow, ShadowEffect } from '../shadow.ts';
import { isOver } from '../shadow.ts';
import type { NetworkPolicy, NetworkTrial } from './network-policy.ts';

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

/** The name in records and metrics: `network.deny tor`. */
export const nameOf = ({ kind, names }: NetworkTrial): string =>
  kind.endsWith('deny') ? `network.${kind} ${names.join(' ')}` : `network.${kind}`;

/** The policy with one trial in force. */
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

/** The policy at an instant: ended trials are in force, the others remain trials. */
export function networkAt(policy: NetworkPolicy, nowMs: number): NetworkPolicy {
  const over = policy.trials.filter(({ shadow }) => isOver(shadow, nowMs));
  if (over.length === 0) return policy;
  const trials = policy.trials.filter((one) => !over.includes(one));
  return { ...over.reduce(withTrial, policy), trials };
}

/** A trial and the policy with it in force. */
export interface Tried {
  readonly policy: NetworkPolicy;
  readonly effect: ShadowEffect;
}

/** The policy in force now, and its trials; the same object until a trial ends. */
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
    // Setting the clock back must not lift a rule that has taken effect.
    if (nowMs >= current.endsAtMs) {
      const { trials } = current.policy;
      current = toNow(networkAt(current.policy, nowMs));
      over?.(trials.filter((one) => !current.policy.trials.includes(one)));
    }
    return current;
  };
}

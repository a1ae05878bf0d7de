/**
 * Finds settings without effect: keys of gateway.yaml and network lists. They are not mistakes (a
 * variable may select another store elsewhere), so they are reported and not refused.
 */
import type { NetworkPolicy } from '../../admit/network-policy.ts';
import { asksForHash } from '../../authorize/mask-hash.ts';
import { partsOf } from '../../conditions/condition.ts';
import type { Config } from '../../config.ts';
import type { YamlSource } from '../../files/yaml-source.ts';
import { readOwnPath } from '../../own-path.ts';
import { conditionsIn } from '../../snapshot/check-conditions.ts';
import type { Policies } from '../../snapshot/load.ts';

export interface Idle {
  /** The path of the key. */
  readonly key: string;
  /** Position in gateway.yaml; absent for policies/network. */
  readonly file?: string;
  readonly line?: number;
  readonly why: string;
}

interface About {
  readonly config: Config;
  readonly policies: Policies;
}

/** @param about with gateway.yaml as it is written: `config` has defaults filled in */
export function findIdle(about: About & { readonly source: YamlSource }): readonly Idle[] {
  const { source } = about;
  const keys = idleKeys(about).flatMap(([key, why]): Idle[] => {
    const path = key.split('.');
    if (readOwnPath(source.value, path) === undefined) return [];
    return [{ key, file: source.file, line: source.at(path, 'key').line, why }];
  });
  return [...keys, ...idleNetwork(about.policies)];
}

type IdleKey = readonly [key: string, why: string];

/** Keys without effect in this configuration, whether they are written or not. */
function idleKeys({ config, policies }: About): IdleKey[] {
  const { store, telemetry, identity } = config;
  const isShared = store.urls !== 'memory';
  const hasTokens = identity.jwt.length + identity.introspection.length > 0;
  const unless = (holds: boolean, why: string, ...keys: string[]): IdleKey[] =>
    holds ? [] : keys.map((key) => [key, why]);
  return [
    ...unless(isShared, '`store` is no shared one', 'onStoreDown', 'instances', 'storeSecret'),
    ...unless(
      !isShared || store.onStoreDown === 'local',
      'limits are shared out with `onStoreDown: local` alone',
      'instances',
    ),
    ...unless(
      telemetry.otlp !== '',
      'nothing is sent while `telemetry.otlp` is empty',
      'telemetry.headers',
      'telemetry.slowMs',
      'telemetry.metricsIntervalMs',
    ),
    ...unless(asksForHash(policies.rules), 'no rule masks by `hash`', 'masks.key'),
    ...unless(
      config.introspection !== 'everyone' || identity.anonymous === 'allow',
      'strangers are refused (`identity.anonymous`), so `everyone` is `authenticated`',
      'introspection',
    ),
    ...unless(hasTokens, 'there are no tokens: no `jwt`, no `introspection`', 'identity.dpop'),
    ...unless(hasTokens, 'no tokens could be bound to a certificate', 'listen.tls.clientCa'),
    ...unless(
      policies.detections.length > 0,
      'policies/detect has no detection, so there are no alerts',
      'alerts.webhooks',
    ),
  ];
}

function idleNetwork({ rules, rates, network, detections }: Policies): Idle[] {
  const named = new Set([...network.deny, ...(network.allow ?? []), ...shadowedLists(network)]);
  for (const { condition } of conditionsIn(rules, rates)) {
    for (const part of partsOf(condition)) {
      if (part.kind === 'network') for (const list of part.lists) named.add(list);
    }
  }
  for (const { written } of detections) {
    for (const list of [written.match.networks ?? []].flat()) named.add(list);
  }
  const lists = network.lists.filter(({ name }) => !named.has(name));
  return [
    ...lists.map(({ name }) => ({
      key: `lists.${name}`,
      why: 'no `deny`, `allow`, condition or detection names it: it keeps nobody out',
    })),
    ...(network.header === 'forwarded' && isNone(network.trustedProxies)
      ? [{ key: 'header', why: 'no proxy is trusted (`trustedProxies`)' }]
      : []),
  ];
}

const shadowedLists = ({ shadows }: NetworkPolicy): readonly string[] =>
  shadows.flatMap(({ kind, names }) => (kind === 'deny' || kind === 'allow' ? names : []));

const isNone = (proxies: NetworkPolicy['trustedProxies']): boolean =>
  typeof proxies !== 'number' && proxies.length === 0;

export const toIdleText = ({ key, file, line, why }: Idle): string =>
  `${key} (${file === undefined ? 'policies/network' : `${file}:${line}`}): ${why}`;

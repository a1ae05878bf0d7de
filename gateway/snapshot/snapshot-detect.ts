/**
 * Compiles the detections of one snapshot from rooms that do not know each other: looks up the
 * names they use in schema, access rules, rates, network and configuration.
 */
import { isInterfaceType } from 'graphql';
import { coordinatesIn } from '../authorize/schema-coordinates.ts';
import type { Config } from '../config.ts';
import type { Detection } from '../detect/detection.ts';
import { resolveDetections } from '../detect/resolve-detections.ts';
import { keyIssuer } from '../identify/key-issuer.ts';
import type { Policies } from './load.ts';
import type { Snapshot } from './snapshot.ts';

/** Throws ConfigError if a detection names something that does not exist. */
export function compileDetections(
  {
    detections,
    rates,
    rules,
    network,
  }: Pick<Policies, 'detections' | 'rates' | 'rules' | 'network'>,
  { executable, policy }: Pick<Snapshot, 'executable' | 'policy'>,
  config: Pick<Config, 'upstreams' | 'identity' | 'audit'>,
): readonly Detection[] {
  if (detections.length === 0) return [];
  return resolveDetections(detections, {
    coordinates: new Set(coordinatesIn(executable)),
    typesOf(name) {
      const type = executable.getType(name);
      if (!isInterfaceType(type)) return [name];
      return executable.getPossibleTypes(type).map((possible) => possible.name);
    },
    classesOf: (coordinate) =>
      policy.fields.get(coordinate)?.classes ?? policy.inputs.get(coordinate)?.classes ?? [],
    classes: new Set(rules.flatMap(({ classes }) => classes)),
    lists: network.lists.map(({ name }) => name),
    hasCountries: network.regions !== undefined,
    hasSubjects: Object.keys(config.audit?.subjects ?? {}).length > 0,
    rates: rates.map(({ name }) => name),
    upstreams: config.upstreams.map(({ name }) => name),
    issuers: issuersOf(config),
  });
}

/** The issuers of all callers; callers with an API key have an issuer of their own. */
function issuersOf({ identity }: Pick<Config, 'identity'>): readonly string[] {
  const { jwt, introspection, apiKeys } = identity;
  const named = [...jwt, ...introspection].map(({ issuer }) => issuer);
  return apiKeys === undefined ? named : [...named, keyIssuer];
}

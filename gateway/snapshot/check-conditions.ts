/**
 * Checks that the names in conditions exist in the network policies: a condition on an unknown list
 * would never hold, without anyone noticing.
 */
import type { NetworkPolicy } from '../admit/network-policy.ts';
import type { AccessRule } from '../authorize/access/access-file.ts';
import { type Condition, partsOf } from '../conditions/condition.ts';
import type { NamePlaces } from '../conditions/condition-places.ts';
import type { WrittenDetection } from '../detect/detect-file.ts';
import { asksForCountry } from '../detect/resolve-detections.ts';
import type { Problem } from '../files/config-error.ts';
import { didYouMean } from '../files/nearest.ts';
import type { SourceLocation } from '../files/source-location.ts';
import type { WrittenRate } from '../rates/rates-file.ts';

interface Placed {
  /** Name of the rule or rate. */
  readonly name: string;
  readonly condition: Condition;
  readonly source: SourceLocation;
  readonly names: NamePlaces | undefined;
}

export function checkConditions(about: {
  rules: readonly AccessRule[];
  rates: readonly WrittenRate[];
  network: NetworkPolicy;
}): Problem[] {
  const known = about.network.lists.map((list) => list.name);
  return conditionsIn(about.rules, about.rates).flatMap(({ condition, source, names }) =>
    [...partsOf(condition)].flatMap((part): Problem[] => {
      const places = names?.get(part) ?? [];
      const problemAt = (index: number) =>
        ({ ...(places[index] ?? source), path: '', code: 'unknown-name' }) as const;
      if (part.kind === 'regions' && about.network.regions === undefined) {
        const message = 'a condition on `regions` needs `regions` in policies/network';
        return [{ ...problemAt(0), message }];
      }
      if (part.kind !== 'network') return [];
      return part.lists.flatMap((name, index) => {
        if (known.includes(name)) return [];
        const message = `policies/network has no list "${name}"${didYouMean(name, known)}`;
        return [{ ...problemAt(index), message }];
      });
    }),
  );
}

/** Whether a condition or a detection asks for countries, so that the database is needed. */
export function asksForRegions(about: {
  rules: readonly AccessRule[];
  rates: readonly WrittenRate[];
  detections: readonly WrittenDetection[];
}): boolean {
  const byCondition = conditionsIn(about.rules, about.rates).some(({ condition }) =>
    [...partsOf(condition)].some((part) => part.kind === 'regions'),
  );
  return (
    byCondition ||
    about.detections.some(
      ({ written }) => written.match.countries !== undefined || asksForCountry(written),
    )
  );
}

/** Every condition in rules and rates. */
export function conditionsIn(
  rules: readonly AccessRule[],
  rates: readonly WrittenRate[],
): Placed[] {
  const ofRules = rules.flatMap((rule) => {
    const masks = rule.otherwise?.masks.map((mask) => mask.allow) ?? [];
    return [rule.allow, rule.require, ...masks].flatMap((condition) =>
      condition === undefined
        ? []
        : [{ name: rule.name, condition, source: rule.source, names: rule.names }],
    );
  });
  const ofRates = rates.flatMap(({ name, appliesTo, source, names }) =>
    appliesTo === undefined ? [] : [{ name, condition: appliesTo, source, names }],
  );
  return [...ofRules, ...ofRates];
}

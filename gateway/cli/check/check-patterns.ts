/**
 * Finds names with a `*` in conditions and detections. There the `*` is literal, so probably no
 * caller has the name; an operator who knows the patterns of an issuer's `may` would expect a
 * prefix.
 */
import { type Condition, partsOf } from '../../conditions/condition.ts';
import { conditionsIn } from '../../snapshot/check-conditions.ts';
import type { Policies } from '../../snapshot/load.ts';

export interface FoundPattern {
  /** The name of the rule, rate or detection. */
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  /** What it is compared with: a scope, a role. */
  readonly what: string;
  readonly text: string;
}

export function findPatterns({
  rules,
  rates,
  detections,
}: Pick<Policies, 'rules' | 'rates' | 'detections'>): readonly FoundPattern[] {
  const ofConditions = conditionsIn(rules, rates).flatMap(
    ({ name, condition, source: { file, line } }) =>
      [...partsOf(condition)].flatMap((part) =>
        withStar(...namesIn(part)).map((one) => ({ rule: name, file, line, ...one })),
      ),
  );
  const ofDetections = detections.flatMap(({ written: { name, match }, file, line }) =>
    withStar('client', [match.clients ?? []].flat()).map((one) => ({
      rule: name,
      file,
      line,
      ...one,
    })),
  );
  return [...ofConditions, ...ofDetections];
}

function namesIn(part: Condition): [what: string, names: readonly unknown[]] {
  switch (part.kind) {
    case 'scopes':
      return ['scope', part.scopes];
    case 'roles':
      return ['role', part.roles];
    case 'clients':
      return ['client', part.clients];
    case 'claims':
      return [`value of the claim ${part.claim}`, part.values];
    default:
      return ['', []];
  }
}

const withStar = (what: string, names: readonly unknown[]): { what: string; text: string }[] =>
  names.flatMap((text) => (typeof text === 'string' && text.includes('*') ? [{ what, text }] : []));

export const toPatternText = ({ rule, file, line, what, text }: FoundPattern): string =>
  `${rule} (${file}:${line}): the ${what} ${JSON.stringify(text)} is that text alone, and no pattern: write each name that is meant${what === 'scope' ? ', under `any` where one of several is enough' : ''}`;

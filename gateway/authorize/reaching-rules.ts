/**
 * Decides which rules that match a coordinate reach it: a broad grant does not if another rule
 * names it.
 */
import type { GraphQLType } from 'graphql';
import type { AccessRule } from './access/access-file.ts';
import { closeness, type Match } from './access/match-rules.ts';
import { isOpaque } from './opaque.ts';

export function reaches(
  match: Match,
  all: readonly Match[],
  type: GraphQLType | undefined,
): boolean {
  if (match.closeness === closeness.named) return true;
  if (match.closeness === closeness.broad && isOpaque(type)) return false;
  return !all.some(
    (other) =>
      other.rule !== match.rule &&
      (other.closeness > match.closeness || other.rule.classes.length > 0),
  );
}

/** In the order of their matches. */
export function distinctRules(matches: readonly Match[]): AccessRule[] {
  return [...new Set(matches.map((match) => match.rule))];
}

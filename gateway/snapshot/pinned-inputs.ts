/**
 * What pins mean for a snapshot: the arguments that callers do not have, and the joins and links
 * that would ask without the claim.
 */
import type { Pin } from '../authorize/compile-pins.ts';
import type { Policy } from '../authorize/policy.ts';
import { ConfigError, type Problem } from '../files/config-error.ts';
import type { PinnedArguments } from '../plan/pinned.ts';

/**
 * Throws ConfigError if a join or a link would ask a field without the claim.
 *
 * @param keyed fields that joins and links ask by key, with the join or link
 */
export function refusePinnedKeys(
  { pins, inputPins }: Policy,
  keyed: ReadonlyMap<string, string> | undefined,
): void {
  const problems = [...pins, ...inputPins].flatMap(([field, list]) => {
    const by = keyed?.get(field);
    return by === undefined ? [] : list.map((pin) => toKeyProblem(pin, by));
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

function toKeyProblem({ coordinate, rule }: Pick<Pin, 'coordinate' | 'rule'>, by: string): Problem {
  const message = `${coordinate} cannot be pinned: ${by} asks this field by key, and sends no claim`;
  return { ...rule.source, path: '', code: 'conflict', message };
}

export const pinnedArgumentsOf = ({ pins }: Policy): PinnedArguments =>
  new Map([...pins].map(([field, list]) => [field, list.map(({ argument }) => argument)]));

/** `network: office`: the client's address is on one of the named lists. */
import type { Situation } from '../situation.ts';

export const network =
  (wanted: readonly string[]) =>
  (situation: Situation): boolean =>
    wanted.some((name) => situation.networks.includes(name));

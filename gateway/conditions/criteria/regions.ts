/**
 * `regions: [DE, FR]`: the client's address is in one of the countries; an unknown one is in none.
 */
import type { Situation } from '../situation.ts';

export const regions =
  (wanted: readonly string[]) =>
  ({ country }: Situation): boolean =>
    country !== undefined && wanted.includes(country);

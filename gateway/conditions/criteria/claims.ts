/**
 * `claims: { department: [hr, legal] }`: the verified claim is one of the values, or a list that
 * contains one. Types must match: the text "1" is not the number 1. Reads own properties only.
 */
import { readClaim } from '../../own-path.ts';
import type { Caller } from '../../request.ts';

type ClaimValue = string | number | boolean;

export const claims =
  (claim: string, wanted: readonly ClaimValue[]) =>
  (caller: Caller): boolean => {
    const actual = readClaim(caller.claims, claim.split('.'));
    const values: readonly unknown[] = Array.isArray(actual) ? actual : [actual];
    return wanted.some((value) => values.includes(value));
  };

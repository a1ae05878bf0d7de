/** `scopes: [a, b]`: the caller holds all of them. */
import type { Caller } from '../../request.ts';

export const scopes =
  (wanted: readonly string[]) =>
  (caller: Caller): boolean =>
    wanted.length > 0 && wanted.every((scope) => caller.scopes.has(scope));

/** `roles: [a, b]`: the caller has one of them. */
import type { Caller } from '../../request.ts';

export const roles =
  (wanted: readonly string[]) =>
  (caller: Caller): boolean =>
    wanted.some((role) => caller.roles.has(role));

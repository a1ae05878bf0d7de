/** `clients: [payroll-app]`: the verified client application is one of them. */
import type { Caller } from '../../request.ts';

export const clients =
  (wanted: readonly string[]) =>
  (caller: Caller): boolean =>
    caller.client !== undefined && wanted.includes(caller.client);

/** `everyone`: any caller, including anonymous ones if they are admitted. */
import type { Caller } from '../../request.ts';

export const everyone = (_caller: Caller): boolean => true;

/** `everyone`: any caller, the anonymous too where they are let in. */
import type { Caller } from '../../request.ts';

export const everyone = (_caller: Caller): boolean => true;

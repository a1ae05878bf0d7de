/** `authenticated`: a caller with a verified credential. */
import type { Caller } from '../../request.ts';

export const authenticated = (caller: Caller): boolean => caller.kind !== 'anonymous';

/** Names of types and fields that no upstream may bring: the gateway adds such to what it asks. */
import { reservedName } from '../plan/plan.ts';
import { keyAlias } from './rekey-rows.ts';

export const isReservedName = (name: string): boolean =>
  reservedName.test(name) || name === keyAlias;

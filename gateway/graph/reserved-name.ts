/**
 * Whether a type or field name is reserved: the gateway adds such names to what it asks, so no
 * upstream may define them.
 */
import { reservedName } from '../plan/plan.ts';
import { keyAlias } from './rekey-rows.ts';

export const isReservedName = (name: string): boolean =>
  reservedName.test(name) || name === keyAlias;

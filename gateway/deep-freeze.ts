/** Makes plain data immutable, so that no part of the gateway can change what all of them share. */

/** Freezes arrays and objects recursively, and returns the same value. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

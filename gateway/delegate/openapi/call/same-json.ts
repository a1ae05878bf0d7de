/** Compares two values of JSON by their content. */
import { isJsonObject } from '../../../json-value.ts';

export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, at) => isSameJson(each, other[at]));
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && isSameJson(one[key], other[key]));
}

export function hasSameJson(values: readonly unknown[], value: unknown): boolean {
  for (const each of values) if (isSameJson(each, value)) return true;
  return false;
}

/**
 * The values that an expression can compare: text, numbers, booleans and lists of them. All else
 * cannot be evaluated and so refuses: null, missing values, objects and lists that contain these;
 * empty text, as a token and an object that both state nothing must not match; and integers beyond
 * the precision of a double, as two accounts would be equal.
 */
import { isRounded } from '../../graph/upstream-value.ts';

export type Scalar = string | number | boolean;
/** Undefined if it cannot be evaluated. */
export type Value = Scalar | readonly Scalar[] | undefined;

/** Longer lists cannot be evaluated. */
const listItemsMax = 1_000;

/** Converts a value read from a token, an argument or an object. */
export function toValue(raw: unknown): Value {
  if (!Array.isArray(raw)) return toScalar(raw);
  if (raw.length > listItemsMax) return undefined;
  const items: Scalar[] = [];
  for (const one of raw) {
    const item = toScalar(one);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function toScalar(raw: unknown): Scalar | undefined {
  if (typeof raw === 'string') return raw === '' ? undefined : raw;
  if (typeof raw === 'number') return Number.isFinite(raw) && !isRounded(raw) ? raw : undefined;
  return typeof raw === 'boolean' ? raw : undefined;
}

/** Undefined for different types: the text "1" and the number 1 are neither equal nor unequal. */
function isEqual(one: Value, other: Value): boolean | undefined {
  if (one === undefined || typeof one !== typeof other || typeof one === 'object') return undefined;
  return one === other;
}

const negated = (answer: boolean | undefined): boolean | undefined =>
  answer === undefined ? undefined : !answer;

/** Compares numbers by size, text by its UTF-16 units. */
function isLess(one: Value, other: Value): boolean | undefined {
  if (typeof one === 'number' && typeof other === 'number') return one < other;
  return typeof one === 'string' && typeof other === 'string' ? one < other : undefined;
}

function isIn(one: Value, list: Value): boolean | undefined {
  if (one === undefined || typeof one === 'object') return undefined;
  return typeof list === 'object' ? list.includes(one) : undefined;
}

export const comparisons = {
  '==': isEqual,
  '!=': (one: Value, other: Value) => negated(isEqual(one, other)),
  '<': isLess,
  '>': (one: Value, other: Value) => isLess(other, one),
  '<=': (one: Value, other: Value) => negated(isLess(other, one)),
  '>=': (one: Value, other: Value) => negated(isLess(one, other)),
  in: isIn,
} as const;
export type Comparison = keyof typeof comparisons;

/** A test on two texts; undefined for an empty second one, which every text would match. */
const ofTexts =
  (holds: (one: string, other: string) => boolean) =>
  (one: Value, other: Value): boolean | undefined =>
    typeof one === 'string' && typeof other === 'string' && other !== ''
      ? holds(one, other)
      : undefined;

export const textTests = {
  startsWith: ofTexts((one, other) => one.startsWith(other)),
  endsWith: ofTexts((one, other) => one.endsWith(other)),
  contains: ofTexts((one, other) => one.includes(other)),
} as const;
export type TextTest = keyof typeof textTests;

/** The number of code points in a text, or of entries in a list. */
export function sizeOf(value: Value): number | undefined {
  if (typeof value === 'string') return [...value].length;
  return typeof value === 'object' ? value.length : undefined;
}

/** An integer as decimal digits; text unchanged. */
export function toText(value: Value): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === 'string' ? value : undefined;
}

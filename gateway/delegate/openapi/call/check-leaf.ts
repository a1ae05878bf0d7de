/**
 * Checks numbers and strings against a schema: bounds, lengths, patterns, formats. Reports the
 * violated keyword, never the value. Pure, except for a cache of patterns.
 */

import type { JsonSchema } from '../document/schema-shape.ts';
import { compilePattern } from './linear-pattern.ts';
import type { Pattern, PatternWork } from './run-pattern.ts';

type Found = string | undefined;

/** Checks a number against bounds and `multipleOf`. */
export function checkNumber(schema: JsonSchema, value: number): Found {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below, multipleOf } = schema;
  const least = toNumber(minimum);
  const most = toNumber(maximum);
  if (least !== undefined && (above === true ? value <= least : value < least)) return 'minimum';
  if (most !== undefined && (below === true ? value >= most : value > most)) return 'maximum';
  if (typeof above === 'number' && value <= above) return 'exclusiveMinimum';
  if (typeof below === 'number' && value >= below) return 'exclusiveMaximum';
  return isMultiple(value, toNumber(multipleOf)) ? undefined : 'multipleOf';
}

/** Compares the quotient with tolerance, because 0.3 / 0.1 is 2.9999999999999996. */
function isMultiple(value: number, of: number | undefined): boolean {
  if (of === undefined || of <= 0) return true;
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * 1e-12;
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
}

/** Checks a string against length, pattern and format; `work` is the budget left for patterns. */
export function checkText(schema: JsonSchema, value: string, work: PatternWork): Found {
  const { minLength, maxLength, pattern, format } = schema;
  const isBounded = minLength !== undefined || maxLength !== undefined;
  if (isBounded && isOutside(charactersOf(value), minLength, maxLength)) return 'length';
  if (typeof pattern === 'string') {
    const has = patternOf(pattern)?.(value, work);
    if (has === false) return 'pattern';
  }
  const test = typeof format === 'string' ? formats.get(format) : undefined;
  return test === undefined || test(value) ? undefined : 'format';
}

/** JSON Schema counts code points, JavaScript UTF-16 units. */
function charactersOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** Whether a number of characters, items or properties is out of bounds. */
export function isOutside(size: number, least: unknown, most: unknown): boolean {
  return size < (toNumber(least) ?? 0) || size > (toNumber(most) ?? Number.POSITIVE_INFINITY);
}

const patterns = new Map<string, Pattern | undefined>();
const patternsMax = 10_000;

/** Undefined for a pattern that is left to the upstream to check. */
export function patternOf(source: string): Pattern | undefined {
  if (patterns.has(source)) return patterns.get(source);
  const compiled = compilePattern(source);
  if (patterns.size < patternsMax) patterns.set(source, compiled);
  return compiled;
}

const formats = new Map<string, (text: string) => boolean>([
  ['date', isDate],
  ['date-time', isDateTime],
  ['uuid', (text) => /^(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)],
]);

function isDate(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (found === null) return false;
  const [year, month, day] = found.slice(1).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day ?? 0);
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
}

function isDateTime(text: string): boolean {
  const [date = '', time = '', ...rest] = text.split(/[Tt ]/);
  const found =
    /^([01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,20})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;
  return rest.length === 0 && isDate(date) && found.test(time);
}

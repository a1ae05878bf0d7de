/**
 * Parses JSON sent by a caller, within bounds. JSON.parse accepts two things that later steps must
 * not meet: nesting so deep that a recursive walk overflows the stack, and text that is not Unicode
 * (a lone surrogate), which two readers would encode differently.
 */
import { Refusal } from '../decision.ts';
import { endOfString } from '../json-string.ts';
import { isJsonObject } from '../json-value.ts';

/** Deepest nesting of objects and lists. */
export const jsonDepthMax = 100;

/** The value, boxed to be no possible refusal; or a refusal, which mentions `name`. */
export function parseJson(text: string, name = 'The body'): { readonly value: unknown } | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return malformed(`${name} is not JSON.`);
    throw error;
  }
  if (isTooDeep(text)) return malformed(`${name} is nested deeper than ${jsonDepthMax}.`);
  const mayHoldHalves = /\\u[dD][89a-fA-F]/.test(text) || !text.isWellFormed();
  return mayHoldHalves && !isUnicode(value) ? malformed(`${name} is not Unicode.`) : { value };
}

const quote = 0x22;
const isOpening = (sign: number): boolean => sign === 0x5b || sign === 0x7b;
const isClosing = (sign: number): boolean => sign === 0x5d || sign === 0x7d;

/** Counts brackets outside strings; the text is known to be valid JSON. */
function isTooDeep(text: string): boolean {
  // Nesting this deep needs at least this many pairs of brackets.
  if (text.length < 2 * jsonDepthMax) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charCodeAt(index);
    if (sign === quote) index = endOfString(text, index);
    else if (isOpening(sign)) depth += 1;
    else if (isClosing(sign)) depth -= 1;
    if (depth > jsonDepthMax) return true;
  }
  return false;
}

function isUnicode(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (Array.isArray(value)) return value.every(isUnicode);
  if (!isJsonObject(value)) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isUnicode(member));
}

function malformed(detail: string): Refusal {
  return new Refusal('admit/body-malformed', { detail });
}

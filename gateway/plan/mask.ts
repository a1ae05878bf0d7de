/**
 * Masks a value that a caller may only recognise. A mask shows at most half of the characters, else
 * it redacts, so that short values do not leak whole. Fails closed: a value that does not have the
 * form a mask expects is redacted.
 */
import type { MaskName } from './plan.ts';

/** Fixed, so that it does not reveal the length of the value. */
const redacted = '•••••';

/** @param hash keyed; used by the mask `hash`, which redacts without it */
export function maskText(mask: MaskName, value: string, hash?: (text: string) => string): string {
  switch (mask) {
    case 'redact':
      return redacted;
    case 'last4':
      return showSome(value, (count) => [count - 4, count]);
    case 'first1':
      return showSome(value, () => [0, 1]);
    case 'domain':
      return showDomain(value);
    case 'year':
      return toYear(value);
    case 'hash':
      return hash === undefined ? redacted : hash(value);
  }
}

/** Replaces all characters outside the range by dots. */
function showSome(
  value: string,
  range: (count: number) => readonly [from: number, to: number],
): string {
  const count = countCharacters(value);
  const [from, to] = range(count);
  if ((to - from) * 2 > count) return redacted;
  const shown =
    count === value.length ? value.slice(from, to) : Array.from(value).slice(from, to).join('');
  return '•'.repeat(from) + shown + '•'.repeat(count - to);
}

/** Code points; equals the length unless the text has surrogate pairs. */
function countCharacters(value: string): number {
  return /[\ud800-\udfff]/.test(value) ? Array.from(value).length : value.length;
}

/** `•••••••••••••@acme.com`; the @ is shown and counts as shown. */
function showDomain(value: string): string {
  // RFC 5322: a quoted local part may contain an @; the last one separates the domain.
  const [local] = /^.+(?=@[^@\s]+$)/s.exec(value) ?? [];
  if (local === undefined) return redacted;
  return showSome(value, (count) => [countCharacters(local), count]);
}

/** RFC 3339, with at least ten characters: a year is less than half of them. */
const isDate = /^\d{4}-\d\d-\d\d(?:[T ].*)?$/s;

/** The year of a date or time; a number that starts with four digits is redacted. */
function toYear(value: string): string {
  return isDate.test(value) ? value.slice(0, 4) : redacted;
}

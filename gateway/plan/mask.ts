/**
 * Masks: what is left of a value that a caller may only recognise. A mask shows at most half of
 * the value's characters, else it redacts, so that short values do not leak whole. Fails closed:
 * what has not the form that a mask expects is redacted.
 */
import type { MaskName } from './plan.ts';

/** Fixed, so that it does not tell the length of what it stands for. */
const redacted = '•••••';

/** @param hash keyed, for `hash` alone; without one it redacts */
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

/** Dots in the place of all characters but those from the first index up to the second. */
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

/** Code points; most texts have no pairs, and as many as their length says. */
function countCharacters(value: string): number {
  return /[\ud800-\udfff]/.test(value) ? Array.from(value).length : value.length;
}

/** `•••••••••••••@acme.com`; the @ is shown too, and counts. */
function showDomain(value: string): string {
  // RFC 5322: a quoted local part may hold an @ of its own; the last one counts.
  const [local] = /^.+(?=@[^@\s]+$)/s.exec(value) ?? [];
  if (local === undefined) return redacted;
  return showSome(value, (count) => [countCharacters(local), count]);
}

/** Of a date or a time as RFC 3339 writes them; not of a number that merely starts with four digits. */
function toYear(value: string): string {
  const [, year] = /^(\d{4})-\d\d-\d\d(?:[T ].*)?$/s.exec(value) ?? [];
  return year !== undefined && year.length * 2 <= countCharacters(value) ? year : redacted;
}

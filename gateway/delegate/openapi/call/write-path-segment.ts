/** The segments of a path that come from a caller, who must not reach another path by them. */
import { joinItems } from './delimited-list.ts';
import type { PathArgument } from './rest-operation.ts';
import { refuse, writeChecked } from './write-argument.ts';

/**
 * One path segment. Encoding alone is not enough: `..` needs none, and an upstream that decodes
 * before it routes would see the dot segments of `../admin` again, also in `..;/admin` if it
 * ignores what follows a `;`; and in `/` or `;x` no segment at all.
 */
export function toPathSegment(value: unknown, argument: PathArgument, upstream: string): string {
  const written = writeChecked(value, argument, upstream);
  const { fits } = argument;
  // Like nearly all keys: nothing to refuse or to encode.
  if (fits === undefined && typeof written === 'string' && plainSegment.test(written)) {
    return written;
  }
  const texts = [written].flat().map(String);
  if (fits !== undefined && !fits(texts)) {
    throw refuse(argument, 'no part of a path segment', upstream);
  }
  if (texts.length === 0 || isRefusedSegment(texts.join(',')) || texts.some(isRefusedSegment)) {
    throw refuse(argument, 'no path segment', upstream);
  }
  return Array.isArray(written)
    ? joinItems(texts, 'comma', {
        encode: encodeURIComponent,
        refuse: (why) => refuse(argument, why, upstream),
      })
    : texts.map(encodeURIComponent).join(',');
}

const plainSegment = /^[\w-]+$/;

function isRefusedSegment(text: string): boolean {
  const segments = text.split(/[/\\]/);
  return (
    /^[/\\]*(?:;|$)/.test(text) ||
    segments.some((segment) => /^\.{1,2}(?:;|$)/.test(segment)) ||
    hasControlCharacter(text) ||
    !text.isWellFormed()
  );
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

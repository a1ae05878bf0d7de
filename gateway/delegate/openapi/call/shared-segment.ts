/**
 * Path parameters that share their segment with other text: services decode such a segment before
 * they split it, so encoding alone does not keep a value from being read as two. Pure; fails
 * closed.
 */

import type { Shape } from '../document/schema-shape.ts';

/** Whether a value, of one or several comma-separated items, keeps its segment's boundaries. */
export type FitsSegment = (items: readonly string[]) => boolean;

const parameter = /\{([^{}]*)\}/;
/** Delimiters of OData keys and arguments. */
const ofKeys = /['"(),=]/;

/**
 * Undefined if the parameter is a segment by itself; a string tells why nothing can be sent.
 * `shapeOf` returns the shape of a path parameter.
 */
export function sharedSegmentOf(
  path: string,
  name: string,
  shapeOf: (name: string) => Shape | undefined,
): FitsSegment | undefined | string {
  const segment = path.split('/').find((one) => one.includes(`{${name}}`)) ?? '';
  // Alternating literals and parameters.
  const parts = segment.split(parameter);
  const literals = parts.filter((_, index) => index % 2 === 0);
  const between = literals.slice(1, -1);
  if (between.includes('')) return 'the path has two parameters with nothing between them';
  const free = parts.filter((part, index) => index % 2 === 1 && !hasOneForm(shapeOf(part)));
  const separators = free.length > 1 && free.includes(name) ? between : [];
  const hasKeys = literals.some((one) => /['"(]|%2[278]/.test(one));
  const isFollowed = !segment.endsWith(`{${name}}`);
  if (separators.length === 0 && !hasKeys && !isFollowed) return undefined;
  const isQuoted = /(?:['"]|%2[27])$/.test(segment.slice(0, segment.indexOf(`{${name}}`)));
  return (items) => {
    // Servers that end a name at a `;` would not see what follows.
    if (isFollowed && items.some((item) => item.includes(';'))) return false;
    if (hasKeys && items.some((item) => dividesKeys(item, isQuoted))) return false;
    const text = items.join(',');
    return !separators.some((separator) => isMoved(separator, text));
  };
}

/** If the document has no quotes, the caller may quote the whole text. */
function dividesKeys(item: string, isQuoted: boolean): boolean {
  const [, quoted] = isQuoted ? [] : (/^'(.+)'$/s.exec(item) ?? []);
  return ofKeys.test(quoted ?? item);
}

/** Whether no part of another parameter can be taken for a part of this one. */
function hasOneForm(shape: Shape | undefined): boolean {
  if (shape?.kind === 'enum')
    return shape.values.every((value) => /^[a-z\d]+$/i.test(String(value)));
  if (shape?.kind !== 'scalar') return false;
  const { scalar, format } = shape;
  return scalar === 'int' || scalar === 'long' || format === 'uuid' || format === 'date';
}

/** `a.` before `...` equals `a` before `....`. */
function isMoved(separator: string, text: string): boolean {
  return (
    text.includes(separator) ||
    separator.endsWith(text.charAt(0)) ||
    separator.startsWith(text.charAt(text.length - 1))
  );
}

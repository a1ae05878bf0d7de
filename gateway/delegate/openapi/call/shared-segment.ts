/**
 * Path parameters that share their segment with other text: services decode such a segment before they
 * take it apart, so encoding alone does not keep a value from being read as two. Pure; fails closed.
 */

import type { Shape } from '../document/schema-shape.ts';

/** Whether a value moves no line in its segment. */
export type FitsSegment = (text: string) => boolean;

const parameter = /\{([^{}]*)\}/;
/** What divides the keys and arguments of OData. */
const ofKeys = /['"(),=]/;

/**
 * Undefined where the parameter stands alone; a text says why nothing can be sent.
 * @param shapeOf the shape of a parameter of the path
 */
export function sharedSegmentOf(
  path: string,
  name: string,
  shapeOf: (name: string) => Shape | undefined,
): FitsSegment | undefined | string {
  const segment = path.split('/').find((one) => one.includes(`{${name}}`)) ?? '';
  // By turns a literal and a parameter.
  const parts = segment.split(parameter);
  const literals = parts.filter((_, index) => index % 2 === 0);
  if (literals.slice(1, -1).includes('')) {
    return 'the path has two parameters with nothing between them';
  }
  const isFixed = (index: number): boolean => hasOneForm(shapeOf(parts[index] ?? ''));
  const movable = parts.filter((_, index) => {
    const isBetween = index % 2 === 0 && index > 0 && index < parts.length - 1;
    return isBetween && !isFixed(index - 1) && !isFixed(index + 1);
  });
  const hasKeys = literals.some((one) => /['"(]|%2[278]/.test(one));
  if (movable.length === 0 && !hasKeys) return undefined;
  return (text) =>
    !(hasKeys && ofKeys.test(text)) && !movable.some((separator) => isMoved(separator, text));
}

/** Whether nobody takes a part of another parameter for a part of it. */
function hasOneForm(shape: Shape | undefined): boolean {
  if (shape?.kind !== 'scalar') return false;
  const { scalar, format } = shape;
  return scalar === 'int' || scalar === 'long' || format === 'uuid' || format === 'date';
}

/** `a.` before `...` is as much as `a` before `....`. */
function isMoved(separator: string, text: string): boolean {
  return (
    text.includes(separator) ||
    separator.endsWith(text.charAt(0)) ||
    separator.startsWith(text.charAt(text.length - 1))
  );
}

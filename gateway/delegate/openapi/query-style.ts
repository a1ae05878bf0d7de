/**
 * How a query parameter is spelled, from its `style`, `explode` and shape; undefined for forms
 * that have no clear spelling (objects as bare parameters, lists in deep objects, JSON texts).
 */
import type { ApiParameter } from './list-operations.ts';
import { readShape } from './read-shape.ts';
import type { QueryStyle } from './rest-operation.ts';
import type { Shape } from './schema-shape.ts';

export function toQueryStyle(parameter: ApiParameter, shape: Shape): QueryStyle | undefined {
  const { style = 'form', explode = style === 'form' } = parameter;
  if (style === 'deepObject') return isFlat(shape) ? 'deep' : undefined;
  if (isSingle(shape)) return style === 'form' ? 'one' : undefined;
  if (shape.kind !== 'list' || !isSingle(readShape(shape.items))) return undefined;
  if (explode) return 'repeat';
  switch (style) {
    case 'form':
      return 'comma';
    case 'spaceDelimited':
      return 'space';
    case 'pipeDelimited':
      return 'pipe';
    default:
      return undefined;
  }
}

function isSingle(shape: Shape): boolean {
  return shape.kind === 'scalar' || shape.kind === 'enum';
}

function isFlat(shape: Shape): boolean {
  return (
    shape.kind === 'object' &&
    [...shape.properties.values()].every((property) => isSingle(readShape(property)))
  );
}

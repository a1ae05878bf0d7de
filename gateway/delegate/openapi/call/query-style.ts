/**
 * How a query parameter is spelled, by its `style`, `explode` and shape; undefined for forms
 * without a clear spelling (but for `deepObject`, lists in objects and objects in objects; texts of
 * JSON).
 */
import type { ApiParameter } from '../document/list-operations.ts';
import { readShape } from '../document/read-shape.ts';
import { isLeaf } from '../document/scalar-shapes.ts';
import type { Shape } from '../document/schema-shape.ts';
import type { QueryStyle } from './rest-operation.ts';

export function toQueryStyle(parameter: ApiParameter, shape: Shape): QueryStyle | undefined {
  const { style = 'form', explode = style === 'form' } = parameter;
  if (style === 'deepObject') return isFlat(shape) ? 'deep' : 'nested';
  if (isLeaf(shape)) return style === 'form' ? 'one' : undefined;
  // Open objects would let a caller write any parameter of the upstream.
  if (shape.kind === 'object' && style === 'form' && explode) {
    return isFlat(shape) && !shape.open ? 'spread' : undefined;
  }
  return isPlainList(shape) ? toListStyle(style, explode) : undefined;
}

export function toListStyle(
  style: string,
  explode: boolean,
): Extract<QueryStyle, 'repeat' | 'comma' | 'space' | 'pipe'> | undefined {
  if (explode && style === 'form') return 'repeat';
  switch (style) {
    case 'form':
      return 'comma';
    case 'spaceDelimited':
      return explode ? 'repeat' : 'space';
    case 'pipeDelimited':
      return explode ? 'repeat' : 'pipe';
    default:
      return undefined;
  }
}

export function isPlainList(shape: Shape): boolean {
  return shape.kind === 'list' && isLeaf(readShape(shape.items));
}

export function isFlat(shape: Shape): boolean {
  return (
    shape.kind === 'object' &&
    [...shape.properties.values()].every((property) => isLeaf(readShape(property)))
  );
}

/** Names of the parameters that an object is written as; empty for other shapes. */
export function namesWritten(
  { name }: ApiParameter,
  { style, shape }: { style: QueryStyle; shape: Shape },
): string[] {
  if (shape.kind !== 'object' || style === 'nested') return [];
  const keys = [...shape.properties.keys()];
  return style === 'deep' ? keys.map((key) => `${name}[${key}]`) : keys;
}

/** Whether an object in this style can write another parameter. */
export function mayWrite(
  parameter: ApiParameter,
  about: { style: QueryStyle; shape: Shape },
  other: string,
): boolean {
  const { style, shape } = about;
  const isOpen = style === 'deep' && shape.kind === 'object' && shape.open;
  if ((isOpen || style === 'nested') && other.startsWith(`${parameter.name}[`)) return true;
  return other !== parameter.name && namesWritten(parameter, about).includes(other);
}

/**
 * Combines several schemas of one string or number: any may hold (`anyOf`, `oneOf`), or all do
 * (`allOf`). Undefined if the result is no single scalar or enum. Pure.
 */
import type { EnumShape, JsonSchema, ScalarShape, Shape } from './schema-shape.ts';

type Leaf = ScalarShape | EnumShape;

/** The union: `oneOf: [{ const: 1 }, { const: 2 }]` is an enum, an enum or string is one. */
export function leafOfAny(shapes: readonly Shape[], source: JsonSchema): Leaf | undefined {
  const leaves = shapes.filter(isLeaf);
  if (leaves.length < shapes.length || !haveOneType(leaves)) return undefined;
  const nullable = leaves.some((leaf) => leaf.nullable);
  const [first, ...others] = leaves.filter((leaf) => leaf.kind === 'scalar');
  if (first === undefined) {
    const values = new Set(leaves.flatMap((leaf) => (leaf.kind === 'enum' ? leaf.values : [])));
    return { kind: 'enum', nullable, source, values: [...values] };
  }
  const isOneFormat = others.every(({ format }) => format === first.format);
  const format = isOneFormat && leaves.length === others.length + 1 ? first.format : undefined;
  return { ...first, nullable, format };
}

/** The intersection: of a string and an enum, the enum. */
export function leafOfAll(shapes: readonly Shape[], source: JsonSchema): Leaf | undefined {
  const leaves = shapes.filter(isLeaf);
  if (leaves.length < shapes.length || !haveOneType(leaves)) return undefined;
  const enums = leaves.filter((leaf) => leaf.kind === 'enum');
  const [first] = enums;
  if (first === undefined) return leaves[0];
  const values = first.values.filter((value) => enums.every((one) => one.values.includes(value)));
  if (values.length === 0) return undefined;
  // An enum with exactly these values stands for all, with its name.
  const own = enums.find((one) => one.values.length === values.length);
  return own ?? { kind: 'enum', nullable: false, source, values };
}

export function isLeaf(shape: Shape): shape is Leaf {
  return shape.kind === 'scalar' || shape.kind === 'enum';
}

/** Whether all are one scalar type, which includes the values of the enums. */
function haveOneType(leaves: readonly Leaf[]): boolean {
  const [scalar, ...others] = new Set(
    leaves.flatMap((leaf) => (leaf.kind === 'scalar' ? [leaf.scalar] : [])),
  );
  if (others.length > 0) return false;
  const values = leaves.flatMap((leaf) => (leaf.kind === 'enum' ? leaf.values : []));
  if (scalar === undefined) return new Set(values.map((value) => typeof value)).size === 1;
  return values.every((value) => isOf(scalar, value));
}

function isOf(scalar: ScalarShape['scalar'], value: string | number): boolean {
  if (typeof value === 'string') return scalar === 'string';
  return scalar === 'float' || ((scalar === 'int' || scalar === 'long') && Number.isInteger(value));
}

/** Schema coordinates of fields, `Type.field`, as the GraphQL specification writes them. */

/** Type and field of a coordinate; for an argument's, the field comes with its `(argument:)`. */
export function splitCoordinate(coordinate: string): readonly [type: string, field: string] {
  const dot = coordinate.indexOf('.');
  if (dot === -1) return [coordinate, ''];
  return [coordinate.slice(0, dot), coordinate.slice(dot + 1)];
}

/** The type of a coordinate. */
export const ownerOf = (coordinate: string): string => splitCoordinate(coordinate)[0];

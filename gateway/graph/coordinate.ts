/** Schema coordinates of fields, `Type.field`, as the GraphQL specification writes them. */

/** Type and field of a coordinate; for an argument's, the field comes with its `(argument:)`. */
export function splitCoordinate(coordinate: string): readonly [type: string, field: string] {
  const [type = '', field = ''] = coordinate.split('.', 2);
  return [type, field];
}

/** The type of a coordinate. */
export const ownerOf = (coordinate: string): string => splitCoordinate(coordinate)[0];

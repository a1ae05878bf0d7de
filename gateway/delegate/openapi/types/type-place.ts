/** Where a type stands: what it is called when its schema has no name, and what notes say of it. */

export interface TypePlace {
  /** The name of the type where the schema has none of its own. */
  hint: string;
  /** The name of the property or parameter on the wire. */
  wire: string;
  /** For notes: the coordinate or operation. */
  about: string;
  /** How many lists are around it. */
  lists?: number;
}

/** Lists of lists that a type may hold; a schema that is a list of itself would never end. */
export const listsMax = 4;

export function toItemPlace(place: TypePlace): TypePlace {
  return { ...place, wire: '', lists: (place.lists ?? 0) + 1 };
}

/** One place of one document, so that equal names of different places stay apart. */
export function keyOfPlace({ about, hint, wire }: TypePlace): string {
  return JSON.stringify([about, hint, wire]);
}

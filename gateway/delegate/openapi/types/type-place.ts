/** The place of a type: its name if the schema has none, and its mention in notes. */

export interface TypePlace {
  /** The name of the type if the schema has none of its own. */
  hint: string;
  /** The name of the property or parameter on the wire. */
  wire: string;
  /** For notes: the coordinate or operation. */
  about: string;
  /** Number of enclosing lists. */
  lists?: number;
}

/** Deepest nesting of lists in a type; a schema that is a list of itself would never end. */
export const listsMax = 4;

export function toItemPlace(place: TypePlace): TypePlace {
  return { ...place, wire: '', lists: (place.lists ?? 0) + 1 };
}

/** Identifies a place in the document, so that equal names in different places stay apart. */
export function keyOfPlace({ about, hint, wire }: TypePlace): string {
  return JSON.stringify([about, hint, wire]);
}

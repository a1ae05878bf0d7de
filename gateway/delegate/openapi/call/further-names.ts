/**
 * Names that a caller chooses for further properties of an input: none must be, to the service, the name
 * of what rules of their own are about. Pure; fails closed.
 */
import { isPlainObject } from '../document/plain-object.ts';
import type { Shape } from '../document/schema-shape.ts';

type Write = (value: unknown) => unknown;

/** By upper case first: `ß` is `SS` to some. Others read `pay_grade` and `payGrade` as one name. */
export const foldName = (name: string): string =>
  name.normalize('NFKC').toUpperCase().toLowerCase().replaceAll(/[_-]/g, '');

/** The properties that a shape names on the wire, of any of its alternatives. */
export function namesOfShape(shape: Shape): string[] {
  if (shape.kind === 'union') return shape.members.flatMap((member) => namesOfShape(member.shape));
  return shape.kind === 'object' ? [...shape.properties.keys()] : [];
}

function takesFurther(shape: Shape): boolean {
  if (shape.kind === 'union') return shape.members.some((member) => takesFurther(member.shape));
  return shape.kind === 'json' || (shape.kind === 'object' && shape.open);
}

/** Writes what has the shape, and refuses further properties of these names. */
export function writeApart(
  write: Write,
  shape: Shape,
  { isTaken, refuse }: { isTaken: (name: string) => boolean; refuse: (why: string) => Error },
): Write {
  if (!takesFurther(shape)) return write;
  const own = new Set(namesOfShape(shape));
  return (value) => {
    const written = write(value);
    if (!isPlainObject(written)) return written;
    if (!Object.keys(written).some((name) => !own.has(name) && isTaken(name))) return written;
    throw refuse('a further property with the name of another input');
  };
}

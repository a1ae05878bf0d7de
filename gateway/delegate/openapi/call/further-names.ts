/**
 * Names that a caller chooses for further properties of an input: none may mean, to the service, a
 * name that has rules of its own. Pure; fails closed.
 */
import { isJsonObject } from '../../../json-value.ts';
import type { Shape } from '../document/schema-shape.ts';

type Write = (value: unknown) => unknown;
type Refuse = (why: string) => Error;

/**
 * Folds a name as lenient services compare it. By upper case first: some read `ß` as `SS`. Others
 * read `pay_grade` and `payGrade` as one name, and stop at a null character. `_id` differs from
 * `id`: many documents have both.
 */
function foldName(name: string): string {
  const [read = ''] = name.split('\0', 1);
  const folded = read.normalize('NFKC').toUpperCase().toLowerCase();
  const begin = Math.max(0, folded.search(/[^_-]/));
  return folded.slice(0, begin) + folded.slice(begin).replaceAll(/[_-]/g, '');
}

/** Whether some service would read a name as one of these: a few read `_role` as `role`. */
export function namesTaken(names: Iterable<string>): (name: string) => boolean {
  const taken = new Set([...names].map(foldName));
  return (name) => {
    const folded = foldName(name);
    return taken.has(folded) || taken.has(folded.replace(/^[_-]+/, ''));
  };
}

/**
 * Writes further properties beside named ones. Otherwise a rule on a named one could be bypassed by
 * its wire name, by one that a service treats as equal, or by a path into it: a search service
 * reads `ssn.keyword` as the text of `ssn`.
 */
export function compileRest(named: Iterable<string>, refuse: Refuse): Write {
  const isTaken = namesTaken(named);
  return (rest) => {
    if (!isJsonObject(rest)) throw refuse('further properties that are no object');
    if (Object.keys(rest).some((name) => isTaken(name) || isTaken(stepOf(name)))) {
      throw refuse('a further property with the name of a field');
    }
    return rest;
  };
}

/** The first step of a path such as `owner.ssn`. */
const stepOf = (name: string): string => name.split(/[.[]/, 1)[0] ?? '';

/** The property names of a shape on the wire, of all its alternatives. */
export function namesOfShape(shape: Shape): string[] {
  if (shape.kind === 'union') return shape.members.flatMap((member) => namesOfShape(member.shape));
  return shape.kind === 'object' ? [...shape.properties.keys()] : [];
}

function takesFurther(shape: Shape): boolean {
  if (shape.kind === 'union') return shape.members.some((member) => takesFurther(member.shape));
  return shape.kind === 'json' || (shape.kind === 'object' && shape.open);
}

/** Writes a value of the shape, and refuses further properties with these names. */
export function writeApart(
  write: Write,
  shape: Shape,
  { isTaken, refuse }: { isTaken: (name: string) => boolean; refuse: Refuse },
): Write {
  if (!takesFurther(shape)) return write;
  const own = new Set(namesOfShape(shape));
  return (value) => {
    const written = write(value);
    if (!isJsonObject(written)) return written;
    if (!Object.keys(written).some((name) => !own.has(name) && isTaken(name))) return written;
    throw refuse('a further property with the name of another input');
  };
}

/**
 * Compares segments of path templates: which texts two of them have in common, and which of them is
 * closer to its texts. Pure.
 *
 * A segment is lower-case text with `{}` for each parameter, or `{#}` if it has several and all are
 * whole numbers: `{#}-{#}` has `2024-05`, and of ids with hyphens it has few.
 */
import type { ListedOperation } from '../document/list-operations.ts';
import { readShape } from '../document/read-shape.ts';

/** The segments of an operation's path, after its method; a slash at the end begins none. */
export function segmentsOf(operation: ListedOperation): readonly string[] {
  const path = operation.path.replace(/\/+$/, '');
  return [operation.method, ...path.split('/').map((segment) => toSegment(segment, operation))];
}

function toSegment(written: string, { parameters }: ListedOperation): string {
  const names = [...written.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name);
  const isWhole = (name: string | undefined): boolean => {
    const found = parameters.find((one) => one.in === 'path' && one.name === name);
    const shape = found && readShape(found.schema);
    return shape?.kind === 'scalar' && (shape.scalar === 'int' || shape.scalar === 'long');
  };
  const parameter = names.length > 1 && names.every(isWhole) ? '{#}' : '{}';
  return written.replaceAll(/\{[^{}]*\}/g, parameter).toLowerCase();
}

export const hasParameter = (segment: string): boolean => segment.includes('{');

const literalsOf = (segment: string): string[] => segment.split(/\{#?\}/);

/** Whether values can turn `{}.json` into `search.json`, or `{}-{}` into `all-{}`. */
function covers(general: string, other: string): boolean {
  const [before = '', ...literals] = literalsOf(general);
  const after = literals.pop();
  if (after === undefined || !other.startsWith(before)) return false;
  // Whole numbers are not all texts.
  if (general.includes('{#}') && other.includes('{}')) return false;
  let end = before.length;
  for (const literal of literals) {
    const at = other.indexOf(literal, end + 1);
    if (at === -1) return false;
    end = at + literal.length;
  }
  return other.length - after.length > end && other.endsWith(after);
}

/** Whether a text may fit both; true in doubt. */
export function mayMeet(one: string, other: string): boolean {
  if (one === other || covers(one, other) || covers(other, one)) return true;
  if (!hasParameter(one) || !hasParameter(other)) return false;
  const [ours, theirs] = [literalsOf(one), literalsOf(other)];
  const [ourStart = '', theirStart = ''] = [ours[0], theirs[0]];
  const [ourEnd = '', theirEnd = ''] = [ours.at(-1), theirs.at(-1)];
  return (
    (ourStart.startsWith(theirStart) || theirStart.startsWith(ourStart)) &&
    (ourEnd.endsWith(theirEnd) || theirEnd.endsWith(ourEnd))
  );
}

/** Whether `other` does not have all texts of `mine`. */
export const isCloser = (other: string, mine: string): boolean =>
  other !== mine && !covers(other, mine);

/** In other scripts too, and with what parsers of numbers skip; a `-` stands at the front only. */
const whole = { first: '-?[+\\p{N}\\s._]', more: '[+\\p{N}\\s._]' };
const any = { first: '[^/]', more: '[^/]' };

/**
 * The source of a pattern with the flags `isu`. Each parameter but the last ends at the first
 * separator behind it, so that a long value is matched in linear time.
 */
export function toPattern(segment: string, isLast: boolean): string {
  // Services may accept slashes in the last segment (`{path}`).
  if (segment === '{}' && isLast) return '.+';
  const { first, more } = segment.includes('{#}') ? whole : any;
  const [before = '', ...literals] = literalsOf(segment).map((text) =>
    text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  const last = literals.length - 1;
  const rest = literals.map((literal, index) =>
    index === last ? `${first}${more}*${literal}` : `${first}(?:(?!${literal})${more})*${literal}`,
  );
  return before + rest.join('');
}

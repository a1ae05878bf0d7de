/**
 * Paths that a value makes those of another operation: of `/users/all` and `/users/{id}` services take the
 * one that is written so, and `/slips/{id}:cancel` before `/slips/{id}`. That operation may have rules of
 * its own, or no place in the graph. Pure; fails closed.
 */
import type { ListedOperation } from '../document/list-operations.ts';

/** Whether a path, with the values in it, is that of another operation. */
export type IsElsewhere = (path: string) => boolean;

/** For each operation of a document; undefined where no value can lead to another. */
export function createOtherPaths(
  listed: readonly ListedOperation[],
): (operation: ListedOperation) => IsElsewhere | undefined {
  const alike = Map.groupBy(
    listed.map(toWritten).flatMap((one) => one.begins.map((begin) => ({ begin, one }))),
    ({ begin }) => begin,
  );
  return (operation) => {
    if (!operation.path.includes('{')) return undefined;
    const own = toWritten(operation);
    const begun = alike.get(own.begins.at(-1) ?? '') ?? [];
    const others = begun.filter(({ one }) => isCloser(one, own));
    if (others.length === 0) return undefined;
    const patterns = others.map(({ one }) => one.segments.map(toPattern).join('/'));
    // However it is spelled: in another case, with a slash or the name of a format behind it.
    const format = '(?:\\.(?:json|xml|html|csv|ya?ml|txt))?';
    const whole = new RegExp(`^(?:${patterns.join('|')})${format}(?:%2F)*$`, 'iu');
    return (path) => whole.test(decode(path));
  };
}

interface Written {
  /** In lower case, without the names of parameters: `{}` is one alone. */
  readonly segments: readonly string[];
  /** The method, the number of segments, and ever more of those before the first parameter. */
  readonly begins: readonly string[];
}

function toWritten({ method, path }: ListedOperation): Written {
  const nameless = path.replaceAll(/\{[^{}]*\}/g, '{}');
  const segments = nameless.toLowerCase().split('/');
  const begins = [`${method} ${segments.length} `];
  for (const segment of segments) {
    if (segment.includes('{}')) break;
    begins.push(`${begins.at(-1)}${segment}/`);
  }
  return { segments, begins };
}

/** Of paths that fit the same request: one says more of a segment, and nowhere less. */
function isCloser({ segments }: Written, own: Written): boolean {
  let saysMore = false;
  for (const [index, mine] of own.segments.entries()) {
    const other = segments[index] ?? '';
    if (other === mine) continue;
    if (!canBe(mine, other)) return false;
    saysMore = true;
  }
  return saysMore;
}

/** Of `{}.json`: `search.json`, and `{}.all.json`. */
function canBe(mine: string, other: string): boolean {
  if (!mine.includes('{}') || !isSimple(mine) || !isSimple(other)) return false;
  const [before = '', after = ''] = mine.split('{}');
  const isLong = other.length > before.length + after.length;
  return isLong && other.startsWith(before) && other.endsWith(after);
}

/** At most one parameter: what has more takes too long to look for in a long value. */
const isSimple = (segment: string): boolean => segment.split('{}').length <= 2;

/** One that is not simple is as the operation has it itself. */
function toPattern(segment: string): string {
  const literals = isSimple(segment) ? segment.split('{}') : ['', ''];
  return literals.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('[^/]+');
}

/** A slash in a value divides nothing. */
function decode(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path.replaceAll('%2F', '%252F'));
  } catch {
    // A template may have what is no text.
    return path;
  }
}

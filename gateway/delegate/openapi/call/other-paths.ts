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
  const alike = new Map<string, Written[]>();
  for (const one of listed.map(toWritten)) {
    for (const begin of one.begins) {
      const known = alike.get(begin);
      if (known === undefined) alike.set(begin, [one]);
      else known.push(one);
    }
  }
  return (operation) => {
    if (!operation.path.includes('{')) return undefined;
    const own = toWritten(operation);
    const begun = alike.get(own.begins.at(-1) ?? '') ?? [];
    const closer = patternOf(begun.filter((one) => isCloser(one, own)));
    // Of a large document there are thousands, and few values have a slash.
    let deeper: RegExp | undefined;
    const isDeep = (path: string): boolean => {
      deeper ??= patternOf(begun.filter((one) => isDeeper(one, own))) ?? nothing;
      return deeper.test(decode(path.replaceAll('%2F', '/')));
    };
    return (path) => closer?.test(decode(path)) === true || (path.includes('%2F') && isDeep(path));
  };
}

const nothing = /(?!)/;

function patternOf(others: readonly Written[]): RegExp | undefined {
  if (others.length === 0) return undefined;
  const patterns = others.map(({ segments }) => segments.map(toPattern).join('/'));
  // However it is spelled: in another case, with a slash or the name of a format behind it.
  const format = '(?:\\.(?:json|xml|html|csv|ya?ml|txt))?';
  return new RegExp(`^(?:${patterns.join('|')})${format}(?:%2F|/)*$`, 'iu');
}

interface Written {
  /** In lower case, without the names of parameters: `{}` is one alone. */
  readonly segments: readonly string[];
  /** The method, and ever more of the segments before the first parameter. */
  readonly begins: readonly string[];
}

function toWritten({ method, path }: ListedOperation): Written {
  const nameless = path.replaceAll(/\{[^{}]*\}/g, '{}');
  const segments = nameless.toLowerCase().split('/');
  const begins = [`${method} `];
  for (const segment of segments) {
    if (segment.includes('{}')) break;
    begins.push(`${begins.at(-1)}${segment}/`);
  }
  return { segments, begins };
}

/** Of paths that fit the same request: one says more of a segment, and nowhere less. */
function isCloser({ segments }: Written, own: Written): boolean {
  if (segments.length !== own.segments.length) return false;
  let saysMore = false;
  for (const [index, mine] of own.segments.entries()) {
    const other = segments[index] ?? '';
    if (other === mine) continue;
    if (!canBe(mine, other)) return false;
    saysMore = true;
  }
  return saysMore;
}

/** A slash in a value divides it to services that decode first: of `/users/{}` the value `7/purge`. */
const isDeeper = ({ segments }: Written, own: Written): boolean =>
  segments.length > own.segments.length && plainOf(segments) > plainOf(own.segments);

const plainOf = (segments: readonly string[]): number =>
  segments.filter((segment) => segment !== '{}').length;

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

/** What is left of `%2F` stays in its segment. */
function decode(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path.replaceAll('%2F', '%252F'));
  } catch {
    // A template may have what is no text.
    return path;
  }
}

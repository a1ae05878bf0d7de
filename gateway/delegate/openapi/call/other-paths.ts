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
    let longer: RegExp | undefined;
    const isLonger = (path: string): boolean => {
      longer ??= patternOf(begun.filter((one) => isDeeper(one, own))) ?? nothing;
      return longer.test(path);
    };
    return (path) => {
      const text = decode(path);
      if (closer?.test(text)) return true;
      if (!divides.test(text)) return false;
      const divided = divide(text);
      return closer?.test(divided) === true || isLonger(divided);
    };
  };
}

const nothing = /(?!)/;
const divides = /%2F|[\\;]/;

/**
 * As what decodes first reads it: a slash in a value is one, and several are one (nginx); and behind such
 * a proxy what stands after a `;` is no part of a name (servlets).
 */
const divide = (text: string): string =>
  text
    .replaceAll(/%2F|\\/g, '/')
    .replaceAll(/;[^/]*/g, '')
    .replaceAll(/\/{2,}/g, '/');

function patternOf(others: readonly Written[]): RegExp | undefined {
  if (others.length === 0) return undefined;
  const patterns = others.map(({ segments }) => segments.map(toPattern).join('/'));
  // However it is spelled: in another case, with a slash or the name of a format behind it.
  const format = '(?:\\.(?:json|xml|html|csv|ya?ml|txt))?';
  return new RegExp(`^(?:${patterns.join('|')})${format}(?:%2F|/)*$`, 'isu');
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
  segments.length > own.segments.length;

/** Of `{}.json`: `search.json`, and `{}.all.json`; of `{}-{}`: `all-{}`. */
function canBe(mine: string, other: string): boolean {
  if (!isSimple(other)) return false;
  const [before = '', ...literals] = mine.split('{}');
  const after = literals.pop();
  if (after === undefined || !other.startsWith(before)) return false;
  let end = before.length;
  for (const literal of literals) {
    const at = other.indexOf(literal, end + 1);
    if (at === -1) return false;
    end = at + literal.length;
  }
  return other.length - after.length > end && other.endsWith(after);
}

/** At most one parameter: what has more takes too long to look for in a long value. */
const isSimple = (segment: string): boolean => segment.split('{}').length <= 2;

/** One that is not simple is as the operation has it itself. */
function toPattern(segment: string, index: number, { length }: readonly string[]): string {
  // Services may take slashes in the last one (`{path}`).
  if (segment === '{}' && index === length - 1) return '.+';
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

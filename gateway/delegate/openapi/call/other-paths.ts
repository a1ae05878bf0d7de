/**
 * Detects paths that a value turns into those of another operation: services prefer the literal
 * `/users/all` to `/users/{id}`, and `/slips/{id}:cancel` to `/slips/{id}`. That operation may have
 * other rules, or not be in the graph. Pure; fails closed.
 */
import type { ListedOperation } from '../document/list-operations.ts';

/** Whether a path, with its values filled in, is that of another operation. */
export type IsElsewhere = (path: string) => boolean;

/** For each operation of a document; undefined if its path has no parameter. */
export function createOtherPaths(
  listed: readonly ListedOperation[],
): (operation: ListedOperation) => IsElsewhere | undefined {
  const tree = createBranch([]);
  for (const operation of listed) grow(tree, segmentsOf(operation));
  return (operation) => {
    if (!operation.path.includes('{')) return undefined;
    const own = segmentsOf(operation);
    // Compiled lazily: a large document has thousands, few are used, and fewer with a slash.
    let closer: RegExp | undefined;
    let longer: RegExp | undefined;
    return (path) => {
      closer ??= patternOf(closerThan(own, tree));
      const text = decode(path);
      if (closer.test(text)) return true;
      if (!divides.test(text)) return false;
      longer ??= patternOf(longerThan(own, tree));
      for (const divided of [divide(text), divide(withoutParameters(text))]) {
        if (closer.test(divided) || longer.test(divided)) return true;
      }
      return false;
    };
  };
}

const divides = /%2F|[\\;]/;

/**
 * Normalises as a service behind a decoding proxy may read it: an encoded slash divides, several
 * slashes are one (nginx), and the text after a `;` is no part of a name (servlets).
 */
const divide = (text: string): string =>
  withoutParameters(text.replaceAll(/%2F|\\/g, '/')).replaceAll(/\/{2,}/g, '/');

/** A proxy may decode all but slashes, so that one behind `;` does not divide: `all;x%2Fy` is `all`. */
const withoutParameters = (text: string): string => text.replaceAll(/;[^/]*/g, '');

function patternOf(others: readonly Segments[]): RegExp {
  if (others.length === 0) return /(?!)/;
  const paths = others.map(([, ...path]) => path.map(toPattern));
  return new RegExp(`^${toSource(paths)}`, 'isu');
}

/**
 * In any spelling: with trailing slashes, or a format's extension. A run of slashes is matched from its
 * first one only: matched from each, it would take quadratic time.
 */
const pathEnd = '(?:\\.(?:json|xml|html|csv|ya?ml|txt))?(?:(?<!%2F|/)(?:%2F|/)*)?$';

/** Shares common prefixes: as plain alternatives, each path would scan a long value anew. */
function toSource(paths: readonly (readonly string[])[]): string {
  const sources = [...Map.groupBy(paths, ([first = '']) => first)].map(([first, those]) => {
    const rests = those.map(([, ...rest]) => rest);
    const more = rests.filter((rest) => rest.length > 0);
    const ends = more.length < rests.length ? [pathEnd] : [];
    return first + oneOf(more.length === 0 ? ends : [...ends, `/${toSource(more)}`]);
  });
  return oneOf(sources);
}

const oneOf = (sources: readonly string[]): string =>
  sources.length === 1 ? (sources[0] ?? '') : `(?:${sources.join('|')})`;

/** The method and the lower-case path segments, without names of parameters: `{}` is one alone. */
type Segments = readonly string[];

function segmentsOf({ method, path }: ListedOperation): Segments {
  const nameless = path.replaceAll(/\{[^{}]*\}/g, '{}');
  return [method, ...nameless.toLowerCase().split('/')];
}

/** Paths with a common prefix. */
interface Branch {
  readonly segments: Segments;
  readonly next: Map<string, Branch>;
  isPath: boolean;
}

const createBranch = (segments: Segments): Branch => ({
  segments,
  next: new Map(),
  isPath: false,
});

function grow(tree: Branch, segments: Segments): void {
  let branch = tree;
  for (const [index, segment] of segments.entries()) {
    const next = branch.next.get(segment) ?? createBranch(segments.slice(0, index + 1));
    branch.next.set(segment, next);
    branch = next;
  }
  branch.isPath = true;
}

/** More specific paths: at least as specific in every segment, and more in one. */
function closerThan(own: Segments, tree: Branch): readonly Segments[] {
  let found: readonly Branch[] = [tree];
  for (const mine of own) {
    found = found.flatMap(({ next }) => {
      const same = next.get(mine);
      const others = mine.includes('{}') ? [...next] : [];
      const closer = others.filter(([other]) => other !== mine && canBe(mine, other));
      return [...(same ? [same] : []), ...closer.map(([, branch]) => branch)];
    });
  }
  return pathsOf(found).filter((segments) => segments.some((one, index) => one !== own[index]));
}

/** Services that decode first divide at an encoded slash: `/users/{}` with the value `7/purge`. */
function longerThan(own: Segments, tree: Branch): readonly Segments[] {
  let branch: Branch | undefined = tree;
  for (const segment of own) {
    if (segment.includes('{}')) break;
    branch = branch?.next.get(segment);
  }
  const below = new Set(branch === undefined ? [] : [branch]);
  for (const { next } of below) for (const one of next.values()) below.add(one);
  return pathsOf([...below]).filter((segments) => segments.length > own.length);
}

const pathsOf = (branches: readonly Branch[]): readonly Segments[] =>
  branches.filter(({ isPath }) => isPath).map(({ segments }) => segments);

/** Whether a value can turn `{}.json` into `search.json`, or `{}-{}` into `all-{}`. */
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

/** At most one parameter: more would take too long to match in a long value. */
const isSimple = (segment: string): boolean => segment.split('{}').length <= 2;

/** The pattern of a segment; one that is not simple matches any segment. */
function toPattern(segment: string, index: number, { length }: readonly string[]): string {
  // Services may accept slashes in the last segment (`{path}`).
  if (segment === '{}' && index === length - 1) return '.+';
  const literals = isSimple(segment) ? segment.split('{}') : ['', ''];
  return literals.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('[^/]+');
}

/** Decodes the path except `%2F`, which stays within its segment. */
function decode(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path.replaceAll('%2F', '%252F'));
  } catch {
    // A template may contain escapes that are no text.
    return path;
  }
}

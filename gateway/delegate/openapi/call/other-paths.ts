/**
 * Detects paths that a value turns into those of another operation: services prefer the literal
 * `/users/all` to `/users/{id}`, and `/slips/{id}:cancel` to `/slips/{id}`. That operation may have
 * other rules, or not be in the graph. Pure; fails closed.
 */
import type { ListedOperation } from '../document/list-operations.ts';
import { hasParameter, isCloser, mayMeet, segmentsOf, toPattern } from './path-segment.ts';

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
  const paths = others.map(([, ...path]) =>
    path.map((segment, index) => toPattern(segment, index === path.length - 1)),
  );
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

/** The method and the segments of a path. */
type Segments = readonly string[];

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

const stepTo = (segment: string, { next }: Branch): Branch[] =>
  [...next].flatMap(([other, branch]) => (mayMeet(segment, other) ? [branch] : []));

/**
 * Paths of the same length that are closer in some segment. In others they may be less so: services
 * differ in which segment decides.
 */
function closerThan(own: Segments, tree: Branch): readonly Segments[] {
  let found: readonly Branch[] = [tree];
  for (const mine of own) found = found.flatMap((branch) => stepTo(mine, branch));
  return pathsOf(found).filter((segments) =>
    segments.some((other, index) => isCloser(other, own[index] ?? '')),
  );
}

/** Services that decode first divide at an encoded slash: `/users/{}` with the value `7/purge`. */
function longerThan(own: Segments, tree: Branch): readonly Segments[] {
  let found: readonly Branch[] = [tree];
  for (const mine of own) {
    if (hasParameter(mine)) break;
    found = found.flatMap((branch) => stepTo(mine, branch));
  }
  const below = new Set(found);
  for (const { next } of below) for (const one of next.values()) below.add(one);
  return pathsOf([...below]).filter((segments) => segments.length > own.length);
}

const pathsOf = (branches: readonly Branch[]): readonly Segments[] =>
  branches.filter(({ isPath }) => isPath).map(({ segments }) => segments);

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

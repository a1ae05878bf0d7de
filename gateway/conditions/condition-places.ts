/**
 * Where the names in conditions stand in their files. Paths are kept beside the conditions and not
 * in them, because equal conditions are recognised by their text.
 */
import type { Path } from '../files/config-error.ts';
import type { SourceLocation } from '../files/source-location.ts';
import { type Condition, partsOf } from './condition.ts';

/** By part: the place of each network list, or one for all countries. */
export type NamePlaces = ReadonlyMap<Condition, readonly SourceLocation[]>;

const pathsOf = new WeakMap<Condition, readonly Path[]>();

/** Remembers the paths of a part's names, and returns the part. */
export function withPaths(part: Condition, paths: readonly Path[]): Condition {
  pathsOf.set(part, paths);
  return part;
}

/** The entries of NamePlaces for one condition. */
export function placedParts(
  condition: Condition | undefined,
  at: (path: Path) => SourceLocation,
): [Condition, readonly SourceLocation[]][] {
  const parts = condition === undefined ? [] : [...partsOf(condition)];
  return parts.flatMap((part): [Condition, readonly SourceLocation[]][] => {
    const paths = pathsOf.get(part);
    return paths === undefined ? [] : [[part, paths.map(at)]];
  });
}

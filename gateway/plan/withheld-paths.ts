/**
 * Places of one answer where something was withheld, so that failures there are not reported:
 * whether an upstream failed for a value is not for callers who may not have it, and a row removed
 * from its list must not show up in a path. Fails closed.
 */
interface Failure {
  readonly path: ResponsePath | undefined;
}

/** From the root in the caller's keys; indexes are those of the upstreams' lists. */
export type ResponsePath = readonly (string | number)[];

export class WithheldPaths {
  readonly #places: ResponsePath[] = [];
  readonly #rows: ResponsePath[] = [];

  /** Notes a place that became null. */
  add(place: ResponsePath): void {
    this.#places.push(place);
  }

  /** Notes a row that was removed from its list. */
  addRow(place: ResponsePath): void {
    this.#rows.push(place);
  }

  /** The failures that the caller may see, with the indexes of the caller's lists. */
  visibleFailures<One extends Failure>(failures: readonly One[]): readonly One[] {
    if (failures.length === 0 || this.#places.length + this.#rows.length === 0) return failures;
    const kept = new Set([...this.#places, ...this.#rows].map(toText));
    const gone = new Map<string, number[]>();
    for (const row of this.#rows) {
      const list = toText(row.slice(0, -1));
      const index = row.at(-1);
      if (typeof index !== 'number') continue;
      const known = gone.get(list);
      if (known === undefined) gone.set(list, [index]);
      else known.push(index);
    }
    return failures.flatMap((failure) => {
      const path = failure.path === undefined ? undefined : toTold(failure.path, kept, gone);
      if (failure.path !== undefined && path === undefined) return [];
      return [{ ...failure, path }];
    });
  }
}

const toText = (place: ResponsePath): string => JSON.stringify(place);

/** Undefined if the path leads into something withheld. */
function toTold(
  path: ResponsePath,
  kept: ReadonlySet<string>,
  gone: ReadonlyMap<string, readonly number[]>,
): ResponsePath | undefined {
  const told: (string | number)[] = [];
  for (const [index, step] of path.entries()) {
    if (kept.has(toText(path.slice(0, index + 1)))) return undefined;
    const before = typeof step === 'number' ? gone.get(toText(path.slice(0, index))) : undefined;
    told.push(typeof step === 'number' ? step - countBelow(before ?? [], step) : step);
  }
  return told;
}

/** How many of the ascending indexes are less than `index`. */
function countBelow(indexes: readonly number[], index: number): number {
  let [from, to] = [0, indexes.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((indexes[middle] ?? index) < index) from = middle + 1;
    else to = middle;
  }
  return from;
}

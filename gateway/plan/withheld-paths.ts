/**
 * Places of one answer that were kept back, so that a failure there is not told: whether an upstream
 * failed for a value is no business of who may not have it, and a row that has left its list must
 * not be found again in a path.
 */
interface Failure {
  readonly path: ResponsePath | undefined;
}

/** From the root in the caller's keys; indexes are those of the upstreams' lists. */
export type ResponsePath = readonly (string | number)[];

export class WithheldPaths {
  readonly #places: ResponsePath[] = [];
  readonly #rows: ResponsePath[] = [];

  /** Null stands there. */
  add(place: ResponsePath): void {
    this.#places.push(place);
  }

  /** It is not in its list. */
  addRow(place: ResponsePath): void {
    this.#rows.push(place);
  }

  /** Failures as the caller may hear of them: at paths of their answer, and nothing of what was kept back. */
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

/** Undefined where the path leads into something that was kept back. */
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

/** How many of the indexes, which ascend, are less. */
function countBelow(indexes: readonly number[], index: number): number {
  let [from, to] = [0, indexes.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((indexes[middle] ?? index) < index) from = middle + 1;
    else to = middle;
  }
  return from;
}

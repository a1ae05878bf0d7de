/** Medians over rounds, and ratios that are taken within a round before their median is. */
import type { Figure, Figures } from './measure.ts';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

type Numbers = 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpu';

export function medianOf(rounds: readonly Figure[], what: Numbers): number {
  return median(rounds.map((figure) => figure[what]));
}

/** CPU of one by CPU of another in the same round; NaN where either was not measured. */
export function cpuRatio(
  figures: Figures,
  workload: string,
  [one, other]: readonly [string, string],
): number {
  const mine = figures.get(one)?.get(workload) ?? [];
  const theirs = figures.get(other)?.get(workload) ?? [];
  return median(
    mine.flatMap(({ cpu }, round) => {
      const against = theirs[round]?.cpu ?? 0;
      return against > 0 ? [cpu / against] : [];
    }),
  );
}

/**
 * Finds the name somebody probably meant; near enough is a third of the letters, at least two. All of
 * them are too many, unless they are the same in another order.
 */
import { distance } from 'fastest-levenshtein';

/** The candidate nearest to `name`, or undefined where none is near. Letter case counts for nothing. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const apart = distance(wanted, candidate.toLowerCase());
    const isOther = apart >= Math.max(wanted.length, candidate.length);
    if (apart < bestDistance && !(isOther && sorted(wanted) !== sorted(candidate.toLowerCase()))) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}

/** ` (did you mean "x"?)`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` (did you mean "${found}"?)`;
}

const sorted = (text: string): string => [...text].sort().join('');

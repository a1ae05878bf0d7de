/**
 * Finds the name that was probably meant: within an edit distance of a third of the letters, at
 * least two. If all letters differ there is no match, unless they are the same in another order.
 */
import { distance } from 'fastest-levenshtein';

/** The candidate nearest to `name`, ignoring case; undefined if none is near. */
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

/** Returns ` (did you mean "x"?)`, or an empty text. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` (did you mean "${found}"?)`;
}

/** The same without quotes, for a match that is known already. */
export const suggestion = (near: string | undefined): string =>
  near === undefined ? '' : ` (did you mean ${near}?)`;

const sorted = (text: string): string => [...text].sort().join('');

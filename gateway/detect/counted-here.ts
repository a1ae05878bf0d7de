/** Counting in this process. */
import type { Fired } from './counted-keys.ts';
import type { DetectionCounts } from './detection-counts.ts';
import type { Counting, Evidence } from './detector.ts';

export function createCountedHere(
  counts: DetectionCounts,
  raise: (fired: Fired, evidence: Evidence) => void,
): Counting {
  return {
    count(observed, evidence) {
      const [fired] = counts.add([observed]);
      if (fired !== undefined) raise(fired, evidence);
    },
  };
}

/** Detections indexed by what a record must have, so that most are not matched at all. */
import type { Reason } from '../decision.ts';
import type { Detection } from './detection.ts';
import {
  asksForDelivered,
  asksForDenied,
  compileMatch,
  type Matches,
  reasonsOf,
} from './match-record.ts';

export interface Compiled {
  readonly detection: Detection;
  readonly matches: Matches;
}

/** Each detection is in one list: for each of its reasons, or else by what a record must have. */
export interface IndexedDetections {
  readonly size: number;
  /** Matched before the answer starts. */
  readonly decided: DecidedDetections;
  /** Matched at the answer's end: detections that ask how it ended. */
  readonly ended: readonly Compiled[];
}

interface DecidedDetections {
  readonly byReason: ReadonlyMap<Reason, readonly Compiled[]>;
  /** Those for records with classified values that were sent. */
  readonly delivered: readonly Compiled[];
  /** Those for records with refused coordinates. */
  readonly denied: readonly Compiled[];
  /** Those for records with faults of the gateway. */
  readonly faults: readonly Compiled[];
  readonly others: readonly Compiled[];
}

export function indexDetections(detections: readonly Detection[]): IndexedDetections {
  const byReason = new Map<Reason, Compiled[]>();
  const delivered: Compiled[] = [];
  const denied: Compiled[] = [];
  const faults: Compiled[] = [];
  const others: Compiled[] = [];
  const ended: Compiled[] = [];
  for (const detection of detections) {
    const { match } = detection;
    const one = { detection, matches: compileMatch(match) };
    const reasons = reasonsOf(match);
    if (match.outcomes !== undefined) ended.push(one);
    else if (reasons !== undefined) {
      for (const reason of reasons) byReason.set(reason, [...(byReason.get(reason) ?? []), one]);
    } else if (asksForDelivered(match)) delivered.push(one);
    else if (asksForDenied(match)) denied.push(one);
    else if (match.secondLock !== undefined) faults.push(one);
    else others.push(one);
  }
  const decided = { byReason, delivered, denied, faults, others };
  return { size: detections.length, decided, ended };
}

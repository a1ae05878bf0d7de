/** Detections in the order in which a record is asked for them: what cannot be one is not asked. */
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

/** Each detection stands where a record that it looks for must come by: under its reasons, or once. */
export interface IndexedDetections {
  readonly size: number;
  /** Before the answer starts. */
  readonly decided: DecidedDetections;
  /** At its end: those that ask how it ended. */
  readonly ended: readonly Compiled[];
}

interface DecidedDetections {
  readonly byReason: ReadonlyMap<Reason, readonly Compiled[]>;
  /** Classified values left. */
  readonly delivered: readonly Compiled[];
  /** Something was refused. */
  readonly denied: readonly Compiled[];
  /** Something of ours went wrong. */
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

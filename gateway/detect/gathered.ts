/**
 * Counting in another process: observations are gathered for a moment, those of one key merged, and
 * sent in one message. Bounded: a full message is sent at once, and while too many are unanswered,
 * further observations are lost and counted as lost.
 */
import type { Fired } from './counted-keys.ts';
import type { FiredAt, Observed } from './detection-counts.ts';
import type { Counting, Evidence } from './detector.ts';

/** Observations in one message. */
const gatheredMax = 1_000;
/** How long the first observation of a message waits for others. */
const gatherMs = 50;
/** Messages without an answer yet; past that no more are sent. */
const unansweredMax = 20;

export interface Gathered extends Counting {
  /** Sends the waiting observations now. */
  flush(): Promise<void>;
}

interface Waiting {
  observed: Observed;
  evidence: Evidence;
}

export function createGathered(options: {
  /** Resolves to undefined, or rejects, if they were not counted. */
  readonly send: (observed: readonly Observed[]) => Promise<readonly FiredAt[] | undefined>;
  readonly raise: (fired: Fired, evidence: Evidence) => void;
  /** Called with the number of observations that were not counted. */
  readonly lost: (observations: number) => void;
  /** Calls `run` after that many milliseconds; default: an unreferenced timer. */
  readonly later?: (run: () => void, ms: number) => void;
}): Gathered {
  const later = options.later ?? ((run, ms) => void setTimeout(run, ms).unref());
  let waiting = new Map<string, Waiting>();
  let unanswered = 0;

  async function flush(): Promise<void> {
    if (waiting.size === 0) return;
    const sent = [...waiting.values()];
    waiting = new Map();
    if (unanswered >= unansweredMax) return options.lost(sent.length);
    unanswered += 1;
    const fired = await options.send(sent.map(({ observed }) => observed)).catch(() => undefined);
    unanswered -= 1;
    if (fired === undefined) return options.lost(sent.length);
    for (const { at, ...one } of fired) {
      const evidence = sent[at]?.evidence;
      if (evidence !== undefined) options.raise(one, evidence);
    }
  }

  return {
    count(observed, evidence) {
      const name = `${observed.rule.id} ${observed.key}`;
      const one = waiting.get(name);
      if (one !== undefined) {
        one.observed = merge(one.observed, observed);
        one.evidence = evidence;
        return;
      }
      waiting.set(name, { observed: merge(undefined, observed), evidence });
      if (waiting.size >= gatheredMax) void flush();
      else if (waiting.size === 1) later(() => void flush(), gatherMs);
    },
    flush,
  };
}

/**
 * Two observations of one key as one: amounts are added, distinct values kept up to the number that
 * raises an alert.
 */
function merge(before: Observed | undefined, now: Observed): Observed {
  const { rule, values, amount } = now;
  if (values === undefined) return { ...now, amount: (before?.amount ?? 0) + amount };
  const all = new Set(before?.values);
  for (const value of values) {
    // Keeps the set in the order in which values were last seen.
    all.delete(value);
    all.add(value);
  }
  return { ...now, values: [...all].slice(-rule.count) };
}

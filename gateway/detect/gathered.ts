/**
 * Counting in another process: what is met is gathered for a moment, that of one key taken together,
 * and told in one message. Bounded: a message that is full goes at once, and where too many are not
 * answered yet, what would be one more is lost and counted.
 */
import type { Fired } from './counted-keys.ts';
import type { FiredAt, Observed } from './detection-counts.ts';
import type { Counting, Evidence } from './detector.ts';

/** Told in one message. */
const gatheredMax = 1_000;
/** How long the first of a message waits for others. */
const gatherMs = 50;
/** Messages that are not answered yet; further ones are not sent. */
const unansweredMax = 20;

export interface Gathered extends Counting {
  /** Sends what waits. */
  flush(): Promise<void>;
}

interface One {
  observed: Observed;
  evidence: Evidence;
}

export function createGathered(options: {
  /** Undefined, or rejected: nobody counted it. */
  readonly send: (observed: readonly Observed[]) => Promise<readonly FiredAt[] | undefined>;
  readonly raise: (fired: Fired, evidence: Evidence) => void;
  /** Told of what nobody counted. */
  readonly lost: (observations: number) => void;
  /** Calls `run` after so many milliseconds; default: a timer that holds nothing up. */
  readonly later?: (run: () => void, ms: number) => void;
}): Gathered {
  const later = options.later ?? ((run, ms) => void setTimeout(run, ms).unref());
  let waiting = new Map<string, One>();
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
        one.observed = together(one.observed, observed);
        one.evidence = evidence;
        return;
      }
      waiting.set(name, { observed: together(undefined, observed), evidence });
      if (waiting.size >= gatheredMax) void flush();
      else if (waiting.size === 1) later(() => void flush(), gatherMs);
    },
    flush,
  };
}

/** Of one key: the amounts added up, of different values no more than can matter. */
function together(before: Observed | undefined, now: Observed): Observed {
  const { rule, values, amount } = now;
  if (values === undefined) return { ...now, amount: (before?.amount ?? 0) + amount };
  const all = new Set(before?.values);
  for (const value of values) {
    // The one seen last stands last.
    all.delete(value);
    all.add(value);
  }
  return { ...now, values: [...all].slice(-rule.count) };
}

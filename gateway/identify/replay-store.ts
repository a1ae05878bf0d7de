/**
 * Remembers which proofs were used, for as long as they could be used again. Two generations, each
 * as long as that: looking up and forgetting cost the same however many there are. Bounded, in all
 * and per key, so that the holder of one key cannot use up everybody's room; what finds no room is
 * refused. Counts in this process alone.
 */
export type Taken = 'new' | 'replayed' | 'full';

/** Wherever proofs are remembered: in this process, or in one that several share. */
export interface Replays {
  take(proof: string, group: string): Taken | Promise<Taken>;
}

export interface ReplayStore extends Replays {
  /** Takes a proof that was not taken before; `group` is whose it is. */
  take(proof: string, group: string): Taken;
  /** Proofs that are remembered. */
  readonly size: number;
}

export interface ReplayLimits {
  readonly entriesMax: number;
  readonly entriesPerGroupMax: number;
}

const replayLimits: ReplayLimits = { entriesMax: 200_000, entriesPerGroupMax: 20_000 };

interface Generation {
  readonly proofs: Set<string>;
  readonly groups: Map<string, number>;
  startedAtMs: number;
}

/** `keepMs`: how long a proof stays usable. `now`: milliseconds that never go back. */
export function createReplayStore(
  keepMs: number,
  now: () => number,
  limits: ReplayLimits = replayLimits,
): ReplayStore {
  let young = startGeneration(now());
  let old = startGeneration(now());

  function turn(): void {
    const nowMs = now();
    const ageMs = nowMs - young.startedAtMs;
    if (ageMs < keepMs) return;
    old = ageMs < 2 * keepMs ? young : startGeneration(nowMs);
    young = startGeneration(nowMs);
  }

  return {
    take(proof, group) {
      turn();
      if (young.proofs.has(proof) || old.proofs.has(proof)) return 'replayed';
      const ofGroup = (young.groups.get(group) ?? 0) + (old.groups.get(group) ?? 0);
      const inAll = young.proofs.size + old.proofs.size;
      if (inAll >= limits.entriesMax || ofGroup >= limits.entriesPerGroupMax) return 'full';
      young.proofs.add(proof);
      young.groups.set(group, (young.groups.get(group) ?? 0) + 1);
      return 'new';
    },
    get size() {
      return young.proofs.size + old.proofs.size;
    },
  };
}

const startGeneration = (startedAtMs: number): Generation => ({
  proofs: new Set(),
  groups: new Map(),
  startedAtMs,
});

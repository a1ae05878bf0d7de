/**
 * Remembers used proofs for as long as they could be replayed. Two generations, each of that
 * length, make lookup and expiry cost the same for any number of proofs. Bounded in total and per
 * key, so that the holder of one key cannot use up all room; a proof that finds no room is refused.
 * Covers this process alone.
 */
export type Taken = 'new' | 'replayed' | 'full';

/** A memory of used proofs: of this process, or shared by several. */
export interface Replays {
  take(proof: string, group: string): Taken | Promise<Taken>;
}

export interface ReplayStore extends Replays {
  /** Takes a proof that was not taken before; `group` is the key it belongs to. */
  take(proof: string, group: string): Taken;
  /** Number of remembered proofs. */
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

/** `keepMs`: how long a proof stays usable. `now`: a monotonic clock, in milliseconds. */
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

/**
 * Remembers used proofs for as long as they could be replayed. Two generations, each of that
 * length, make lookup and expiry cost the same for any number of proofs. Bounded in total and per
 * key, so that the holder of one key cannot use up all room; a proof that finds no room is refused.
 * If the wall clock is set back, a forgotten proof is young again: proofs issued no later than a
 * forgotten one are refused. Covers this process alone.
 */
export type Taken = 'new' | 'replayed' | 'full';

export interface UsedProof {
  readonly id: string;
  /** The key that it belongs to. */
  readonly group: string;
  /** Milliseconds since the epoch. */
  readonly issuedAtMs: number;
}

/** A memory of used proofs: of this process, or shared by several. */
export interface Replays {
  take(proof: UsedProof): Taken | Promise<Taken>;
}

export interface ReplayStore extends Replays {
  /** Takes a proof that was not taken before. */
  take(proof: UsedProof): Taken;
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
  readonly startedAtMs: number;
  /** Issue time of the newest proof. */
  newestMs: number;
}

/** `keepMs`: how long a proof stays usable. `now`: a monotonic clock, in milliseconds. */
export function createReplayStore(
  keepMs: number,
  now: () => number,
  limits: ReplayLimits = replayLimits,
): ReplayStore {
  let young = startGeneration(now());
  let old = startGeneration(now());
  /** Issue time of the newest forgotten proof. */
  let forgottenMs = -Infinity;

  function forget({ newestMs }: Generation): void {
    forgottenMs = Math.max(forgottenMs, newestMs);
  }

  function turn(): void {
    const nowMs = now();
    const ageMs = nowMs - young.startedAtMs;
    if (ageMs < keepMs) return;
    forget(old);
    old = young;
    young = startGeneration(nowMs);
    if (ageMs < 2 * keepMs) return;
    forget(old);
    old = startGeneration(nowMs);
  }

  return {
    take({ id, group, issuedAtMs }) {
      turn();
      if (issuedAtMs <= forgottenMs) return 'replayed';
      if (young.proofs.has(id) || old.proofs.has(id)) return 'replayed';
      const ofGroup = (young.groups.get(group) ?? 0) + (old.groups.get(group) ?? 0);
      const inAll = young.proofs.size + old.proofs.size;
      if (inAll >= limits.entriesMax || ofGroup >= limits.entriesPerGroupMax) return 'full';
      young.proofs.add(id);
      young.newestMs = Math.max(young.newestMs, issuedAtMs);
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
  newestMs: -Infinity,
});

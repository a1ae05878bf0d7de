/**
 * Used proofs for a worker: the owner remembers them for all workers, so that a proof shown to one
 * worker cannot be replayed at another. Fails closed: without an answer a proof is refused.
 */
import type { Replays, Taken } from '../identify/replay-store.ts';
import type { OwnerClient } from './owner-client.ts';

/** A missing answer counts as `full`, which refuses. */
export function createOwnedReplays(client: OwnerClient): Replays {
  return {
    async take(proof): Promise<Taken> {
      const value = await client.ask({ op: 'take', proof });
      return value === 'new' || value === 'replayed' ? value : 'full';
    },
  };
}

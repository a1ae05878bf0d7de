/**
 * Used proofs as a worker sees them: the owner remembers them for all, so a proof that was shown to
 * one worker is worth nothing at another. Fails closed: without an answer a proof is refused.
 */
import type { Replays, Taken } from '../identify/replay-store.ts';
import type { OwnerClient } from './owner-client.ts';

/** `full`, which refuses, is also what no answer means. */
export function createOwnedReplays(client: OwnerClient): Replays {
  return {
    async take(proof, group): Promise<Taken> {
      const value = await client.ask({ op: 'take', proof, group });
      return value === 'new' || value === 'replayed' ? value : 'full';
    },
  };
}

/**
 * Replaces the own state of one of several workers: counts, used proofs and places kept by the
 * owner, and its shares of what is dealt out.
 */
import type { InFlightOptions } from '../admit/in-flight.ts';
import type { FiredAt, Observed } from '../detect/detection-counts.ts';
import { type ProofRules, proofKeepMs } from '../identify/dpop-proof.ts';
import type { Replays } from '../identify/replay-store.ts';
import type { AmongWorkers } from '../open-store.ts';
import { createOwnedDetections } from './owned-detections.ts';
import { createOwnedReplays } from './owned-replays.ts';
import { createOwnedStore } from './owned-store.ts';
import type { OwnerClient } from './owner-client.ts';
import { createSharedInFlight, type SharedInFlight } from './shared-in-flight.ts';
import type { WorkerStart } from './worker-messages.ts';

export interface WorkerMeans extends AmongWorkers {
  /** Selects the audit chain that it writes. */
  readonly slot: number;
  readonly maskKey: string;
  /** Key of the hashes in detections: 32 bytes in base64url. */
  readonly detectKey: string;
  /** Counts for all workers; resolves to undefined if there was no answer. */
  countDetected(observed: readonly Observed[]): Promise<readonly FiredAt[] | undefined>;
  /** Policy folders that must exist for the worker to start. */
  readonly policyFolders: readonly string[];
  /** Throws Error if proofs live longer than the owner was started to remember them. */
  replays(rules: ProofRules | undefined): Replays | undefined;
  inFlight(options: InFlightOptions): SharedInFlight;
  /** This worker's share of a limit for all; throws Error if the share is zero. */
  shareOf(limit: number): number;
}

/** `client`: asks the owner of `start`. */
export function createWorkerMeans(start: WorkerStart, client: OwnerClient): WorkerMeans {
  const { slot, slots, isFresh } = start;
  const clock = (): number => performance.now();
  return {
    slot,
    slots,
    maskKey: start.maskKey,
    detectKey: start.detectKey,
    countDetected: createOwnedDetections(client),
    policyFolders: start.policyFolders,
    store: createOwnedStore(client, { slots, isFresh, clock }),
    replays(rules) {
      if (rules === undefined) return undefined;
      if (proofKeepMs(rules) > start.replayKeepMs) {
        throw new Error(
          'identity.dpop: proofs live longer than when the gateway was started; restart it as a whole',
        );
      }
      return createOwnedReplays(client);
    },
    inFlight: (options) => createSharedInFlight(options, { client, slots }),
    shareOf(limit) {
      const share = Math.floor(limit / slots);
      if (share >= 1) return share;
      throw new Error(
        `limits.inFlight is ${limit}: it is dealt out to ${slots} processes, the workers and one for their exchange, so it must be at least ${slots}`,
      );
    },
  };
}

/**
 * Owns the state that several workers must share, for the walk's steps `identify` and `charge`: the
 * buckets of rates (`store: memory`), used proofs, the places that callers hold beyond each
 * worker's own share, and detection counts. One process decides, in the order of arrival, so the
 * guarantees of one process hold for all workers together.
 *
 * The places of a worker that exits are freed; what it had charged stays spent.
 */
import { DetectionCounts, type FiredAt } from '../detect/detection-counts.ts';
import type { ReplayStore } from '../identify/replay-store.ts';
import type { MemoryStore } from '../rates/memory-store.ts';
import type { Entered, OwnerAnswer, OwnerCall, SeenOf } from './owner-calls.ts';

export interface OwnerOptions {
  readonly store: MemoryStore;
  readonly replays: ReplayStore | undefined;
  /** Callers with places in the pool. */
  readonly keysMax: number;
  /** Detection counts; by default on the process's monotonic clock. */
  readonly detections?: DetectionCounts;
}

export interface Owner {
  /** `worker` identifies one process and is never reused. Fire-and-forget calls yield no answer. */
  answer(worker: number, calls: readonly OwnerCall[]): OwnerAnswer[];
  /** The worker has exited. */
  gone(worker: number): void;
}

/** Decides every call synchronously: no call waits for another. */
export function createOwner({ store, replays, keysMax, ...more }: OwnerOptions): Owner {
  const detections = more.detections ?? new DetectionCounts(() => performance.now());
  const pool = createPool(keysMax);

  function answerOne(worker: number, call: OwnerCall): OwnerAnswer | undefined {
    switch (call.op) {
      case 'charge':
        return { id: call.id, value: store.charge(call.charges) };
      case 'give-back': {
        const { lines } = call;
        store.giveBack(
          { kind: 'memory', lines },
          lines.map(({ left }) => left),
        );
        return undefined;
      }
      case 'take':
        return { id: call.id, value: replays?.take(call.proof) ?? 'full' };
      case 'enter':
        return { id: call.id, value: pool.enter(worker, call.key, call.most) };
      case 'leave':
        pool.leave(worker, call.key);
        return undefined;
      case 'detect':
        return { id: call.id, value: countSeen(detections, call) };
    }
  }

  return {
    answer: (worker, calls) =>
      calls.map((call) => answerOne(worker, call)).filter((answer) => answer !== undefined),
    gone: (worker) => pool.gone(worker),
  };
}

/** Observations that refer to a missing rule are ignored. */
function countSeen(
  detections: DetectionCounts,
  { rules, seen }: Extract<OwnerCall, { op: 'detect' }>,
): readonly FiredAt[] {
  return seen.flatMap(({ of, ...one }: SeenOf, at) => {
    const rule = rules[of];
    if (rule === undefined) return [];
    return detections.add([{ ...one, rule }]).map((fired) => ({ ...fired, at }));
  });
}

/** Pool places by caller, and by the worker that holds them. */
function createPool(keysMax: number) {
  const inAll = new Map<string, number>();
  const byWorker = new Map<number, Map<string, number>>();

  const subtract = (from: Map<string, number>, key: string, count: number): void => {
    const left = (from.get(key) ?? 0) - count;
    if (left > 0) from.set(key, left);
    else from.delete(key);
  };

  return {
    enter(worker: number, key: string, most: number): Entered {
      const count = inAll.get(key) ?? 0;
      if (count >= most) return 'caller-full';
      if (count === 0 && inAll.size >= keysMax) return 'pool-full';
      const own = byWorker.get(worker) ?? new Map<string, number>();
      byWorker.set(worker, own);
      inAll.set(key, count + 1);
      own.set(key, (own.get(key) ?? 0) + 1);
      return 'entered';
    },
    leave(worker: number, key: string): void {
      const own = byWorker.get(worker);
      // A worker can only free its own places.
      if (own === undefined || !own.has(key)) return;
      subtract(own, key, 1);
      subtract(inAll, key, 1);
    },
    gone(worker: number): void {
      for (const [key, count] of byWorker.get(worker) ?? []) subtract(inAll, key, count);
      byWorker.delete(worker);
    },
  };
}

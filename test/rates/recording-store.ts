/** A store in memory that keeps every charge and every return it was asked for. */
import type { MemoryStore } from '../../gateway/rates/memory-store.ts';
import type { Charge } from '../../gateway/rates/store.ts';
import { createHandClock, type HandClock, memoryStore } from './charges.ts';

export interface RecordingStore extends MemoryStore {
  readonly clock: HandClock;
  readonly charges: Charge[];
  readonly returned: (readonly number[])[];
}

export function recordingStore(): RecordingStore {
  const clock = createHandClock();
  const store = memoryStore(clock);
  const charges: Charge[] = [];
  const returned: (readonly number[])[] = [];
  return {
    ...store,
    clock,
    charges,
    returned,
    charge(asked) {
      charges.push(...asked);
      return store.charge(asked);
    },
    giveBack(receipt, amounts) {
      returned.push(amounts);
      store.giveBack(receipt, amounts);
    },
  };
}

/**
 * A worker's side of what is shared: gathers the calls of one turn of the event loop into one
 * message, and hands each answer to whoever waits for it.
 *
 * Fails closed: a call that is not answered in time, or that finds too many waiting, has no answer,
 * and whoever asked refuses. A grant that comes too late stays spent; a place that comes too late
 * is given back.
 */

import { PassingMap } from '../caches/passing-map.ts';
import { createDeadlines } from '../time/deadlines.ts';
import type { OwnerAnswer, OwnerCall } from './owner-calls.ts';

export interface OwnerClientOptions {
  /** Carries calls to the owner; rejects nothing, what is lost runs into its deadline. */
  readonly send: (calls: readonly OwnerCall[]) => void;
  /** Calls that may wait for an answer; 10,000 unless told. */
  readonly waitingMax?: number;
  /** 2 s unless told. */
  readonly timeoutMs?: number;
  /** Runs when the work of this turn is gathered; default: setImmediate. */
  readonly later?: (run: () => void) => void;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

type Value = OwnerAnswer['value'];
type Asked = Extract<OwnerCall, { id: number }>;
/** Distributes over the union, which Omit does not. */
type WithoutId<Call> = Call extends unknown ? Omit<Call, 'id'> : never;

export interface OwnerClient {
  /** Undefined where there is no answer; `late` gets one that comes after all. */
  ask(call: WithoutId<Asked>, late?: (value: Value) => void): Promise<Value | undefined>;
  tell(call: Exclude<OwnerCall, Asked>): void;
  /** Takes what the owner sent. */
  receive(answers: readonly OwnerAnswer[]): void;
}

/** How long a call is waited for. */
export const ownerTimeoutMs = 2_000;

interface Waiting {
  readonly id: number;
  readonly resolve: (value: Value | undefined) => void;
  readonly late: ((value: Value) => void) | undefined;
  /** Among the deadlines. */
  place: number;
}

/** Sends nothing before `later` runs. */
export function createOwnerClient(options: OwnerClientOptions): OwnerClient {
  const { send, waitingMax = 10_000, timeoutMs = ownerTimeoutMs } = options;
  const { later = (run) => setImmediate(run), now = () => performance.now() } = options;
  const waiting = new PassingMap<number, Waiting>();
  /** Of calls that nobody waits for any more, but whose answer would have to be undone. */
  const missed = new Map<number, Waiting>();
  let gathered: OwnerCall[] = [];
  let lastId = 0;

  const deadlines = createDeadlines<Waiting>(
    timeoutMs,
    (one) => {
      waiting.delete(one.id);
      if (one.late !== undefined && missed.size < waitingMax) missed.set(one.id, one);
      one.resolve(undefined);
      return false;
    },
    now,
  );

  function flush(): void {
    const calls = gathered;
    gathered = [];
    send(calls);
  }

  function gather(call: OwnerCall): void {
    if (gathered.push(call) === 1) later(flush);
  }

  return {
    ask(call, late) {
      if (waiting.size >= waitingMax) return Promise.resolve(undefined);
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        const one: Waiting = { id, resolve, late, place: 0 };
        waiting.set(id, one);
        one.place = deadlines.add(one);
        gather({ ...call, id });
      });
    },
    tell: gather,
    receive(answers) {
      for (const { id, value } of answers) {
        const one = waiting.get(id);
        if (one === undefined) {
          missed.get(id)?.late?.(value);
          missed.delete(id);
          continue;
        }
        waiting.delete(id);
        deadlines.delete(one, one.place);
        one.resolve(value);
      }
    },
  };
}

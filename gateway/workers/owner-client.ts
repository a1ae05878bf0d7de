/**
 * A worker's client of the owner: batches the calls of one event loop turn into one message, and
 * delivers each answer to its caller.
 *
 * Fails closed: a call that is not answered in time, or exceeds the limit of unanswered calls,
 * resolves to undefined, and its caller refuses. Calls past their deadline still count: an owner
 * that stands still is not sent ever more, and each late answer finds its call. A rate grant that
 * comes too late stays spent; a pool place that comes too late is given back.
 */

import { PassingMap } from '../caches/passing-map.ts';
import { createDeadlines } from '../time/deadlines.ts';
import type { OwnerAnswer, OwnerCall } from './owner-calls.ts';

export interface OwnerClientOptions {
  /** Sends calls to the owner; must not reject: lost calls run into their deadline. */
  readonly send: (calls: readonly OwnerCall[]) => void;
  /** Calls without an answer, in time or not; default: 10,000. */
  readonly unansweredMax?: number;
  /** Default: 2 s. */
  readonly timeoutMs?: number;
  /** Runs the callback after the current turn; default: setImmediate. */
  readonly later?: (run: () => void) => void;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

type Value = OwnerAnswer['value'];
type Asked = Extract<OwnerCall, { id: number }>;
/** Distributes over the union, which Omit does not. */
type WithoutId<Call> = Call extends unknown ? Omit<Call, 'id'> : never;

export interface OwnerClient {
  /** Undefined if there is no answer in time; `late` receives one that comes afterwards. */
  ask(call: WithoutId<Asked>, late?: (value: Value) => void): Promise<Value | undefined>;
  tell(call: Exclude<OwnerCall, Asked>): void;
  /** Processes answers of the owner. */
  receive(answers: readonly OwnerAnswer[]): void;
}

/** How long a call waits for its answer. */
export const ownerTimeoutMs = 2_000;

interface Unanswered {
  readonly resolve: (value: Value | undefined) => void;
  readonly late: ((value: Value) => void) | undefined;
  isLate: boolean;
  /** Index among the deadlines. */
  place: number;
}

/** Sends nothing before `later` runs. */
export function createOwnerClient(options: OwnerClientOptions): OwnerClient {
  const { send, unansweredMax = 10_000, timeoutMs = ownerTimeoutMs } = options;
  const { later = (run) => setImmediate(run), now = () => performance.now() } = options;
  const unanswered = new PassingMap<number, Unanswered>();
  let gathered: OwnerCall[] = [];
  let lastId = 0;

  const deadlines = createDeadlines<Unanswered>(
    timeoutMs,
    (one) => {
      one.isLate = true;
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
      if (unanswered.size >= unansweredMax) return Promise.resolve(undefined);
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        const one: Unanswered = { resolve, late, isLate: false, place: 0 };
        unanswered.set(id, one);
        one.place = deadlines.add(one);
        gather({ ...call, id });
      });
    },
    tell: gather,
    receive(answers) {
      for (const { id, value } of answers) {
        const one = unanswered.get(id);
        if (one === undefined) continue;
        unanswered.delete(id);
        if (one.isLate) one.late?.(value);
        else {
          deadlines.delete(one, one.place);
          one.resolve(value);
        }
      }
    },
  };
}

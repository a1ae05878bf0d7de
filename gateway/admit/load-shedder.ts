/**
 * The first step of the walk: is there room for one more request? A request that is shed here has
 * cost nothing yet: no token has been verified and no body read.
 *
 * While the event loop has idle time, the concurrency limit is wide. Once it has had none for a
 * while, the length of its turns tells how far behind it is: if turns exceed their target by some
 * time, the limit is lowered by as many requests as finish in that time (Little's law). Requests
 * that wait for an upstream make no turn longer; those that wait for the loop cost more than time,
 * because the garbage collector copies everything they hold. Nor may more be in flight than can
 * finish within `lagMaxMs`, whatever they wait for.
 */
import { Refusal } from '../decision.ts';
import { type Permit, retryAfterMs, toPermit } from './in-flight.ts';
import type { LoopWork } from './load-shedder-loop.ts';

export interface LoadShedderOptions {
  /** Requests that may be in flight, however idle the event loop. */
  readonly inFlightMax: number;
  /** How far work may fall behind when the event loop has no time left. */
  readonly lagMaxMs: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** What the event loop did since it was last asked; asked ten times a second. */
  readonly loop: () => LoopWork;
}

export interface LoadShedder {
  enter(): Permit | Refusal;
  /** How many more requests could have been admitted throughout, since this was last asked. */
  spare(): number;
  state(): LoadState;
}

export interface LoadState {
  readonly inFlight: number;
  /** What may be in flight now. */
  readonly limit: number;
  /** Requests shed since the start. */
  readonly shed: number;
}

const intervalMs = 100;
/** The event loop has no time left. */
const busyMost = 0.95;
/** Busy intervals in a row before the limit is lowered: one long pause is no overload. */
const busyIntervals = 2;
/** Let in at once by a process that has time, though it was idle before. */
const burst = 256;
/** Turns each request waits for at least: one until it is read, one until its upstream's answer is. */
const turnsEach = 2;
/**
 * The target length of a turn: the cost of `requests` requests, within [leastMs, mostMs]. The lower
 * bound keeps a pause of the garbage collector from looking like overload.
 */
const turn = { requests: 32, leastMs: 4, mostMs: 40 } as const;
/** How much of the best completion rate is remembered after an interval that did not reach it. */
const rateKept = 0.95;
/** Never below this: a limiter that sheds everything has nothing left to measure. */
const limitLeast = 8;

/** Shared instances: the rendered answer is cached with its Refusal. */
const full = new Refusal('admit/too-many-in-flight', { retryAfterMs });
const overloaded = new Refusal('admit/overloaded', { retryAfterMs });

export function createLoadShedder(options: LoadShedderOptions): LoadShedder {
  const { inFlightMax, now } = options;
  const concurrency = new ConcurrencyLimit(options, now());
  let inFlight = 0;
  let shed = 0;
  let spareLeast = 0;
  const leave = (): void => {
    inFlight -= 1;
    concurrency.finished += 1;
  };
  return {
    state: () => ({ inFlight, limit: concurrency.limit, shed }),
    spare() {
      const spare = concurrency.limit - inFlight;
      const least = Math.min(spareLeast, spare);
      spareLeast = spare;
      return Math.max(0, least);
    },
    enter() {
      concurrency.watch(now(), inFlight);
      if (inFlight < concurrency.limit) {
        inFlight += 1;
        spareLeast = Math.min(spareLeast, concurrency.limit - inFlight);
        return toPermit(leave);
      }
      spareLeast = 0;
      shed += 1;
      return concurrency.limit === inFlightMax ? full : overloaded;
    },
  };
}

/** How many may be in flight, measured anew in every interval. */
class ConcurrencyLimit {
  limit: number;
  /** Requests that left in this interval. */
  finished = 0;
  readonly #options: LoadShedderOptions;
  #sinceMs: number;
  #most = 0;
  #perMs = 0;
  #busyFor = 0;

  constructor(options: LoadShedderOptions, nowMs: number) {
    this.#options = options;
    this.#sinceMs = nowMs;
    this.limit = Math.min(options.inFlightMax, burst);
  }

  watch(nowMs: number, inFlight: number): void {
    this.#most = Math.max(this.#most, inFlight);
    const elapsedMs = nowMs - this.#sinceMs;
    if (elapsedMs >= 0 && elapsedMs < intervalMs) return;
    const work = this.#options.loop();
    // A clock that went back says nothing of the interval.
    if (elapsedMs > 0) this.#measure(elapsedMs, work);
    this.#sinceMs = nowMs;
    this.#most = inFlight;
    this.finished = 0;
  }

  #measure(elapsedMs: number, { share, turnMs }: LoopWork): void {
    const { inFlightMax, lagMaxMs } = this.#options;
    const perMs = this.finished / elapsedMs;
    this.#perMs = Math.max(perMs, this.#perMs * rateKept);
    this.#busyFor = share >= busyMost ? this.#busyFor + 1 : 0;
    if (this.#busyFor === 0) this.#widen(elapsedMs);
    else if (this.#busyFor >= busyIntervals) {
      this.#follow(turnMs, { perMs, share });
      this.limit = Math.min(this.limit, Math.max(limitLeast, Math.round(this.#perMs * lagMaxMs)));
    }
    this.limit = Math.min(this.limit, inFlightMax);
  }

  /** Twice as wide in each interval: a burst of what costs much would take all time for long. */
  #widen(elapsedMs: number): void {
    const wide = this.limit * 2 ** (elapsedMs / intervalMs);
    this.limit = Math.round(Math.min(Math.max(burst, 2 * this.#most), wide));
  }

  /** Takes away what makes turns too long, or adds what they have time for where all is used. */
  #follow(turnMs: number, { perMs, share }: { perMs: number; share: number }): void {
    const aimMs = Math.min(Math.max((turn.requests * share) / perMs, turn.leastMs), turn.mostMs);
    const more = Math.round(perMs * turnsEach * (aimMs - turnMs));
    if (more >= 0) this.limit = Math.max(this.limit, this.#most + more);
    else this.limit = Math.max(limitLeast, Math.min(this.limit, this.#most) + more);
  }
}

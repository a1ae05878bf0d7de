/**
 * First step of the walk: is there capacity for another request? A request that is shed here has
 * cost nothing yet: no token has been verified and no body read.
 *
 * While the event loop has idle time, the concurrency limit is wide. Once it has had none for a
 * while, the length of its turns tells how far behind it is: if turns exceed their target by some
 * time, the limit is lowered by as many requests as finish in that time (Little's law). Requests
 * that wait for an upstream make no turn longer; those that wait for the loop cost more than time,
 * because the garbage collector copies everything they hold. The limit also never exceeds the
 * number of requests that can finish within `lagMaxMs`, whatever they wait for.
 */
import { Refusal } from '../decision.ts';
import { type Permit, retryAfterMs, toPermit } from './in-flight.ts';
import type { LoopWork } from './load-shedder-loop.ts';

export interface LoadShedderOptions {
  /** Most requests in flight, however idle the event loop. */
  readonly inFlightMax: number;
  /** How far work may fall behind when the event loop has no time left. */
  readonly lagMaxMs: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The event loop's work since the last call; called ten times a second. */
  readonly loop: () => LoopWork;
}

export interface LoadShedder {
  enter(): Permit | Refusal;
  /** The least spare capacity at any time since the last call. */
  spare(): number;
  state(): LoadState;
}

export interface LoadState {
  readonly inFlight: number;
  /** Current limit of requests in flight. */
  readonly limit: number;
  /** Requests shed since the start. */
  readonly shed: number;
}

const intervalMs = 100;
/** Busy share above which the event loop counts as having no time left. */
const busyMost = 0.95;
/** Busy intervals in a row before the limit is lowered: one long pause is no overload. */
const busyIntervals = 2;
/** Least limit while the loop has time: a burst after an idle period is admitted at once. */
const burst = 256;
/** Turns each request waits for at least: until it is read, and until its upstream's answer is. */
const turnsEach = 2;
/**
 * The target length of a turn: the cost of `requests` requests, within [leastMs, mostMs]. The lower
 * bound keeps a pause of the garbage collector from looking like overload.
 */
const turn = { requests: 32, leastMs: 4, mostMs: 40 } as const;
/** Share of the best completion rate that is kept after a slower interval. */
const rateKept = 0.95;
/** Lower bound: a limiter that sheds everything has nothing left to measure. */
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

/** The concurrency limit, measured again in every interval. */
class ConcurrencyLimit {
  limit: number;
  /** Requests that finished in this interval. */
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
    // After the clock went back the interval's length is unknown.
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

  /** At most doubles per interval: a burst of expensive requests would block the loop for long. */
  #widen(elapsedMs: number): void {
    const wide = this.limit * 2 ** (elapsedMs / intervalMs);
    this.limit = Math.round(Math.min(Math.max(burst, 2 * this.#most), wide));
  }

  /** Lowers the limit if turns are too long; raises it if they are short and it is in use. */
  #follow(turnMs: number, { perMs, share }: { perMs: number; share: number }): void {
    const aimMs = Math.min(Math.max((turn.requests * share) / perMs, turn.leastMs), turn.mostMs);
    const more = Math.round(perMs * turnsEach * (aimMs - turnMs));
    if (more >= 0) this.limit = Math.max(this.limit, this.#most + more);
    else this.limit = Math.max(limitLeast, Math.min(this.limit, this.#most) + more);
  }
}

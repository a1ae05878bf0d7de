/**
 * The first step of the walk: is there room for one more request? What is shed here has cost
 * nothing yet: no token is verified, no body read.
 *
 * While the event loop has time left, the room is wide. When it has none for a while, no more may
 * be in flight than it lately finished in the time that work may fall behind (Little's law), so
 * that what is let in is answered soon and the rate of answers stays what the process can bear.
 */
import { Refusal } from '../decision.ts';
import { type Place, retryAfterMs, toPlace } from './in-flight.ts';

export interface LoadShedderOptions {
  /** Requests that may be in flight, however idle the event loop. */
  readonly inFlightMax: number;
  /** How far work may fall behind when the event loop has no time left. */
  readonly lagMaxMs: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Share of the time since it was last asked that the event loop worked; asked ten times a second. */
  readonly busy: () => number;
}

export interface LoadShedder {
  enter(): Place | Refusal;
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
/** Intervals in a row before room is taken away: one long pause is no overload. */
const busyIntervals = 2;
/** Let in at once by a process that has time, though it was idle before. */
const burst = 256;
/** However slow everything is: who sheds all learns nothing. */
const limitLeast = 8;
/** What is left, an interval later, of a rate that was not reached again. */
const rateKept = 0.95;

/** One of each: what is made of a refusal, its answer, is kept with it. */
const full = new Refusal('admit/too-many-in-flight', { retryAfterMs });
const overloaded = new Refusal('admit/overloaded', { retryAfterMs });

export function createLoadShedder(options: LoadShedderOptions): LoadShedder {
  const { inFlightMax, now } = options;
  const room = new Room(options, now());
  let inFlight = 0;
  let shed = 0;
  const leave = (): void => {
    inFlight -= 1;
    room.finished += 1;
  };
  return {
    state: () => ({ inFlight, limit: room.limit, shed }),
    enter() {
      room.watch(now(), inFlight);
      if (inFlight < room.limit) {
        inFlight += 1;
        return toPlace(leave);
      }
      shed += 1;
      return room.limit === inFlightMax ? full : overloaded;
    },
  };
}

/** How many may be in flight, measured anew in every interval. */
class Room {
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
    const share = this.#options.busy();
    // A clock that went back says nothing of the interval.
    if (elapsedMs > 0) this.#measure(elapsedMs, share);
    this.#sinceMs = nowMs;
    this.#most = inFlight;
    this.finished = 0;
  }

  #measure(elapsedMs: number, share: number): void {
    const { inFlightMax, lagMaxMs } = this.#options;
    this.#perMs = Math.max(this.finished / elapsedMs, this.#perMs * rateKept);
    this.#busyFor = share >= busyMost ? this.#busyFor + 1 : 0;
    if (this.#busyFor === 0) this.limit = Math.max(burst, 2 * this.#most);
    else if (this.#busyFor >= busyIntervals) {
      this.limit = Math.max(limitLeast, Math.round(this.#perMs * lagMaxMs));
    }
    this.limit = Math.min(this.limit, inFlightMax);
  }
}

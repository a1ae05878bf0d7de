/**
 * Keeps shedding cheap: a connection whose request was shed is not read for a while, so that a
 * flood over persistent connections costs no more than the share set aside for it. Data sent
 * meanwhile waits in the buffers of both systems, bounded by TCP.
 *
 * Reading resumes when the connection's time has come, after two seconds at most, or earlier if
 * there is capacity.
 */
import type { Socket } from 'node:net';
import { PassingMap } from '../caches/passing-map.ts';
import { type Every, everyUnref } from '../time/every.ts';

export interface HoldBack {
  /** Adds a connection whose request was shed; writing the refusal took `tookMs`. */
  add(socket: Socket, tookMs: number): void;
  /** Resumes all connections, and holds none from now on. */
  release(): void;
  /** Number of connections not being read. */
  size(): number;
}

export interface HoldBackOptions {
  /** Spare capacity throughout the time since the last call, in requests. */
  readonly room: () => number;
  /** Whether a request of the connection is in progress, whose body must be read. */
  readonly isBusy: (socket: Socket) => boolean;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  readonly every?: Every;
}

/** Longest time that a connection is held, however many are. */
export const heldMsMax = 2_000;
/** Time between connections resumed without spare capacity: shedding their requests is not free. */
const spacingMs = { least: 0.5, most: 10 } as const;
/** Greatest share of the process's time that shedding may take. */
const shareMost = 1 / 8;
/** Only the writing is measured; reading and parsing a request cost about as much again. */
const wholeOfWriting = 2;
const sweepMs = 5;
const intervalMs = 100;

export function createHoldBack(options: HoldBackOptions): HoldBack {
  const { room, isBusy, now = () => performance.now(), every = everyUnref } = options;
  /** Time at which each is resumed, soonest first. */
  const held = new PassingMap<Socket, number>();
  let fresh: Socket[] = [];
  const pace = new Pace(now());
  let nextMs = 0;
  let stopSweeps: (() => void) | undefined;
  let isOver = false;

  const isHeld = (socket: Socket): boolean => held.get(socket) !== undefined;

  function pauseFresh(): void {
    const nowMs = now();
    const spacing = pace.spacingMs(nowMs);
    for (const socket of fresh) {
      if (isOver || socket.destroyed || isHeld(socket) || isBusy(socket)) continue;
      nextMs = Math.min(Math.max(nextMs, nowMs) + spacing, nowMs + heldMsMax);
      socket.pause();
      held.set(socket, nextMs);
    }
    fresh = [];
    if (held.size > 0) stopSweeps ??= every(sweepMs, sweep);
  }

  function sweep(): void {
    const nowMs = now();
    let free = room();
    for (const [socket, dueMs] of held) {
      if (dueMs > nowMs && free <= 0) break;
      free -= 1;
      held.delete(socket);
      socket.resume();
    }
    if (held.size > 0) return;
    stopSweeps?.();
    stopSweeps = undefined;
  }

  return {
    add(socket, tookMs) {
      pace.note(tookMs);
      if (isOver || isHeld(socket)) return;
      // Deferred: data that arrived with the request, such as its body, is still being read.
      if (fresh.length === 0) setImmediate(pauseFresh);
      if (fresh.at(-1) !== socket) fresh.push(socket);
    },
    release() {
      isOver = true;
      stopSweeps?.();
      for (const socket of held.keys()) {
        held.delete(socket);
        socket.resume();
      }
    },
    size: () => held.size,
  };
}

/** Derives the spacing of resumed connections from the measured cost of shedding. */
class Pace {
  #shed = 0;
  #tookMs = 0;
  #sinceMs: number;
  #spacingMs: number = spacingMs.least;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  note(tookMs: number): void {
    this.#shed += 1;
    this.#tookMs += tookMs;
  }

  spacingMs(nowMs: number): number {
    if (nowMs - this.#sinceMs >= intervalMs && this.#shed > 0) {
      const each = (wholeOfWriting * this.#tookMs) / this.#shed / shareMost;
      this.#spacingMs = Math.min(Math.max(each, spacingMs.least), spacingMs.most);
      this.#sinceMs = nowMs;
      this.#shed = 0;
      this.#tookMs = 0;
    }
    return this.#spacingMs;
  }
}

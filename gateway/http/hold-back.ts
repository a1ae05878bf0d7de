/**
 * Keeps shedding cheap: a connection whose request was shed is not read for a while, so that a
 * flood over connections that stay costs no more than what the process has set aside for it. What
 * is sent on it meanwhile waits in the buffers of both systems, bounded by TCP.
 *
 * It is read again when its time has come, after two seconds at the latest, and earlier where there
 * is room.
 */
import type { Socket } from 'node:net';
import { PassingMap } from '../caches/passing-map.ts';

export interface HoldBack {
  /** Its request was shed; to say so took so many milliseconds. */
  add(socket: Socket, tookMs: number): void;
  /** Reads all of them again, and holds none from now on. */
  release(): void;
  /** Connections that are not read now. */
  size(): number;
}

export interface HoldBackOptions {
  /** Requests that there was room for all the time since this was last asked. */
  readonly room: () => number;
  /** Whether a request of the connection is being worked on, whose body must be read. */
  readonly isBusy: (socket: Socket) => boolean;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** However many are held, none waits longer. */
export const heldMsMax = 2_000;
/** Between two that are read again without there being room: what is shed costs something. */
const spacingMs = { least: 0.5, most: 10 } as const;
/** Of all time, what shedding may take. */
const shareMost = 1 / 8;
/** What is measured is the writing; to read and to parse a request costs as much again. */
const wholeOfWriting = 2;
const sweepMs = 5;
const intervalMs = 100;

export function createHoldBack(options: HoldBackOptions): HoldBack {
  const { room, isBusy, now = () => performance.now() } = options;
  /** By when they are read again, soonest first. */
  const held = new PassingMap<Socket, number>();
  let fresh: Socket[] = [];
  const pace = new Pace(now());
  let nextMs = 0;
  let timer: NodeJS.Timeout | undefined;
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
    if (held.size === 0 || timer !== undefined) return;
    timer = setInterval(sweep, sweepMs);
    timer.unref();
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
    clearInterval(timer);
    timer = undefined;
  }

  return {
    add(socket, tookMs) {
      pace.note(tookMs);
      if (isOver || isHeld(socket)) return;
      // Not at once: what came with it, such as its body, is still being read.
      if (fresh.length === 0) setImmediate(pauseFresh);
      if (fresh.at(-1) !== socket) fresh.push(socket);
    },
    release() {
      isOver = true;
      clearInterval(timer);
      for (const socket of held.keys()) {
        held.delete(socket);
        socket.resume();
      }
    },
    size: () => held.size,
  };
}

/** What shedding costs says how much of it there may be. */
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

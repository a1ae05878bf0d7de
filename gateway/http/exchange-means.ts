/**
 * State shared by the exchanges of a server: guards against stalled clients and endless uploads.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createDeadlines, type Deadlines } from '../time/deadlines.ts';
import type { HoldBack } from './hold-back.ts';

/** How long a refused upload is still discarded before the connection is cut. */
const lingerMs = 500;

/** Shared by all exchanges of a server. */
export interface ExchangeMeans {
  readonly stalls: Deadlines<ServerResponse>;
  readonly lingering: Deadlines<IncomingMessage>;
  readonly holdBack: HoldBack;
  /** Whether idle connections are cut. */
  readonly cutsIdle: () => boolean;
}

/**
 * A client that takes less of its answer, on average over a span, is considered gone. A faster one
 * can seem to take nothing: the system accepts more only when a third of its send buffer is free.
 */
const takenPerSecondMin = 1_024;

/** Cuts clients that stop reading, or nearly: an answer holds memory until it is taken. */
export function createStallGuard(stalledMs: number): Deadlines<ServerResponse> {
  return createDeadlines(stalledMs, createStallLook((takenPerSecondMin * stalledMs) / 1_000));
}

/**
 * Cuts the connection of an answer of which fewer than `takenMin` bytes were taken since the last
 * look, and says whether to go on looking.
 */
export function createStallLook(takenMin: number): (response: ServerResponse) => boolean {
  const taken = new WeakMap<ServerResponse, number>();
  return (response) => {
    const { socket } = response;
    // Not its turn yet: it stays watched, or a client that reads its first answer slowly could hold
    // all pipelined ones behind it indefinitely.
    if (socket === null) return !response.destroyed;
    const now = socket.bytesWritten - socket.writableLength - queuedBytes(socket);
    const isStalled = now - (taken.get(response) ?? Number.NEGATIVE_INFINITY) < takenMin;
    if (isStalled) socket.destroy();
    taken.set(response, now);
    return !isStalled;
  };
}

/** Internals of Node: a TLS socket has the one below it as its parent. */
interface Inside {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  readonly _parent?: Inside | null;
}

/**
 * The part of the current write that the operating system has not accepted. Public counters change
 * only with whole writes, so that a client reading a long answer slowly would seem to read nothing.
 * Node's own socket timeouts read the same properties.
 */
function queuedBytes(socket: Socket): number {
  const { _parent, _handle }: Inside = socket as Socket & Inside;
  return (_parent?._handle ?? _handle)?.writeQueueSize ?? 0;
}

/** Discards the rest of refused uploads for a bounded time. */
export const createLingering = (): Deadlines<IncomingMessage> =>
  createDeadlines(lingerMs, ({ complete, socket }) => {
    // The answer may still wait for its turn, or be in transit to a slow client.
    if (!complete) socket.destroy();
    return false;
  });

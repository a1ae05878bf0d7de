/**
 * State shared by the exchanges of a server: guards against stalled clients and endless uploads.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
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

/** Cuts clients that stop reading: an answer holds memory until it is taken. */
export function createStallGuard(stalledMs: number): Deadlines<ServerResponse> {
  const taken = new WeakMap<ServerResponse, number>();
  return createDeadlines(stalledMs, (response) => {
    const { socket } = response;
    // Not its turn yet: it stays watched, or a client that reads its first answer slowly could hold
    // all pipelined ones behind it indefinitely.
    if (socket === null) return !response.destroyed;
    const now = socket.bytesWritten - socket.writableLength;
    const isStalled = now === taken.get(response);
    if (isStalled) socket.destroy();
    taken.set(response, now);
    return !isStalled;
  });
}

/** Discards the rest of refused uploads for a bounded time. */
export const createLingering = (): Deadlines<IncomingMessage> =>
  createDeadlines(lingerMs, ({ complete, socket }) => {
    // The answer may still wait for its turn, or be in transit to a slow client.
    if (!complete) socket.destroy();
    return false;
  });

/** What the exchanges of a server share: who takes nothing of an answer, and what is still sent after a refusal. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createDeadlines, type Deadlines } from '../time/deadlines.ts';
import type { HoldBack } from './hold-back.ts';

/** How long a refused upload may go on being thrown away before the connection is cut. */
const lingerMs = 500;

/** What all exchanges of a server share. */
export interface ExchangeMeans {
  readonly stalls: Deadlines<ServerResponse>;
  readonly lingering: Deadlines<IncomingMessage>;
  readonly holdBack: HoldBack;
  /** Connections that nothing is under way on are ended. */
  readonly cutsIdle: () => boolean;
}

/** Memory is held until an answer is taken: whoever does not read must not hold it for ever. */
export function createStallGuard(stalledMs: number): Deadlines<ServerResponse> {
  const taken = new WeakMap<ServerResponse, number>();
  return createDeadlines(stalledMs, (response) => {
    const { socket } = response;
    // Its turn has not come: it is watched all the same, or who takes a first answer slowly would
    // hold all that stand behind it, for as long as it likes.
    if (socket === null) return !response.destroyed;
    const now = socket.bytesWritten - socket.writableLength;
    const isStalled = now === taken.get(response);
    if (isStalled) socket.destroy();
    taken.set(response, now);
    return !isStalled;
  });
}

/** What was refused is thrown away for a bounded time. */
export const createLingering = (): Deadlines<IncomingMessage> =>
  createDeadlines(lingerMs, ({ complete, socket }) => {
    // Its answer may still wait for its turn, or be on its way to somebody slow.
    if (!complete) socket.destroy();
    return false;
  });

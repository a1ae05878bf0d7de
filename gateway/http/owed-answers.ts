/**
 * Counts the answers owed on a connection: Node accepts pipelined requests without bound before the
 * first is answered.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Most answers owed on one connection; no legitimate client pipelines more. */
export const owedMax = 32;

/** The answers owed on one connection. */
export interface Owed {
  count: number;
  /** Responses that still had to wait for their turn when their request arrived. */
  waiting?: Set<ServerResponse>;
}

/** Destroys responses whose turn can no longer come. */
export function abortWaiting(owed: Owed | undefined): void {
  for (const response of owed?.waiting ?? []) response.destroy();
}

/** The connection's state; undefined, and the connection destroyed, if it owes too many answers. */
export function takeOwed(socket: Socket, all: WeakMap<Socket, Owed>): Owed | undefined {
  let owed = all.get(socket);
  if (owed === undefined) {
    owed = { count: 0 };
    all.set(socket, owed);
  }
  if (owed.count < owedMax) return owed;
  socket.destroy();
  return undefined;
}

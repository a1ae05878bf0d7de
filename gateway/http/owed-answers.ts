/**
 * Answers that a connection is owed: Node takes a pipelined request before the one in front of it is
 * answered, without a bound.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Answers that one connection may be owed; a client that pipelines more is not one. */
export const owedMax = 32;

/** Answers that a connection is owed. */
export interface Owed {
  count: number;
  /** Those whose turn had not come when they were asked for. */
  waiting?: Set<ServerResponse>;
}

/** Ends answers whose turn cannot come any more. */
export function abortWaiting(owed: Owed | undefined): void {
  for (const response of owed?.waiting ?? []) response.destroy();
}

/** Those of a connection; undefined, and the end of the connection, where there are too many. */
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

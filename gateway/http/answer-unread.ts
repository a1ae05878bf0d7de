/**
 * Hands to the walk what Node reports of connections without a request (unread-request.ts), so that
 * it is refused and recorded as every request is. Each ends its connection.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Gateway } from '../gateway-options.ts';
import { turnEndQueue } from '../time/turn-end.ts';
import { abortWaiting, type Owed } from './owed-answers.ts';
import { handshakeFailureOf, UnreadRequest, unreadOf } from './unread-request.ts';

/** Listens to the server's `clientError` and `connect`. */
export function answerUnread(server: Server, gateway: Gateway, owed: WeakMap<Socket, Owed>): void {
  const owedTo = (socket: Socket): number => owed.get(socket)?.count ?? 0;
  const refuse = (socket: Socket, toRequest: (mayAnswer: boolean) => UnreadRequest): void => {
    // Ready answers first: the refusal ends the connection.
    turnEndQueue.release();
    try {
      const request = toRequest(owedTo(socket) === 0);
      void gateway.handle(request, (answer) => request.write(answer));
    } catch (error) {
      socket.destroy();
      void Promise.reject(error);
    }
  };
  const broken = new WeakSet<Socket>();
  server.on('clientError', (error, socket: Socket) => {
    const failure = handshakeFailureOf(error, socket);
    if (failure !== undefined) {
      refuse(socket, () => new UnreadRequest(socket, { unread: failure, mayAnswer: false }));
      // A graceful end would wait for a handshake that never completes.
      socket.destroy();
      return;
    }
    const unread = broken.has(socket) ? 'gone' : unreadOf(error, socket, owedTo(socket));
    if (unread === 'after') return;
    // Anything after it on the same connection is malformed too.
    broken.add(socket);
    if (unread === 'gone') socket.destroy();
    else refuse(socket, (mayAnswer) => new UnreadRequest(socket, { unread, mayAnswer }));
  });
  server.on('connect', (request, socket: Socket) => {
    // Node no longer handles this socket: neither its errors, nor the responses waiting on it.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => abortWaiting(owed.get(socket)));
    refuse(socket, (mayAnswer) => UnreadRequest.tunnel(request, mayAnswer));
  });
}

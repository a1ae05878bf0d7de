/**
 * Takes each request from the server and hands it to the walk, and decides which answer is the last
 * of its connection. A fault of the gateway before the walk closes the connection.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Gateway } from '../gateway-options.ts';
import type { Answer } from '../shape/answer.ts';
import { turnEndQueue } from '../time/turn-end.ts';
import type { ExchangeMeans } from './exchange-means.ts';
import type { Owed } from './owed-answers.ts';
import { SocketExchange } from './socket-exchange.ts';

export interface RequestListenerOptions {
  readonly gateway: Gateway;
  readonly owed: WeakMap<Socket, Owed>;
  readonly means: ExchangeMeans;
  /** Whether the server is closing, so that answers end their connections. */
  readonly isDraining: () => boolean;
  /** Answers a request that is not GraphQL before the walk. */
  readonly aside: ((request: IncomingMessage) => Answer | undefined) | undefined;
}

export interface RequestListener {
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void;
  /** The server's `shouldUpgradeCallback`, which Node calls right before the listener. */
  readonly noteUpgrade: (request: IncomingMessage) => boolean;
}

export function createRequestListener(options: RequestListenerOptions): RequestListener {
  const { gateway, owed, means, isDraining, aside } = options;
  const inDoubt = new WeakSet<Socket>();
  let upgrading: IncomingMessage | undefined;
  return {
    // If a request asks for an upgrade, Node drops data received with it: later requests in that
    // data would be matched to the wrong answers.
    noteUpgrade(request) {
      upgrading = request;
      return false;
    },
    listener(request, response) {
      turnEndQueue.releaseLate();
      if (inDoubt.has(request.socket)) return;
      const exchange = new SocketExchange(request, response, means);
      if (!exchange.mayBeOwed(owed)) return;
      // The end of such a body is unknown: what follows may be a part of it.
      if (exchange.protocolRefusal !== undefined && request.httpVersion === '1.0')
        inDoubt.add(request.socket);
      // The last answer of its connection: a busy one would otherwise bring new requests for ever.
      if (isDraining() || request === upgrading) response.shouldKeepAlive = false;
      upgrading = undefined;
      const asideAnswer = exchange.protocolRefusal === undefined ? aside?.(request) : undefined;
      try {
        if (asideAnswer !== undefined) void exchange.write(asideAnswer);
        else
          void gateway.handle(exchange, (answer) => {
            if (isDraining() && exchange.isLast()) response.shouldKeepAlive = false;
            return exchange.write(answer);
          });
      } catch (error) {
        // A fault of the gateway costs this client its connection, but does not end the process.
        request.socket.destroy();
        void Promise.reject(error);
      }
      exchange.owe();
    },
  };
}

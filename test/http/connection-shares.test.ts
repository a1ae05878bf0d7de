import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { ConnectionShares } from '../../gateway/http/connection-shares.ts';

/** A socket that is told to close, but has not closed yet, as between two turns of the loop. */
class ClosingSocket extends Socket {
  override readonly remoteAddress: string;
  override readonly remotePort: number;
  isCut = false;

  constructor(remoteAddress: string, remotePort: number) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  override destroy(): this {
    this.isCut = true;
    return this;
  }
}

const open = (shares: ConnectionShares, address: string, count: number): ClosingSocket[] =>
  Array.from({ length: count }, (_, port) => {
    const socket = new ClosingSocket(address, 1_000 + port);
    shares.take(socket, false);
    return socket;
  });

it('newcomers of one turn take a place each, though none has closed yet', () => {
  const shares = new ConnectionShares({
    connectionsMax: 20,
    isBusy: () => false,
    isProxy: () => false,
  });
  const holding = open(shares, '192.0.2.1', 20);
  const others = open(shares, '192.0.2.2', 5);
  expect(holding.map(({ isCut }) => isCut)).toEqual(holding.map((_, at) => at < 5));
  expect(others.some(({ isCut }) => isCut)).toBe(false);
  // They close at last: nothing is counted twice.
  for (const socket of holding.slice(0, 5)) EventEmitter.prototype.emit.call(socket, 'close');
  const [refused] = open(shares, '192.0.2.1', 1);
  expect(refused?.isCut).toBe(true);
});

/**
 * Opens plain connections that all read into one shared block of memory and copy the received bytes
 * out. By itself Node allocates 64 KiB per read and returns most of it at once, which costs more
 * than the copy.
 */
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

/** Node's own read size. */
const block = Buffer.allocUnsafeSlow(65_536);

/** An undici connector for `http:` only. */
export function createPlainConnector(
  options: buildConnector.BuildOptions,
): buildConnector.connector {
  return (target, opened) => {
    let socket: Socket | null = null;
    const onread = {
      buffer: block,
      // The block is reused as soon as this returns.
      callback: (bytes: number): boolean => socket?.push(copyOf(bytes)) ?? false,
    };
    const connect = buildConnector({ ...options, onread });
    // Nothing is read before the connection is open.
    connect(target, (...outcome) => {
      socket = outcome[1];
      opened(...outcome);
    });
  };
}

function copyOf(bytes: number): Buffer {
  const copy = Buffer.allocUnsafe(bytes);
  block.copy(copy, 0, 0, bytes);
  return copy;
}

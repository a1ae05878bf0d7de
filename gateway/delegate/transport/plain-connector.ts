/**
 * Opens plain connections that read into one block of memory, which all of them share, and copy out
 * what came. By itself Node takes 64 KiB from the system for each read and gives most of it back at
 * once, which costs more than the copy.
 */
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

/** As much as one read takes, as Node has it. */
const block = Buffer.allocUnsafeSlow(65_536);

/** A connector of undici for `http:` alone. */
export function createPlainConnector(
  options: buildConnector.BuildOptions,
): buildConnector.connector {
  return (target, opened) => {
    let socket: Socket | null = null;
    const onread = {
      buffer: block,
      // The block is the next reader's as soon as this returns.
      callback: (bytes: number): boolean => socket?.push(copyOf(bytes)) ?? false,
    };
    const connect = buildConnector({ ...options, onread });
    // Nothing is read before it is open.
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

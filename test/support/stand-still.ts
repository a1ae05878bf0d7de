import type { AddressInfo, Server } from 'node:net';

/** Blocks this thread, and with it its event loop. */
export function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

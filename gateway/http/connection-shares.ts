/**
 * Decides which connections a full server keeps. A new connection replaces one of the network that
 * holds most of them: otherwise a single client could hold them all, asking for nothing, and keep
 * every other out. A new connection from that network itself is dropped.
 *
 * Constant time for each connection: holders are indexed by their number of connections.
 */
import type { Socket } from 'node:net';
import { toCountedNetwork } from '../addresses/counted-network.ts';
import { type Address, parseAddress } from '../addresses/ip-address.ts';

export interface ConnectionSharesOptions {
  readonly connectionsMax: number;
  /** Whether an answer is owed on the connection. */
  readonly isBusy: (socket: Socket) => boolean;
  /** Whether many clients share the connections from there: they are never cut for others. */
  readonly isProxy: (address: Address) => boolean;
}

interface Connection {
  readonly socket: Socket;
  /** Undefined for a proxy. */
  readonly holder: Holder | undefined;
  readonly key: string;
  /** False once it has closed or been cut. */
  isCounted: boolean;
  /** With TLS, the socket that requests are read from, once the handshake is over. */
  secured: Socket | undefined;
}

interface Holder {
  readonly network: string;
  /** Oldest first. */
  readonly connections: Set<Connection>;
}

/** Connections of one holder that are examined for one without an answer owed. */
const examinedMax = 16;

export class ConnectionShares {
  readonly #options: ConnectionSharesOptions;
  readonly #holders = new Map<string, Holder>();
  /** Holders by the number of their connections. */
  readonly #byCount: Set<Holder>[] = [];
  /** Connections whose TLS handshake is not over. */
  readonly #handshakes = new Map<string, Connection>();
  #count = 0;
  /** The largest number of connections that one holder has. */
  #most = 0;

  constructor(options: ConnectionSharesOptions) {
    this.#options = options;
  }

  /** Counts a connection until it closes, and cuts it or another if there are too many. */
  take(socket: Socket, isSecured: boolean): void {
    const holder = this.#holderOf(socket);
    const key = keyOf(socket);
    const connection: Connection = { socket, holder, key, isCounted: true, secured: undefined };
    this.#count += 1;
    if (holder !== undefined) this.#move(holder, () => holder.connections.add(connection));
    if (isSecured) this.#handshakes.set(key, connection);
    socket.once('close', () => this.#forget(connection));
    if (this.#count > this.#options.connectionsMax) this.#makeRoom(connection);
  }

  #forget(connection: Connection): void {
    if (!connection.isCounted) return;
    connection.isCounted = false;
    const { holder, key } = connection;
    this.#count -= 1;
    if (holder !== undefined) this.#move(holder, () => holder.connections.delete(connection));
    if (this.#handshakes.get(key) === connection) this.#handshakes.delete(key);
  }

  /** Notes the TLS socket of a connection that was taken. */
  secure(secured: Socket): void {
    const key = keyOf(secured);
    const connection = this.#handshakes.get(key);
    if (connection !== undefined) connection.secured = secured;
    this.#handshakes.delete(key);
  }

  /** Undefined for a proxy. Clients that have already disconnected share one holder. */
  #holderOf({ remoteAddress = '' }: Socket): Holder | undefined {
    const address = parseAddress(remoteAddress);
    if (address !== undefined && this.#options.isProxy(address)) return undefined;
    const network = address === undefined ? '' : toCountedNetwork(address);
    return this.#holders.get(network) ?? { network, connections: new Set() };
  }

  /** Adds or removes one connection of a holder, and updates the index. */
  #move(holder: Holder, change: () => void): void {
    const { network, connections } = holder;
    this.#byCount[connections.size]?.delete(holder);
    change();
    const { size } = connections;
    if (size === 0) {
      this.#holders.delete(network);
    } else {
      this.#holders.set(network, holder);
      this.#byCount[size] ??= new Set();
      this.#byCount[size].add(holder);
    }
    this.#most = Math.max(this.#most, size);
    // One step is enough: a holder that was the largest is now one below.
    if (this.#most > 0 && !this.#byCount[this.#most]?.size) this.#most -= 1;
  }

  /** The victim is forgotten at once: further connections may arrive before it has closed. */
  #makeRoom(newcomer: Connection): void {
    const [largest] = this.#byCount[this.#most] ?? [];
    const isLargest = (newcomer.holder?.connections.size ?? 0) >= this.#most;
    const victim =
      largest === undefined || isLargest
        ? newcomer
        : (this.#idleOf(largest) ?? this.#atWork(largest) ?? newcomer);
    this.#forget(victim);
    victim.socket.destroy();
  }

  #idleOf({ connections }: Holder): Connection | undefined {
    let examined = 0;
    for (const connection of connections) {
      const { socket, secured = socket } = connection;
      if (!this.#options.isBusy(secured)) return connection;
      examined += 1;
      if (examined === examinedMax) return undefined;
      // Moved to the end, so that the next search continues from here.
      connections.delete(connection);
      connections.add(connection);
    }
    return undefined;
  }

  /** If none is idle, only a network with more than half of all connections loses one. */
  #atWork({ connections }: Holder): Connection | undefined {
    if (connections.size * 2 <= this.#options.connectionsMax) return undefined;
    const [oldest] = connections;
    return oldest;
  }
}

const keyOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string =>
  `${remoteAddress} ${remotePort}`;

/** The upstreams of a serving gateway: opened on first use, and kept across policy changes. */
import type { UpstreamConfig } from '../../config.ts';
import type { TlsOptions } from '../../delegate/transport/connector.ts';
import type { UpstreamTransport } from '../../delegate/transport/transport.ts';
import type { Transport } from '../../delegate/upstream.ts';
import { openUpstream } from '../../open-upstream.ts';
import type { UpstreamState } from './serve-telemetry.ts';

export interface ServedUpstreams {
  /** The transport of an upstream, always the same one: connections outlive policies. */
  transportOf(upstream: UpstreamConfig): Transport;
  /** States of the upstreams opened so far. */
  readonly states: readonly UpstreamState[];
  /** Sets the certificates of an upstream for new connections. */
  secure(name: string, tls: TlsOptions | undefined): void;
  close(): Promise<void>;
}

export function serveUpstreams(log: (line: string) => void): ServedUpstreams {
  const transports = new Map<string, UpstreamTransport>();
  const states: UpstreamState[] = [];
  return {
    states,
    transportOf(upstream) {
      const { name } = upstream;
      const known = transports.get(name);
      if (known !== undefined) return known.send;
      const opened = openUpstream(upstream, log);
      transports.set(name, opened);
      const { circuit, callersOpen, sizes } = opened;
      states.push({ upstream: name, circuit, callersOpen, sizes });
      return opened.send;
    },
    secure: (name, tls) => transports.get(name)?.secure(tls),
    async close() {
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
  };
}

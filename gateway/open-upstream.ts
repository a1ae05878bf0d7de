/**
 * Assembles the layers between executors and one upstream, outermost first: retries, the guard with
 * its circuit breaker, the transport with certificates and token.
 */
import type { UpstreamConfig } from './config.ts';
import { type Breaker, createBreaker } from './delegate/breaker/breaker.ts';
import { pauseFor, withRetries } from './delegate/breaker/retry.ts';
import { guardTransport } from './delegate/breaker/upstream-guard.ts';
import type { ConnectionMeans } from './delegate/transport/connector.ts';
import { readTls } from './delegate/transport/read-tls.ts';
import { createTransport, type UpstreamTransport } from './delegate/transport/transport.ts';

/** If half of at least twenty calls within ten seconds fail, the circuit opens for five seconds. */
const circuit = {
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  openMs: 5_000,
  halfOpenCalls: 3,
} as const;
/** Most calls that wait for one upstream. */
const queueMax = 1_000;

/** The transport and its state for telemetry. */
export interface OpenedUpstream extends UpstreamTransport {
  readonly circuit: Breaker['state'];
  readonly callersOpen: Breaker['callersOpen'];
  readonly sizes: ReturnType<typeof guardTransport>['sizes'];
}

/** Reads the files that the upstream names; throws ConfigError. Connects on first use. */
export function openUpstream(
  upstream: UpstreamConfig,
  log: (line: string) => void,
  means: ConnectionMeans = {},
): OpenedUpstream {
  const { name, connections, retries, timeoutMs } = upstream;
  const now = Date.now;
  const tick = (): number => performance.now();
  const tls = readTls(upstream);
  const transport = createTransport({ ...upstream, upstream: name, tls }, { ...means, now, tick });
  const breaker = createBreaker({
    ...circuit,
    upstream: name,
    now: tick,
    report: (change) => {
      const level = change.to === 'open' ? 'error' : 'info';
      log(JSON.stringify({ kind: 'circuit', level, ...change }));
    },
  });
  const guard = { inFlightMax: connections, queueMax, now, tick };
  const guarded = guardTransport(transport.send, breaker, guard);
  const random = Math.random;
  const send = withRetries(
    guarded.send,
    { ...retries, timeoutMs },
    { now: tick, random, wait: pauseFor },
  );
  const { callersOpen } = breaker;
  return {
    send,
    secure: transport.secure,
    close: transport.close,
    circuit: breaker.state,
    callersOpen,
    sizes: guarded.sizes,
  };
}

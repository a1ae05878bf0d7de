/** Telemetry of a serving gateway: its configuration, and the gauges read at each collection. */
import manifest from '../../../package.json' with { type: 'json' };
import type { LoadState } from '../../admit/load-shedder.ts';
import type { Config } from '../../config.ts';
import type { CircuitState } from '../../delegate/breaker/breaker-circuit.ts';
import type { GaugeReading } from '../../watch/telemetry/gauge-readings.ts';
import { toPeer } from '../../watch/telemetry/surroundings.ts';
import { createTelemetry, type Telemetry } from '../../watch/telemetry/telemetry.ts';

/** Current state of one upstream. */
export interface UpstreamState {
  readonly upstream: string;
  circuit(): CircuitState;
  callersOpen(): number;
  sizes(): { readonly inFlight: number; readonly waiting: number };
}

export interface TelemetrySources {
  readonly load: () => LoadState;
  /** Connections whose request was shed and that are currently not read. */
  readonly heldBack: () => number;
  readonly upstreams: readonly UpstreamState[];
  /** SHA-256 in hex of the policies in force. */
  readonly policyDigest: () => string | undefined;
  /** Gauges of other parts: the audit log, caches. */
  readonly more?: () => readonly GaugeReading[];
}

export function openTelemetry(config: Config, sources: TelemetrySources): Promise<Telemetry> {
  const scheme = config.listen.tls === undefined ? 'http' : 'https';
  return createTelemetry({
    ...config.telemetry,
    serviceVersion: manifest.version,
    scheme,
    route: config.listen.path,
    upstreams: new Map(config.upstreams.map(({ name, url }) => [name, toPeer(url)])),
    gauges: () => [
      ...loadReadings(sources.load(), scheme),
      heldBackReading(sources.heldBack()),
      ...policyReadings(sources.policyDigest()),
      ...sources.upstreams.flatMap(upstreamReadings),
      ...(sources.more?.() ?? []),
    ],
    now: Date.now,
  });
}

function loadReadings({ inFlight, limit, shed }: LoadState, scheme: string): GaugeReading[] {
  const requests = { unit: '{request}' };
  return [
    {
      ...requests,
      name: 'http.server.active_requests',
      description: 'Requests that are being worked on.',
      value: inFlight,
      attributes: { 'url.scheme': scheme },
    },
    {
      ...requests,
      name: 'gateway.load.limit',
      description: 'Requests that may be worked on at once now.',
      value: limit,
    },
    {
      ...requests,
      name: 'gateway.load.shed',
      description: 'Requests shed for lack of room.',
      value: shed,
      isTotal: true,
    },
  ];
}

const heldBackReading = (value: number): GaugeReading => ({
  name: 'gateway.load.held_back',
  description: 'Connections that are not read for a while, because a request on them was shed.',
  unit: '{connection}',
  value,
});

function policyReadings(digest: string | undefined): GaugeReading[] {
  if (digest === undefined) return [];
  const description = 'The policies in force.';
  return [
    { name: 'gateway.policy.info', description, unit: '1', value: 1, attributes: { digest } },
  ];
}

const circuitStates: readonly CircuitState[] = ['closed', 'half-open', 'open'];

function upstreamReadings({
  upstream,
  circuit,
  callersOpen,
  sizes,
}: UpstreamState): GaugeReading[] {
  const now = circuit();
  const { inFlight, waiting } = sizes();
  const call = { unit: '{call}', attributes: { 'gateway.upstream': upstream } };
  return [
    ...circuitStates.map((state) => ({
      name: 'gateway.circuit.state',
      description: 'The circuit of an upstream: 1 for the state that it is in.',
      unit: '1',
      value: state === now ? 1 : 0,
      attributes: { 'gateway.upstream': upstream, state },
    })),
    {
      name: 'gateway.circuit.callers',
      description: 'Callers whose own circuit is not closed: calls of theirs failed.',
      unit: '{caller}',
      value: callersOpen(),
      attributes: { 'gateway.upstream': upstream },
    },
    {
      ...call,
      name: 'gateway.upstream.in_flight',
      description: 'Calls that run.',
      value: inFlight,
    },
    {
      ...call,
      name: 'gateway.upstream.waiting',
      description: 'Calls that wait for one that runs.',
      value: waiting,
    },
  ];
}

/**
 * What one process tells the console: its last decisions, what was sent, and its health. Numbers
 * that the metrics have are read from them; nothing here names a caller, an address or a value.
 */
import { getHeapStatistics } from 'node:v8';
import { randomHex } from '../random-hex.ts';
import type { RequestRecord } from '../request.ts';
import { type RecentAlerts, toShown } from './alert.ts';
import { placeIn } from './cursor.ts';
import { createDecisionRing, type ReadBounds } from './decision-ring.ts';
import { createExposure } from './exposure.ts';

/** One number of the metrics, with its dotted name; for a histogram, how many values it counted. */
export interface Reading {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}

export interface PolicyNews {
  /** SHA-256 of the policies in force, in hex. */
  readonly digest: string;
  /** When they came into force, in milliseconds since the epoch. */
  readonly loadedAtMs: number;
  /** Why newer policies were refused; absent if there are none. */
  readonly complaint?: { readonly atMs: number; readonly problems: readonly string[] };
}

export interface ProcessStateOptions {
  /** Index of this worker, if there are several. */
  readonly slot?: number | undefined;
  readonly readings: () => readonly Reading[];
  readonly policy: () => PolicyNews;
  /** By type, the type of whose record its values are; undefined without an audit trail. */
  readonly owners: Readonly<Record<string, string>> | undefined;
  readonly rssBytes?: (() => number) | undefined;
  readonly recentAlerts?: RecentAlerts | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A process as the console reads it. */
export interface ProcessState {
  /** Takes every closed record; `line` is its log line, if it has one. */
  observe(record: RequestRecord, line: string | undefined): void;
  /** A JSON object with everything new since `after`, a cursor. */
  text(after: string, bounds: ReadBounds): string;
}

/** Metrics that the page reads. */
const shown: ReadonlySet<string> = new Set([
  'http.server.request.duration',
  'http.server.active_requests',
  'gateway.refusals',
  'gateway.faults',
  'gateway.aborted',
  'gateway.load.limit',
  'gateway.load.shed',
  'gateway.policy.stale',
  'gateway.network.stale',
  'gateway.circuit.callers',
  'gateway.circuit.state',
  'gateway.upstream.in_flight',
  'gateway.upstream.waiting',
  'gateway.audit.failing',
  'gateway.audit.refused',
  'gateway.audit.buffer.records',
  'gateway.audit.unshipped.records',
  'gateway.telemetry.faults',
  'nodejs.eventloop.delay.p50',
  'nodejs.eventloop.delay.p99',
  'nodejs.eventloop.delay.max',
]);
const readingsMax = 1_000;
const problemsMax = 10;
const problemMax = 300;

export function createProcessState(options: ProcessStateOptions): ProcessState {
  const { slot, now, owners } = options;
  // Decisions are numbered anew in each process, so a cursor says which process it means.
  const epoch = randomHex(4);
  const startedAtMs = now();
  const ring = createDecisionRing();
  const exposure = createExposure(now);
  let faults = 0;
  return {
    observe(record, line) {
      try {
        exposure.count(record);
        if (line !== undefined) ring.take(record, line);
      } catch {
        // Fails open, like telemetry: only the console misses it, and says so.
        faults += 1;
      }
    },
    text(after, bounds) {
      const { text, last, skipped } = ring.read(placeIn(after, epoch), bounds);
      const alerts = options.recentAlerts?.();
      const about = JSON.stringify({
        epoch,
        slot,
        last,
        skipped,
        startedAtMs,
        hasAudit: owners !== undefined,
        owners,
        faults,
        memory: memoryOf(options.rssBytes),
        policy: toPolicy(options.policy()),
        exposure: exposure.classes(),
        rates: exposure.rates(),
        readings: readingsOf(options.readings()),
        alerts: alerts && toShown(alerts),
      });
      return `${about.slice(0, -1)},"decisions":${text}}`;
    },
  };
}

const readingsOf = (readings: readonly Reading[]): readonly Reading[] =>
  readings.filter(({ name }) => shown.has(name)).slice(0, readingsMax);

function memoryOf(rssBytes: (() => number) | undefined) {
  const { used_heap_size: heapUsedBytes, heap_size_limit: heapLimitBytes } = getHeapStatistics();
  return { heapUsedBytes, heapLimitBytes, rssBytes: rssBytes?.() };
}

function toPolicy({ complaint, ...about }: PolicyNews): PolicyNews {
  if (complaint === undefined) return about;
  const { atMs, problems } = complaint;
  const some = problems.slice(0, problemsMax).map((line) => line.slice(0, problemMax));
  return { ...about, complaint: { atMs, problems: some } };
}

/**
 * The audit trail of a serving gateway: the log, the seal in front of it, the forwarder behind it,
 * and events beyond requests: policy changes and alerts.
 *
 * Fails closed for classified data, see watch/audit-event/seal.ts; a log that cannot be opened
 * prevents the start.
 */
import { randomUUID } from 'node:crypto';
import manifest from '../../../package.json' with { type: 'json' };
import type { Alert } from '../../alert.ts';
import type { Config } from '../../config.ts';
import type { Environment } from '../../files/environment-text.ts';
import type { PolicyChange } from '../../files/policy-reloader.ts';
import { toAlertEvent } from '../../watch/audit-event/alert-event.ts';
import { toPolicyEvent } from '../../watch/audit-event/gateway-event.ts';
import { type AuditSeal, type AuditSink, createAuditSeal } from '../../watch/audit-event/seal.ts';
import type { AuditLog } from '../../watch/audit-log/audit-log.ts';
import type { LogNews } from '../../watch/audit-log/audit-log-options.ts';
import { createForwarder, type Forwarder } from '../../watch/forward/forwarder.ts';
import type { ForwarderNotice, ForwarderOptions } from '../../watch/forward/forwarder-options.ts';
import { createRecentEvents, type RecentEvents } from '../../watch/forward/recent-events.ts';
import type { GaugeReading } from '../../watch/telemetry/gauge-readings.ts';
import { chainOf, openAudit, queriesOf } from '../audit/open-audit.ts';

export interface ServedAudit extends Pick<AuditSeal, 'seal' | 'observe' | 'count'> {
  policyChanged(change: PolicyChange): void;
  detected(alert: Alert): void;
  readings(): readonly GaugeReading[];
  /** Signs and closes the log; the forwarder sends what it can in bounded time. */
  close(): Promise<void>;
}

/** Poll interval for queries of the log by other processes, which are rare. */
const queriesPollMs = 2_000;

/** Levels of news of the log; `info` for the rest. */
const levels: Partial<Record<LogNews['kind'], string>> = {
  failing: 'error',
  full: 'error',
  'lines-missing': 'warning',
  housekeeping: 'warning',
  'not-closed': 'warning',
};

/** While the collector is down, the records wait on the disk and nothing is refused. */
const forwarderLevel = ({ kind }: ForwarderNotice): string =>
  kind === 'recovered' ? 'info' : 'warning';

/** What the news mean for callers. */
const notes: Partial<Record<LogNews['kind'], string>> = {
  failing: 'nothing classified leaves until the log can be written',
  full: 'nothing classified leaves until there is room for its records',
};

/** Undefined if no audit log is configured. */
export async function serveAudit(
  config: Config,
  options: { env: Environment; log: (line: string) => void; slot?: number | undefined },
): Promise<ServedAudit | undefined> {
  if (config.audit === undefined) return undefined;
  const say = (about: object): void => options.log(JSON.stringify({ kind: 'audit', ...about }));
  const { otlp, headers } = config.telemetry;
  const { directory } = config.audit;
  const chain = chainOf(directory, options.slot);
  // Commands record their queries in a chain of their own: one process forwards it.
  const isFirst = options.slot === undefined || options.slot === 1;
  const queries = isFirst && otlp !== '' ? await queriesOf(directory) : undefined;
  const { log, subjectKeys } = await openAudit(config.audit, {
    env: options.env,
    warn: (message) => say({ level: 'warning', message }),
    report: (news) =>
      say({ level: levels[news.kind] ?? 'info', note: notes[news.kind], directory: chain, news }),
    isForwarded: otlp !== '',
    ...(options.slot !== undefined && { worker: options.slot }),
  });
  const context = {
    product: { name: 'Fieldgate', version: manifest.version },
    toSubjectId: (type: string, id: string) => subjectKeys.subjectId(type, id),
  };
  const recent = otlp === '' ? undefined : createRecentEvents();
  let lost = 0;
  const events = createAuditSeal({
    sink: recent === undefined ? log : withRecent(log, recent),
    keepsFlat: recent !== undefined,
    context,
    now: Date.now,
    newUid: randomUUID,
    lost: (count) => {
      lost += count;
    },
  });
  function append(json: string): void {
    if (!log.append(json).ok) lost += 1;
  }
  const sendingFrom = (directory: string) => ({
    directory,
    endpoint: otlp,
    headers,
    now: Date.now,
    random: Math.random,
    notice: (notice: ForwarderNotice) =>
      say({ level: forwarderLevel(notice), directory, forwarder: notice }),
  });
  const forwarders = await startForwarders(
    log,
    otlp === ''
      ? []
      : [
          { ...sendingFrom(chain), recent, newestSeq: () => log.status().nextSeq - 1 },
          ...(queries === undefined
            ? []
            : [{ ...sendingFrom(queries), limits: { pollMs: queriesPollMs } }]),
        ],
  );
  const timer = setInterval(() => events.tick(), 1_000);
  timer.unref();
  return {
    seal: events.seal,
    observe: events.observe,
    count: events.count,
    policyChanged(change) {
      append(toPolicyEvent(toChange(change), context, randomUUID()));
    },
    detected(alert) {
      append(toAlertEvent(alert, context));
    },
    readings: () => [...toReadings(log, lost), ...toShipping(log, forwarders[0])],
    async close() {
      clearInterval(timer);
      events.close();
      try {
        await log.close();
      } finally {
        await Promise.all(forwarders.map((one) => one.close()));
      }
    },
  };
}

/** Keeps events just appended at hand for the forwarder. */
function withRecent(log: AuditLog, recent: RecentEvents): AuditSink {
  return {
    append(json, flat) {
      const outcome = log.append(json);
      if (outcome.ok && flat !== undefined) recent.put(outcome.seq, flat);
      return outcome;
    },
  };
}

/** Starts the forwarders; if one fails to start, closes the log and the others. */
async function startForwarders(
  log: AuditLog,
  all: readonly ForwarderOptions[],
): Promise<Forwarder[]> {
  const started: Forwarder[] = [];
  try {
    for (const options of all) {
      const forwarder = createForwarder(options);
      await forwarder.start();
      started.push(forwarder);
    }
    return started;
  } catch (error) {
    await Promise.all([log.close(), ...started.map((one) => one.close())]);
    throw error;
  }
}

function toChange({ kind, from, to, problems }: PolicyChange) {
  return {
    decision:
      kind === 'reloaded' ? ('policy_reloaded' as const) : ('policy_reload_failed' as const),
    timeMs: Date.now(),
    digest: to ?? 'unreadable',
    from,
    // Only the position of a problem: its text may quote a file.
    problems: problems.map((line) => ({ code: 'policy', place: placeOf(line) })),
  };
}

const placeOf = (line: string): string => /^\S+:\d+:\d+/.exec(line)?.[0] ?? 'policies';

function toShipping(log: AuditLog, forwarder: Forwarder | undefined): GaugeReading[] {
  if (forwarder === undefined) return [];
  return [
    {
      name: 'gateway.audit.unshipped.records',
      description: 'Audit records that the collector does not have yet.',
      unit: '{record}',
      value: Math.max(0, log.status().nextSeq - 1 - forwarder.shipped().seq),
    },
  ];
}

function toReadings(log: AuditLog, lost: number): GaugeReading[] {
  const { pendingBytes, pendingRecords, failing, commitMs } = log.status();
  return [
    {
      name: 'gateway.audit.buffer.bytes',
      description: 'Bytes of audit records that are not written yet.',
      unit: 'By',
      value: pendingBytes,
    },
    {
      name: 'gateway.audit.buffer.records',
      description: 'Audit records that are not written yet.',
      unit: '{record}',
      value: pendingRecords,
    },
    {
      name: 'gateway.audit.commit.duration',
      description: 'How long the last group took to write.',
      unit: 's',
      value: commitMs / 1_000,
    },
    {
      name: 'gateway.audit.failing',
      description: '1 while the log takes nothing.',
      unit: '1',
      value: failing === undefined ? 0 : 1,
    },
    {
      name: 'gateway.audit.refused',
      description: 'Events that found no place in the log.',
      unit: '{event}',
      value: lost,
      isTotal: true,
    },
  ];
}

/**
 * Detections of a serving gateway: examines every record, counts across all workers, and sends
 * alerts to the audit trail, the log, the metrics and the webhooks. Fails open, and only here: by
 * then the request is decided and recorded.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Alert } from '../../alert.ts';
import type { WebhookConfig } from '../../config/config-alerts.ts';
import type { Config } from '../../config.ts';
import { type ConsoleAlert, type RecentAlerts, showFirst } from '../../console/alert.ts';
import { createCountedHere } from '../../detect/counted-here.ts';
import type { Fired } from '../../detect/counted-keys.ts';
import { DetectionCounts } from '../../detect/detection-counts.ts';
import { createDetector, type Detector, type Evidence, toAlert } from '../../detect/detector.ts';
import { createGathered } from '../../detect/gathered.ts';
import type { IndexedDetections } from '../../detect/indexed-detections.ts';
import { describeFault } from '../../errors.ts';
import { toSummary } from '../../watch/alerts/alert-text.ts';
import { createAlertPost } from '../../watch/alerts/post-alert.ts';
import { createWebhook, type Webhook } from '../../watch/alerts/webhook.ts';
import type { GaugeReading } from '../../watch/telemetry/gauge-readings.ts';
import type { WorkerMeans } from '../../workers/worker-means.ts';
import { createAlertCounts } from './serve-detect-counts.ts';

export interface ServedDetections extends Detector {
  readings(): readonly GaugeReading[];
  /** The latest alerts of this process, for the console. */
  readonly recent: RecentAlerts;
  /** Flushes the last observations and the queued webhook alerts, in bounded time. */
  close(): Promise<void>;
}

export interface ServeDetectionsOptions {
  /** The detections in force. */
  readonly detections: () => IndexedDetections;
  readonly log: (line: string) => void;
  /** Writes an alert to the audit trail, if there is one. */
  readonly record: ((alert: Alert) => void) | undefined;
  readonly worker: Pick<WorkerMeans, 'detectKey' | 'countDetected'> | undefined;
}

/** Timeout of one delivery attempt. */
const deliveryMs = 10_000;
const closeMs = 3_000;
/** Time to flush the last observations. */
const flushMs = 1_000;

export function serveDetections(
  config: Pick<Config, 'alerts' | 'telemetry'>,
  options: ServeDetectionsOptions,
): ServedDetections {
  const { worker } = options;
  const say = (about: object): void => options.log(JSON.stringify(about));
  const key = keyOf(config.telemetry.hashKey, worker?.detectKey);
  const webhooks = config.alerts.webhooks.map((one) => ({ one, webhook: open(one, say) }));
  const counts = createAlertCounts();
  const recent: ConsoleAlert[] = [];

  function raise(fired: Fired, evidence: Evidence): void {
    try {
      const alert = toAlert(fired, evidence, { key, nowMs: Date.now() });
      counts.raised(alert);
      showFirst(recent, toShort(alert));
      say(toLine(alert));
      options.record?.(alert);
      for (const { webhook } of webhooks) webhook.put(alert);
    } catch (error) {
      counts.fault();
      say({
        kind: 'detect',
        level: 'error',
        detection: evidence.detection.name,
        problem: describeFault(error),
      });
    }
  }

  const gathered =
    worker &&
    createGathered({ send: worker.countDetected, raise, lost: (number) => counts.lost(number) });
  const here = createCountedHere(new DetectionCounts(() => performance.now()), raise);
  const detector = createDetector({
    detections: options.detections,
    counting: gathered ?? here,
    fault: counts.fault,
    failed(detection, problem) {
      say({ kind: 'detect', level: 'error', detection, problem });
    },
    key,
  });
  return {
    decided: detector.decided,
    ended: detector.ended,
    count: detector.count,
    recent: () => (options.detections().size > 0 ? recent : undefined),
    readings: () => [...counts.readings(), ...webhooks.flatMap(toReadings)],
    async close() {
      if (gathered !== undefined) await within(flushMs, gathered.flush());
      await Promise.all(webhooks.map(({ webhook }) => webhook.close(closeMs)));
    },
  };
}

/** With `telemetry.hashKey`, a caller's hashes are equal across restarts and instances. */
function keyOf(hashKey: string | undefined, shared: string | undefined): Buffer {
  if (hashKey !== undefined) return hash('sha256', `detections\n${hashKey}`, 'buffer');
  return shared === undefined ? randomBytes(32) : Buffer.from(shared, 'base64url');
}

function open(config: WebhookConfig, say: (about: object) => void): Webhook {
  return createWebhook(config, {
    post: createAlertPost({ ...config, timeoutMs: deliveryMs }),
    report: (news) => say({ kind: 'alert-delivery', level: 'error', ...news }),
    now: Date.now,
    random: Math.random,
  });
}

function toShort(alert: Alert): ConsoleAlert {
  const { timeMs, detection, severity, requests } = alert;
  const requestId = requests.at(-1);
  const title = toSummary(alert);
  return { timeMs, detection, severity, title, ...(requestId !== undefined && { requestId }) };
}

/** Omits callers and addresses, which the log must not hold. */
const toLine = ({ caller, client, address, ...alert }: Alert): object => ({
  kind: 'detection',
  level: 'warning',
  ...alert,
});

function toReadings({ one, webhook }: { one: WebhookConfig; webhook: Webhook }): GaugeReading[] {
  return [
    ...Object.entries(webhook.counts()).map(([outcome, value]) => ({
      name: 'gateway.alert.deliveries',
      description: 'Alerts by what became of them at a webhook.',
      unit: '{alert}',
      value,
      attributes: { webhook: one.name, outcome },
      isTotal: true,
    })),
    {
      name: 'gateway.alert.waiting',
      description: 'Alerts that wait for a webhook.',
      unit: '{alert}',
      value: webhook.waiting(),
      attributes: { webhook: one.name },
    },
  ];
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

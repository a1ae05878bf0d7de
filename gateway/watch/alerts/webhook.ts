/**
 * Delivers alerts to one webhook, one after the other. Bounded: the queue, the attempts per alert
 * and the time of each attempt have limits; dropped and failed alerts are counted and reported,
 * without the URL. Fails open: the alert is in the audit trail whatever becomes of its delivery.
 */
import { type Alert, type Severity, toSeverityId } from '../../alert.ts';
import { AlertQueue } from './alert-queue.ts';
import { type DeliveryMeans, deliverAlert, type WebhookFormat } from './deliver-alert.ts';

export interface WebhookOptions extends WebhookFormat {
  readonly name: string;
  readonly minSeverity: Severity;
}

export type DeliveryOutcome = 'delivered' | 'retried' | 'failed' | 'dropped';

export interface WebhookNews {
  readonly webhook: string;
  readonly outcome: Exclude<DeliveryOutcome, 'delivered' | 'retried'>;
  /** The alert's id. */
  readonly alert: string;
  readonly detection: string;
  readonly attempts: number;
  /** Result of the last attempt: a status, or the name of an error. */
  readonly why: string;
}

export interface WebhookMeans extends DeliveryMeans {
  /** May throw: alerts are delivered all the same. */
  readonly report: (news: WebhookNews) => void;
}

export interface Webhook {
  /** Queues an alert; never throws, never waits. */
  put(alert: Alert): void;
  counts(): Readonly<Record<DeliveryOutcome, number>>;
  waiting(): number;
  /** Goes on delivering for at most `withinMs`; what is left is dropped and counted. */
  close(withinMs: number): Promise<void>;
}

/** Alerts that wait at most; past that one is dropped (alert-queue.ts). */
export const waitingMax = 100;

export function createWebhook(config: WebhookOptions, means: WebhookMeans): Webhook {
  const least = toSeverityId(config.minSeverity);
  const counts: Record<DeliveryOutcome, number> = {
    delivered: 0,
    retried: 0,
    failed: 0,
    dropped: 0,
  };
  const ended = new AbortController();
  const waiting = new AlertQueue(waitingMax);
  let running: Promise<void> | undefined;
  let isClosed = false;

  function lose(
    { id, detection }: Alert,
    loss: Omit<WebhookNews, 'webhook' | 'alert' | 'detection'>,
  ): void {
    counts[loss.outcome] += 1;
    try {
      means.report({ webhook: config.name, alert: id, detection, ...loss });
    } catch {
      // The loss is counted, and other alerts wait.
    }
  }

  function drop(alert: Alert, why: string): void {
    lose(alert, { outcome: 'dropped', attempts: 0, why });
  }

  async function run(): Promise<void> {
    const { signal } = ended;
    const retried = (): void => {
      counts.retried += 1;
    };
    for (let alert = waiting.take(); alert !== undefined; alert = waiting.take()) {
      const delivery = await deliverAlert(alert, config, means, { signal, retried });
      if (delivery.outcome === 'delivered') counts.delivered += 1;
      else lose(alert, delivery);
    }
    running = undefined;
  }

  return {
    put(alert) {
      if (toSeverityId(alert.severity) < least) return;
      if (isClosed) return drop(alert, 'closed');
      const over = waiting.put(alert);
      if (over !== undefined) drop(over, 'too many wait');
      running ??= run();
    },
    counts: () => counts,
    waiting: () => waiting.size,
    async close(withinMs) {
      isClosed = true;
      const timer = setTimeout(() => {
        const left = waiting.clear();
        ended.abort(new Error('closing'));
        for (const alert of left) drop(alert, 'closed');
      }, withinMs);
      await running;
      clearTimeout(timer);
      await means.post.close();
    },
  };
}

/** An alert in the form of Standard Webhooks 1.0.0: its type, its time and its data, signed. */
import { createHmac } from 'node:crypto';
import type { Alert } from '../../alert.ts';
import { clip, factsOf, type Included } from './alert-text.ts';

export function toStandardBody(alert: Alert, include: Included): string {
  const { timeMs, firstMs, windowMs } = alert;
  return JSON.stringify({
    type: 'detection.alert',
    timestamp: new Date(timeMs).toISOString(),
    data: {
      id: alert.id,
      detection: alert.detection,
      title: clip(alert.title),
      severity: alert.severity,
      count: alert.count,
      counted: alert.counted,
      threshold: alert.threshold,
      window_seconds: windowMs / 1_000,
      first_seen: new Date(firstMs).toISOString(),
      per: alert.per,
      key: alert.key,
      requests: alert.requests,
      trace_id: alert.traceId,
      crowded: alert.crowded,
      held_back: alert.heldBack,
      ...factsOf(alert, include),
    },
  });
}

/** The key from `whsec_` and base64; undefined if malformed, or not of 24 to 64 bytes. */
export function toSigningKey(secret: string): Buffer | undefined {
  const [, text = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(text, 'base64');
  return text.length % 4 === 0 && key.length >= 24 && key.length <= 64 ? key : undefined;
}

/**
 * The headers of one attempt. The signature covers the id, the time in seconds and the body, so a
 * receiver can recognize repeated and replayed messages.
 */
export function toStandardHeaders(
  key: Buffer,
  { id, atMs, body }: { id: string; atMs: number; body: string },
): Readonly<Record<string, string>> {
  const seconds = String(Math.floor(atMs / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature}`,
  };
}

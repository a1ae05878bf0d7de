/** A collector that is down, refuses, resets or never answers: no answer waits for it. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../support/otlp-sink.ts';
import { startOtlpSink } from '../../support/otlp-sink.ts';
import { parsePrometheusText } from '../../support/prometheus-text.ts';
import { playUpstream, serveFiles } from '../../support/served.ts';
import { ask, telemetryFiles } from '../../support/telemetry.ts';

async function startBoth(outcome: Outcome | 'down') {
  const sink = await startOtlpSink();
  if (outcome === 'down') await sink.down();
  else sink.behave(outcome);
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: [{ id: '1', name: 'Ada' }] } }));
  });
  const gateway = await serveFiles(telemetryFiles(upstream.url, `{ otlp: "${sink.url}" }`));
  const spans = async () => {
    const samples = parsePrometheusText(await (await fetch(`${gateway.adminUrl}/metrics`)).text());
    const counts = samples.filter(({ name }) => name === 'gateway_telemetry_spans_total');
    const count = (outcome: string) =>
      counts.find(({ labels }) => labels.outcome === outcome)?.value ?? Number.NaN;
    const waiting = samples.find(({ name }) => name === 'gateway_telemetry_queue')?.value;
    return { exported: count('exported'), failed: count('export-failed'), waiting };
  };
  const stop = async () => {
    await gateway.close();
    await Promise.all([upstream.close(), sink.close()]);
  };
  return { gateway, sink, spans, stop };
}

const requests = 20;

describe('a collector', () => {
  const cases: { name: string; outcome: Outcome | 'down' }[] = [
    { name: 'that is down', outcome: 'down' },
    {
      name: 'that answers 503 for a long time',
      outcome: { kind: 'status', status: 503, retryAfter: '60' },
    },
    { name: 'that resets connections', outcome: { kind: 'reset', accepts: false } },
    { name: 'that never answers', outcome: { kind: 'hang' } },
  ];
  for (const { name, outcome } of cases) {
    it(`${name} costs no answer, and is counted`, async () => {
      const { gateway, spans, stop } = await startBoth(outcome);
      const asked = Array.from({ length: requests }, () => ask(gateway.url, '{ staff { name } }'));
      for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
      const counted = await spans();
      expect(counted.exported).toBe(0);
      expect((counted.waiting ?? 0) + counted.failed).toBe(3 * requests);
      await stop();
    });
  }

  it('that comes back gets what waited', async () => {
    const { gateway, sink, stop } = await startBoth('down');
    await ask(gateway.url, '{ staff { name } }');
    await sink.up();
    await gateway.close();
    expect(sink.accepted('traces')).toHaveLength(3);
    await stop();
  });

  it('that hangs does not hold up the end of the gateway', async () => {
    const { gateway, sink, stop } = await startBoth({ kind: 'hang' });
    await ask(gateway.url, '{ staff { name } }');
    const ended = await Promise.race([
      gateway.close().then(() => 'closed'),
      new Promise((resolve) => setTimeout(resolve, 4_000, 'still waiting').unref()),
    ]);
    expect(ended).toBe('closed');
    expect(sink.requests.length).toBeGreaterThan(0);
    await stop();
  });
});

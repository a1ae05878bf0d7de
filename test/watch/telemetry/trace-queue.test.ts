/** The bound on spans that wait: what does not fit is counted, and a trace goes in whole or not at all. */
import { SpanKind } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import type { SpanFacts } from '../../../gateway/watch/telemetry/recorded-span.ts';
import { createTraceQueue } from '../../../gateway/watch/telemetry/trace-queue.ts';

const span: SpanFacts = {
  name: 'x',
  kind: SpanKind.SERVER,
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: undefined,
  isParentRemote: false,
  startMs: 1_700_000_000_000.25,
  endMs: 1_700_000_000_001.5,
  isError: false,
  attributes: {},
};

function start() {
  const batches: { spans: ReadableSpan[]; end: (code: 0 | 1) => void }[] = [];
  const exporter = {
    export: (spans: ReadableSpan[], done: (result: { code: number }) => void) => {
      batches.push({ spans, end: (code) => done({ code }) });
    },
    shutdown: async () => undefined,
  };
  const queue = createTraceQueue(exporter, resourceFromAttributes({}));
  const put = (traces: number) => {
    for (let nth = 0; nth < traces; nth += 1) if (queue.hasRoom(3)) queue.put([span, span, span]);
  };
  const counted = () =>
    Object.fromEntries(
      queue.readings().map(({ attributes, value }) => [attributes?.outcome ?? 'waiting', value]),
    );
  return { queue, batches, put, counted };
}

it('takes so many, drops the rest, and takes again what the collector made room for', () => {
  const { batches, put, counted } = start();
  put(1_000);
  expect(counted()).toMatchObject({ waiting: 2_046, 'queue-full': 954, exported: 0 });
  expect(batches).toHaveLength(1);
  batches[0]?.end(1);
  expect(counted()).toMatchObject({ waiting: 1_662, 'export-failed': 384 });
  put(1_000);
  expect(counted()).toMatchObject({ waiting: 2_046, 'queue-full': 954 + 3_000 - 384 });
});

it('hands on times to the nanosecond', () => {
  const { batches, put } = start();
  put(128);
  expect(batches[0]?.spans[0]).toMatchObject({
    startTime: [1_700_000_000, 250_000],
    endTime: [1_700_000_000, 1_500_000 + 0],
    duration: [0, 1_250_000],
  });
});

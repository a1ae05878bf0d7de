/**
 * Encodes a batch of audit lines as an ExportLogsServiceRequest, in small slices, so that requests
 * are served in between.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { createEnvelop } from './otlp-envelope.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { RecentEvents } from './recent-events.ts';
import { type WholeLine, writeLogRecord } from './write-log-record.ts';

/** Limits of a slice, after which the event loop gets a turn. */
const sliceRecords = 32;
const sliceBytes = 64 * 1024;

/** The sender, `service.name` and the like; fixed for the life of the forwarder. */
export type ResourceAttributes = Readonly<Record<string, string>>;

/**
 * Encodes one batch at a time in buffers that it reuses: the bytes are valid until the next call.
 */
export function createExportEncoder(
  resource: ResourceAttributes,
  recent?: Pick<RecentEvents, 'write'>,
): (lines: readonly WholeLine[], observedMs: number) => Promise<Buffer> {
  const records = new ProtoWriter();
  const outer = new ProtoWriter();
  const envelop = createEnvelop(resource, 'gateway.audit');
  return async (lines, observedMs) => {
    records.clear();
    let [count, size] = [0, 0];
    for (const line of lines) {
      writeLogRecord(records, line, observedMs, recent);
      count += 1;
      size += line.bytes.length;
      if (count < sliceRecords && size < sliceBytes) continue;
      [count, size] = [0, 0];
      await turn();
    }
    outer.clear();
    envelop(outer, records.written());
    return outer.written();
  };
}

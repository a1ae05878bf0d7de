/**
 * A batch of audit lines as the compressed ExportLogsServiceRequest that is posted. Works in small
 * slices and compresses off the event loop, so that requests are served in between.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ProtoWriter, varintWidth } from './proto-writer.ts';
import { writeAttribute, writeLogRecord } from './write-log-record.ts';

const compress = promisify(gzip);

/** Before the event loop gets its turn. */
const sliceRecords = 16;
const sliceBytes = 32 * 1024;

/** Who sends, `service.name` and the like; fixed for the life of the forwarder. */
export type ResourceAttributes = Readonly<Record<string, string>>;

/** The protobuf; `toBody` compresses it. */
export async function toExportRequest(
  lines: readonly Buffer[],
  resource: ResourceAttributes,
  observedMs: number,
): Promise<Buffer> {
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  const records = new ProtoWriter(bytes + lines.length * 1_024);
  let [count, size] = [0, 0];
  for (const line of lines) {
    writeLogRecord(records, line, observedMs);
    count += 1;
    size += line.length;
    if (count < sliceRecords && size < sliceBytes) continue;
    [count, size] = [0, 0];
    await turn();
  }
  return envelop(records.written(), resource);
}

/** Level 1: three times the speed of the default for a tenth more bytes on audit lines. */
export const toBody = (request: Buffer): Promise<Buffer> => compress(request, { level: 1 });

/** resource_logs { resource, scope_logs { scope, log_records... } } around encoded records. */
function envelop(records: Buffer, resource: ResourceAttributes): Buffer {
  const head = new ProtoWriter();
  const about = head.begin(0x0a);
  for (const [name, value] of Object.entries(resource)) writeAttribute(head, name, value, 0x0a);
  head.end(about);
  const scope = new ProtoWriter(64);
  const its = scope.begin(0x0a);
  scope.text(0x0a, 'gateway.audit');
  scope.end(its);
  const scopeLogs = scope.length + records.length;
  const resourceLogs = head.length + 1 + varintWidth(scopeLogs) + scopeLogs;
  const outer = new ProtoWriter(resourceLogs + 16);
  outer.varint(0x0a);
  outer.varint(resourceLogs);
  outer.raw(head.written());
  outer.varint(0x12);
  outer.varint(scopeLogs);
  outer.raw(scope.written());
  outer.raw(records);
  return outer.written();
}

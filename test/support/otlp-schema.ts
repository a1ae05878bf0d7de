/**
 * The OTLP messages as protobufjs reads them from otlp.proto, and a walk over the raw bytes that
 * refuses what decoders let pass: unknown fields, wrong wire types, text that is not UTF-8.
 */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

export type Signal = 'logs' | 'traces' | 'metrics';

const root = protobuf.loadSync(fileURLToPath(new URL('otlp.proto', import.meta.url)));
root.resolveAll();

export const requestNames: Readonly<Record<Signal, string>> = {
  logs: 'ExportLogsServiceRequest',
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
};

const responseNames: Readonly<Record<Signal, string>> = {
  logs: 'ExportLogsServiceResponse',
  traces: 'ExportTraceServiceResponse',
  metrics: 'ExportMetricsServiceResponse',
};

const rejectedNames: Readonly<Record<Signal, string>> = {
  logs: 'rejectedLogRecords',
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
};

/** The decoded request; throws an Error that names the first field that is wrong. */
export function decodeRequest(signal: Signal, bytes: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(`otlp.${requestNames[signal]}`);
  checkFields(type, protobuf.Reader.create(bytes), bytes.length, type.name);
  return type.toObject(type.decode(bytes), { longs: String, enums: Number, bytes: Buffer });
}

/** The body of a 200: empty message, or partial success. */
export function encodeResponse(
  signal: Signal,
  partial?: { readonly rejected: number; readonly message: string },
): Uint8Array {
  const type = root.lookupType(`otlp.${responseNames[signal]}`);
  const body =
    partial === undefined
      ? {}
      : {
          partialSuccess: {
            [rejectedNames[signal]]: partial.rejected,
            errorMessage: partial.message,
          },
        };
  return type.encode(type.fromObject(body)).finish();
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function checkFields(
  type: protobuf.Type,
  reader: protobuf.Reader,
  end: number,
  path: string,
): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    if (field === undefined) throw new Error(`${path} has an unknown field ${tag >>> 3}`);
    checkValue(field, reader, tag & 7, `${path}.${field.name}`);
  }
  if (reader.pos !== end) throw new Error(`${path} ends outside its message`);
}

function checkValue(
  field: protobuf.Field,
  reader: protobuf.Reader,
  wire: number,
  path: string,
): void {
  const nested = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
  const scalar = nested === undefined ? wireType(field) : 2;
  const packed = field.repeated && wire === 2 && scalar !== 2;
  if (wire !== scalar && !packed) throw new Error(`${path} has wire type ${wire}`);
  if (wire !== 2) {
    reader.skipType(wire);
    return;
  }
  const length = reader.uint32();
  const start = reader.pos;
  if (nested !== undefined) {
    checkFields(nested, reader, start + length, path);
    return;
  }
  reader.skip(length);
  if (field.type === 'string') {
    const bytes = (reader as unknown as { readonly buf: Uint8Array }).buf;
    utf8.decode(bytes.subarray(start, start + length));
  }
}

function wireType(field: protobuf.Field): number {
  if (field.resolvedType instanceof protobuf.Enum) return 0;
  const known = protobuf.types.basic as Readonly<Record<string, number>>;
  return known[field.type] ?? (field.type === 'bytes' || field.type === 'string' ? 2 : -1);
}

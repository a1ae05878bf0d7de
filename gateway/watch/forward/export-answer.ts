/**
 * What a collector's response means for the lines that were sent. Pure.
 *
 * `accepted`: they are stored. `refused`: these data will never be taken (400, 413, 422), so they
 * are sent again in smaller parts, down to the one line at fault. `partial`: some were refused and
 * the collector does not say which; OTLP forbids sending them again. `later`: anything else, also
 * 401 or 404, is a fault of the collector and not of a line: wait, however long it takes.
 */
import { isJsonObject } from '../../json-value.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Undefined if it was larger than the limit. */
  readonly body: Uint8Array | undefined;
}

export type Verdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  | {
      readonly kind: 'later';
      readonly why: string;
      /** Smaller parts may get through: the collector failed on the data, or was too slow. */
      readonly narrow: boolean;
      /**
       * The data may be at fault: a Collector answers 500 for data that its exporters will never
       * take.
       */
      readonly suspect: boolean;
      readonly retryAfterMs: number | undefined;
    };

const refusing = new Set([400, 413, 422]);
const messageLengthMax = 200;

export function judgeAnswer(answer: HttpAnswer, nowMs: number): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) return judgeSuccess(answer);
  if (refusing.has(status)) return { kind: 'refused', why: `status ${status}` };
  const retryAfterMs = readRetryAfter(answer.headers['retry-after'], nowMs);
  const broke = status === 500;
  return { kind: 'later', why: `status ${status}`, narrow: broke, suspect: broke, retryAfterMs };
}

/** A `later` verdict for failures without a status. */
export const laterFor = (why: string, narrow: boolean): Verdict => ({
  kind: 'later',
  why,
  narrow,
  suspect: false,
  retryAfterMs: undefined,
});

/** A proxy's page with status 200 is no collector's response: nothing counts as stored. */
function judgeSuccess({ body, headers }: HttpAnswer): Verdict {
  const type = String(headers['content-type'] ?? '');
  if (body === undefined) {
    return type.startsWith('text/')
      ? laterFor('answer is no OTLP', false)
      : { kind: 'partial', rejected: Infinity, message: 'answer too large' };
  }
  if (body.length === 0) return { kind: 'accepted' };
  const partial = type.startsWith('application/json') ? readJson(body) : readPartial(body);
  if (partial === undefined) {
    return laterFor('answer is no OTLP', false);
  }
  return partial.rejected === 0 ? { kind: 'accepted' } : { kind: 'partial', ...partial };
}

interface Partial {
  readonly rejected: number;
  readonly message: string;
}

const none: Partial = { rejected: 0, message: '' };

function readJson(body: Uint8Array): Partial | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (!isJsonObject(value)) return undefined;
    const about = value.partialSuccess ?? {};
    if (!isJsonObject(about)) return undefined;
    const rejected = Number(about.rejectedLogRecords ?? 0);
    // A malformed count refuses something, but we do not know how much.
    const count = Number.isSafeInteger(rejected) && rejected >= 0 ? rejected : Infinity;
    return { rejected: count, message: clean(String(about.errorMessage ?? '')) };
  } catch {
    return undefined;
  }
}

/**
 * ExportLogsServiceResponse { partial_success = 1 { rejected_log_records = 1, error_message = 2 } }
 */
function readPartial(body: Uint8Array): Partial | undefined {
  const fields = readFields(body);
  if (fields === undefined) return undefined;
  const inner = fields.find(({ number, bytes }) => number === 1 && bytes !== undefined)?.bytes;
  if (inner === undefined) return none;
  const its = readFields(inner);
  if (its === undefined) return undefined;
  const rejected = its.findLast(({ number }) => number === 1)?.value ?? 0;
  const message = its.findLast(({ number }) => number === 2)?.bytes ?? new Uint8Array();
  return { rejected, message: clean(Buffer.from(message).toString('utf8')) };
}

interface Field {
  readonly number: number;
  readonly value?: number;
  readonly bytes?: Uint8Array;
}

/** The fields of a protobuf message; undefined if the bytes are malformed. */
function readFields(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const read = readField(bytes, at);
    if (read === undefined || read.next > bytes.length) return undefined;
    fields.push(read.field);
    at = read.next;
  }
  return fields;
}

function readField(bytes: Uint8Array, at: number): { field: Field; next: number } | undefined {
  const tag = readVarint(bytes, at);
  if (tag === undefined || tag.value < 8) return undefined;
  const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
  if (wire === 1) return { field: { number }, next: tag.next + 8 };
  if (wire === 5) return { field: { number }, next: tag.next + 4 };
  const read = readVarint(bytes, tag.next);
  if (read === undefined) return undefined;
  if (wire === 0) return { field: { number, value: read.value }, next: read.next };
  if (wire !== 2) return undefined;
  const next = read.next + read.value;
  return { field: { number, bytes: bytes.subarray(read.next, next) }, next };
}

function readVarint(bytes: Uint8Array, from: number): { value: number; next: number } | undefined {
  let [value, factor] = [0, 1];
  for (let at = from; at < bytes.length && at < from + 10; at += 1) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * factor;
    if (byte < 128) return { value, next: at + 1 };
    factor *= 128;
  }
  return undefined;
}

const clean = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, messageLengthMax);

/** Seconds or an HTTP date, as milliseconds from now; undefined if it is neither. */
function readRetryAfter(
  value: string | readonly string[] | undefined,
  nowMs: number,
): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/**
 * Who saw a record: the requests of which values of it left, from the keyed ids in the log. Who
 * accessed: what left for one caller. Both say what the log says; whether the log is whole is the
 * business of verify.
 */
import { type AuditEvent, type Delivered, readEvent } from './read-event.ts';
import { searchLog } from './search-log.ts';

export interface Sighting {
  readonly timeMs: number;
  readonly request: string;
  readonly caller: string;
  /** Who vouches for the caller's name: another issuer's may be the same; empty for strangers. */
  readonly issuer: string;
  readonly app: string;
  readonly address: string;
  readonly operation: string;
  readonly decision: string;
  readonly status: number | undefined;
  /** Coordinates of which values left, by name. */
  readonly fields: readonly Delivered[];
  readonly chain: string;
  readonly seq: number;
}

export interface WhoSaw {
  readonly type: string;
  /** Every keyed id the record may have. */
  readonly ids: readonly string[];
  /** A coordinate, or the name of a field; undefined: any. */
  readonly field: string | undefined;
  readonly sinceMs: number | undefined;
}

/** One entry per request, oldest first. */
export async function whoSaw(directories: readonly string[], query: WhoSaw): Promise<Sighting[]> {
  const found = new Sightings(query.sinceMs);
  const ids = new Set(query.ids);
  for (const directory of directories) {
    await searchLog(directory, {
      texts: query.ids,
      sinceMs: query.sinceMs,
      visit: (line) => {
        const event = readEvent(line);
        if (event !== undefined) found.add(event, fieldsOf(event, query, ids));
      },
    });
  }
  return found.all();
}

/** The coordinates of which a value of the record left. */
function fieldsOf(event: AuditEvent, query: WhoSaw, ids: ReadonlySet<string>): Delivered[] {
  const { delivered = [], subjects = [] } = event.unmapped.gateway;
  const seen = new Set<number>();
  for (const { type, fields, ids: theirs } of subjects) {
    if (type !== query.type || !theirs.some((id) => ids.has(id))) continue;
    for (const field of fields) seen.add(field);
  }
  return delivered.filter(({ field }, at) => seen.has(at) && isAsked(field, query.field));
}

const isAsked = (coordinate: string, asked: string | undefined): boolean =>
  asked === undefined || coordinate === asked || coordinate.endsWith(`.${asked}`);

/** Requests of a caller of which anything classified left, oldest first. */
export async function whoAccessed(
  directories: readonly string[],
  { caller, sinceMs }: { caller: string; sinceMs: number | undefined },
): Promise<Sighting[]> {
  const found = new Sightings(sinceMs);
  for (const directory of directories) {
    await searchLog(directory, {
      texts: [`"uid":${JSON.stringify(caller)}`],
      sinceMs,
      visit: (line) => {
        const event = readEvent(line);
        if (event?.actor?.user?.uid !== caller) return;
        const { continues, delivered = [] } = event.unmapped.gateway;
        if (continues !== true) found.add(event, delivered);
      },
    });
  }
  return found.all();
}

class Sightings {
  readonly #byRequest = new Map<string, Sighting>();
  readonly #sinceMs: number;

  constructor(sinceMs: number | undefined) {
    this.#sinceMs = sinceMs ?? Number.NEGATIVE_INFINITY;
  }

  add(event: AuditEvent, fields: readonly Delivered[]): void {
    if (fields.length === 0 || event.time < this.#sinceMs) return;
    const next = toSighting(event, fields);
    const key = next.request === '' ? `${next.chain} ${next.seq}` : next.request;
    const before = this.#byRequest.get(key);
    if (before === undefined) this.#byRequest.set(key, next);
    else {
      // The subjects of one request may fill several events.
      const known = new Set(before.fields.map(({ field }) => field));
      const more = fields.filter(({ field }) => !known.has(field));
      this.#byRequest.set(key, { ...before, fields: [...before.fields, ...more] });
    }
  }

  all(): Sighting[] {
    return [...this.#byRequest.values()].sort((a, b) => a.timeMs - b.timeMs || a.seq - b.seq);
  }
}

function toSighting(event: AuditEvent, fields: readonly Delivered[]): Sighting {
  const { decision, request = '', chain } = event.unmapped.gateway;
  return {
    timeMs: event.time,
    request,
    caller: event.actor?.user?.uid ?? '',
    issuer: event.actor?.session?.issuer ?? '',
    app: event.actor?.app_uid ?? '',
    address: event.src_endpoint?.ip ?? '',
    operation: event.api?.operation ?? '',
    decision,
    status: event.http_response?.code,
    fields,
    chain: chain.id,
    seq: chain.seq,
  };
}

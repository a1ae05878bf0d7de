/**
 * `whoSaw`: the requests in which values of a record were sent, from the keyed ids in the log.
 * `whoAccessed`: what was sent to one caller. Both report what the log says; whether the log is
 * intact is checked by verification.
 */

import { type AuditEvent, type Delivered, readCheckedEvent } from '../read-checked-event.ts';
import { epochOf } from './find-epochs.ts';
import { searchLog } from './search-log.ts';

export interface Sighting {
  readonly timeMs: number;
  readonly request: string;
  readonly caller: string;
  /**
   * Issuer of the caller's name, since issuers may use the same names; empty for anonymous callers.
   */
  readonly issuer: string;
  readonly app: string;
  readonly address: string;
  readonly operation: string;
  readonly decision: string;
  readonly status: number | undefined;
  /** Coordinates whose values were sent, by name. */
  readonly fields: readonly Delivered[];
  readonly chain: string;
  readonly seq: number;
}

export interface WhoSaw {
  readonly type: string;
  /** Every keyed id that the record may have. */
  readonly ids: readonly string[];
  /** A coordinate, or the name of a field; undefined: any. */
  readonly field: string | undefined;
  readonly sinceMs: number | undefined;
  /** Epochs whose keys made these ids. */
  readonly epochs: readonly string[];
}

/**
 * The sightings, and what cannot be known: no sightings means "nobody" only if the rest is empty.
 */
export interface WhoSawAnswer {
  /** One entry per request, oldest first. */
  readonly sightings: readonly Sighting[];
  /** By epoch without a key: events about records of this type in which the field was sent. */
  readonly unsearchable: ReadonlyMap<string, number>;
  /** Events in which the field was sent with values whose subject the gateway did not know. */
  readonly unattributed: number;
}

/** A member name without its quotes, which are frequent in JSON and would slow the search. */
const unknownMark = 'subject_unknown';

export async function whoSaw(directories: readonly string[], query: WhoSaw): Promise<WhoSawAnswer> {
  const found = new Sightings(query.sinceMs);
  const ids = new Set(query.ids);
  const unsearchable = new Map<string, number>();
  let unattributed = 0;
  for (const directory of directories) {
    await searchLog(directory, {
      texts: [...query.ids, unknownMark],
      epochsKnown: query.epochs,
      sinceMs: query.sinceMs,
      visit: (line) => {
        const event = readCheckedEvent(line);
        if (event === undefined || event.time < (query.sinceMs ?? event.time)) return;
        found.add(
          event,
          fieldsOf(event, query, (id) => ids.has(id)),
        );
        for (const epoch of epochsWithoutKey(event, query)) {
          unsearchable.set(epoch, (unsearchable.get(epoch) ?? 0) + 1);
        }
        if (mayBeAnybodys(event, query)) unattributed += 1;
      },
    });
  }
  return { sightings: found.all(), unsearchable, unattributed };
}

/** The coordinates of which a value of such a record was sent. */
function fieldsOf(event: AuditEvent, query: WhoSaw, isOneOf: (id: string) => boolean): Delivered[] {
  const { delivered = [], subjects = [] } = event.unmapped.gateway;
  const seen = new Set<number>();
  for (const { type, fields, ids } of subjects) {
    if (type !== query.type || !ids.some(isOneOf)) continue;
    for (const field of fields) seen.add(field);
  }
  return delivered.filter(({ field }, at) => seen.has(at) && isAskedField(field, query.field));
}

/** Epochs without a key under which the event may name the record. */
function epochsWithoutKey(event: AuditEvent, query: WhoSaw): string[] {
  const ids = (event.unmapped.gateway.subjects ?? []).flatMap((group) => group.ids.slice(0, 1));
  const others = new Set(ids.map(epochOf).filter((epoch) => !query.epochs.includes(epoch)));
  return [...others].filter(
    (epoch) => fieldsOf(event, query, (id) => epochOf(id) === epoch).length > 0,
  );
}

function mayBeAnybodys(event: AuditEvent, query: WhoSaw): boolean {
  const { subject_unknown: unknown = 0, delivered = [] } = event.unmapped.gateway;
  return unknown > 0 && delivered.some(({ field }) => isAskedField(field, query.field));
}

/** Whether a coordinate is the requested one, or has the requested field name. */
export const isAskedField = (coordinate: string, asked: string | undefined): boolean =>
  asked === undefined || coordinate === asked || coordinate.endsWith(`.${asked}`);

/** Requests of a caller in which classified values were sent, oldest first. */
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
        const event = readCheckedEvent(line);
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

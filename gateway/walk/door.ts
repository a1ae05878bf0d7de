/**
 * The door, before a walk is set up: steps `locate` and the first half of `admit`. Where a request
 * comes from, whether it may come in from there, and whether there is room at all.
 *
 * Fails closed: what throws here is a refusal. Whom the door refuses costs little more than the
 * connection: in a flood neither a record nor an id is made, see `turned-away.ts`.
 */
import { decideCors } from '../admit/cors.ts';
import type { Permit } from '../admit/in-flight.ts';
import { rawHeader } from '../admit/raw-header.ts';
import { Refusal } from '../decision.ts';
import { describeFault } from '../errors.ts';
import type { GatewayOptions, Inbound, Send } from '../gateway-options.ts';
import type { RequestRecord } from '../request.ts';
import { type Answer, toRefusalAnswer, toSharedRefusalAnswer } from '../shape/answer.ts';
import { createFloodBound } from '../turned-away.ts';
import type { ClientLocation } from './client-location.ts';
import { noteShadows } from './record-notes.ts';

export interface Entry {
  readonly where: ClientLocation;
  /** In the process; undefined where that is not counted. */
  readonly room: Permit | undefined;
  readonly refusal: Refusal | undefined;
  /** Why it could not be told where a request comes from. */
  readonly fault: string | undefined;
}

export interface Door {
  enter(inbound: Inbound): Entry;
  /** Answers and counts one of a flood; false where the refusal has to be written and sent as usual. */
  turnAway(inbound: Inbound, entry: Entry, about: { nowMs: number; startedMs: number }): boolean;
}

export function createDoor(options: GatewayOptions): Door {
  const isFlood = createFloodBound();
  return {
    enter(inbound) {
      const { where, fault } = locate(options, inbound);
      const refusal = inbound.protocolRefusal ?? where.refusal;
      if (refusal !== undefined) return { where, room: undefined, refusal, fault };
      // No room: what is shed has cost nothing yet, or shedding would be what a flood is made of.
      const room = options.shedder?.enter();
      return room instanceof Refusal
        ? { where, room: undefined, refusal: room, fault }
        : { where, room, refusal: undefined, fault };
    },
    turnAway(inbound, { refusal, where }, { nowMs, startedMs }) {
      const { count } = options;
      if (count === undefined || refusal === undefined || !isShared(refusal)) return false;
      if (isCrossOrigin(options, inbound) || !isFlood(refusal.reason, nowMs)) return false;
      const answer = toSharedRefusalAnswer(refusal);
      if (inbound.turnAway?.(answer, nowMs) !== true) return false;
      count({
        reason: refusal.reason,
        status: answer.status,
        method: inbound.method,
        address: where.address ?? inbound.peer,
        atMs: nowMs,
        durationMs: performance.now() - startedMs,
      });
      return true;
    },
  };
}

/** A page may read its answer only with headers that are its own. */
const isCrossOrigin = ({ corsOrigins }: GatewayOptions, { rawHeaders }: Inbound): boolean =>
  corsOrigins.length > 0 && rawHeader(rawHeaders, 'origin') !== undefined;

/** A fault of ours quotes the request's id in its body, and a detail is one request's. */
const isShared = ({ reason, detail }: Refusal): boolean =>
  reason !== 'gateway/internal' && detail === undefined;

const lost = new Refusal('gateway/internal');
const nowhere: ClientLocation = Object.freeze({
  address: undefined,
  network: '',
  country: undefined,
  networks: [],
  refusal: lost,
});

function locate(options: GatewayOptions, inbound: Inbound): Pick<Entry, 'where' | 'fault'> {
  try {
    return { where: options.locate(inbound), fault: undefined };
  } catch (error) {
    return { where: nowhere, fault: describeFault(error) };
  }
}

/** Notes in the record where its request comes from. */
export function noteEntry(record: RequestRecord, { where, fault }: Entry): void {
  record.stage = 'locate';
  record.clientAddress = where.address;
  record.network = where.network;
  record.country = where.country;
  record.networks = where.networks;
  if (fault !== undefined) record.faults.push(fault);
  noteShadows(record, where.shadows);
}

/** Answers a refusal of the door that has a record of its own, and closes the record. */
export async function refuseAtDoor(
  options: GatewayOptions,
  about: {
    record: RequestRecord;
    inbound: Inbound;
    send: Send;
    refusal: Refusal;
    startedMs: number;
  },
): Promise<void> {
  const { record, inbound, refusal } = about;
  record.stage = 'admit';
  record.refusal = refusal;
  const answer = toRefusalAnswer(refusal, 'application/json', record.id);
  record.status = answer.status;
  record.responseBytes = Buffer.byteLength(answer.body);
  try {
    if (options.seal !== undefined) await options.seal(record);
    const crossed =
      options.corsOrigins.length === 0 ? answer : crossOrigin(answer, options, inbound);
    record.aborted = (await about.send(crossed)).aborted;
  } catch (error) {
    record.aborted = true;
    record.faults.push(describeFault(error));
  } finally {
    record.durationMs = performance.now() - about.startedMs;
    options.observe(record);
  }
}

function crossOrigin(answer: Answer, { corsOrigins }: GatewayOptions, inbound: Inbound): Answer {
  const { headers } = decideCors(corsOrigins, inbound.method, inbound.headers);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

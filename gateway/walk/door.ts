/**
 * The door, before a walk is set up: steps `locate` and the first half of `admit`. Decides where a
 * request comes from, whether it is admitted from there, and whether there is room for it.
 *
 * Fails closed: an error here is a refusal. A request refused here costs little more than its
 * connection: in a flood it gets neither a record nor an id, see `turned-away.ts`.
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
import { noteShadows, showDecided } from './record-notes.ts';

export interface Entry {
  readonly where: ClientLocation;
  /** The permit of the process; undefined if none are counted. */
  readonly permit: Permit | undefined;
  readonly refusal: Refusal | undefined;
  /** Why the location could not be determined. */
  readonly fault: string | undefined;
}

export interface Door {
  enter(inbound: Inbound): Entry;
  /** Answers and counts one refusal of a flood; false if it must be recorded and sent as usual. */
  turnAway(inbound: Inbound, entry: Entry, about: { nowMs: number; startedMs: number }): boolean;
}

export function createDoor(options: GatewayOptions): Door {
  const isFlood = createFloodBound();
  return {
    enter(inbound) {
      const { where, fault } = locate(options, inbound);
      const refusal = inbound.protocolRefusal ?? where.refusal;
      if (refusal !== undefined) return { where, permit: undefined, refusal, fault };
      // Shed before any other work on the request, so that a flood cannot exhaust the gateway by
      // being shed.
      const permit = options.shedder?.enter();
      return permit instanceof Refusal
        ? { where, permit: undefined, refusal: permit, fault }
        : { where, permit, refusal: undefined, fault };
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

/** The shared answer lacks the request's own CORS headers, without which a page cannot read it. */
const isCrossOrigin = ({ corsOrigins }: GatewayOptions, { rawHeaders }: Inbound): boolean =>
  corsOrigins.length > 0 && rawHeader(rawHeaders, 'origin') !== undefined;

/** An internal fault quotes the request id in its body, and a detail belongs to one request. */
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

/** Notes the location of the request in its record. */
export function noteEntry(record: RequestRecord, { where, fault }: Entry): void {
  record.stage = 'locate';
  record.clientAddress = where.address;
  record.network = where.network;
  record.country = where.country;
  record.networks = where.networks;
  if (fault !== undefined) record.faults.push(fault);
  noteShadows(record, where.shadows);
}

/** Answers a refusal of the door that gets a record of its own, and closes the record. */
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
    await sealRefusal(options, record);
    showDecided(record, options);
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

/** The refusal is sent even if this fails: it holds no data, and its client would wait for ever. */
async function sealRefusal({ seal }: GatewayOptions, record: RequestRecord): Promise<void> {
  try {
    await seal?.(record);
  } catch (error) {
    record.faults.push(describeFault(error));
  }
}

function crossOrigin(answer: Answer, { corsOrigins }: GatewayOptions, inbound: Inbound): Answer {
  const { headers } = decideCors(corsOrigins, inbound.method, inbound.headers);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

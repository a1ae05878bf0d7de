/** Turns an event of a detection case into the record that a gateway would have closed. */

import { toCountedNetwork } from '../../addresses/counted-network.ts';
import { parseAddress } from '../../addresses/ip-address.ts';
import { type Denial, type Reason, Refusal } from '../../decision.ts';
import { publicFaces, SecondLockRefusal } from '../../errors.ts';
import type { CaseEvent } from '../../files/detect-cases-file.ts';
import { type Delivered, Tally } from '../../plan/tally.ts';
import { type Caller, openRecord, type RequestRecord } from '../../request.ts';

/** Returns the classes of a field, by coordinate. */
export type ClassesOf = (coordinate: string) => readonly string[];

const noTrace = {
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  parentSpanId: undefined,
  sampled: false,
};

/** @param n number of the repetition, from 1 */
export function toRecord(
  event: CaseEvent,
  { n, atMs, classesOf }: { n: number; atMs: number; classesOf: ClassesOf },
): RequestRecord {
  const fill = (text: string): string => text.replaceAll('{n}', String(n));
  const address = fill(event.address);
  const parsed = parseAddress(address);
  const record = openRecord({
    id: `case-${n}`,
    startedAtMs: atMs,
    trace: noTrace,
    peer: address,
    method: 'POST',
  });
  record.clientAddress = parsed?.text ?? address;
  record.network = parsed === undefined ? '' : toCountedNetwork(parsed);
  record.country = event.country;
  record.networks = event.networks ?? [];
  record.caller = toCaller(event, fill);
  const toDenial = (coordinate: string): Denial => {
    return { coordinate, classes: classesOf(coordinate), rule: undefined, scopes: [] };
  };
  record.denials = [
    ...(event.denied ?? []).map(toDenial),
    ...(event.stepUp ?? []).map((coordinate) => ({
      ...toDenial(coordinate),
      stepUp: true as const,
    })),
  ];
  if (event.operation !== undefined) {
    record.operation = { type: event.operation, hash: '', named: false };
  }
  deliver(record, event, { fill, classesOf });
  refuse(record, event);
  record.upstreamCalls = (event.upstreamFailed ?? []).map((upstream) => ({
    upstream,
    operation: 'query',
    status: 0,
    durationMs: 0,
    responseBytes: 0,
    failure: 'failed',
  }));
  if (event.secondLock) record.faults.push(new SecondLockRefusal().message);
  record.aborted = event.aborted === true;
  return record;
}

function refuse(record: RequestRecord, { reason, rate, status }: CaseEvent): void {
  const refused = reason ?? (rate === undefined ? undefined : 'rates/limited');
  if (refused !== undefined) record.refusal = new Refusal(refused as Reason);
  if (rate !== undefined)
    record.charges = [{ rate, amount: 1, remaining: 0, near: true, exhausted: true }];
  record.status = status ?? (refused === undefined ? 200 : publicFaces[refused as Reason].status);
}

function toCaller(event: CaseEvent, fill: (text: string) => string): Caller {
  const { caller, client, issuer, token } = event;
  const isKnown = [caller, client, issuer, token].some((part) => part !== undefined);
  return {
    kind: isKnown ? 'token' : 'anonymous',
    issuer: isKnown ? (issuer ?? 'https://idp.example.com') : undefined,
    subject: caller && fill(caller),
    client: client && fill(client),
    scopes: new Set(),
    roles: new Set(),
    claims: {},
    credentialHash: isKnown ? fill(token ?? `${caller ?? ''} ${client ?? ''}`) : undefined,
    expiresAt: undefined,
  };
}

function deliver(
  record: RequestRecord,
  { delivered = {}, masked = {}, subjects }: CaseEvent,
  { fill, classesOf }: { fill: (text: string) => string; classesOf: ClassesOf },
): void {
  const all = [
    ...Object.entries(delivered).map(([coordinate, count]) => ({ coordinate, count, masked: 0 })),
    ...Object.entries(masked).map(([coordinate, count]) => ({ coordinate, count, masked: count })),
  ];
  record.delivered = all.map((one): Delivered => {
    return { ...one, classes: classesOf(one.coordinate), rule: 'case' };
  });
  record.classified = record.delivered.map(({ coordinate, classes, masked: hidden }) => ({
    coordinate,
    classes,
    rule: 'case',
    mask: hidden > 0 ? 'redact' : undefined,
  }));
  if (subjects === undefined) return;
  record.tally = new Tally();
  for (const id of subjects) {
    for (const slot of record.delivered.keys())
      record.tally.value(slot, { type: '', id: fill(id) });
  }
}

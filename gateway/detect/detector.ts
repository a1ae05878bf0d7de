/**
 * Step `observe` of the walk for detections: matches every record, counts, and raises alerts. It
 * runs before the answer starts, so that no caller delays an alert by reading slowly; conditions on
 * how the answer ended are checked at its end. Fails open and refuses nothing: an exception is
 * reported once, and the request is merely not counted.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { toCountedNetwork } from '../addresses/counted-network.ts';
import { parseAddress } from '../addresses/ip-address.ts';
import type { Alert } from '../alert.ts';
import { type Reason, Refusal } from '../decision.ts';
import { describeFault } from '../errors.ts';
import { KeyedHash } from '../keyed-hash.ts';
import { openRecord, type RequestRecord } from '../request.ts';
import type { TurnedAway } from '../turned-away.ts';
import type { Fired } from './counted-keys.ts';
import type { Detection } from './detection.ts';
import type { Observed } from './detection-counts.ts';
import type { Compiled, IndexedDetections } from './indexed-detections.ts';
import { amountOf, identityOf, toKey } from './seen-by.ts';

/** What an alert says of the request that raised it; kept only until the request is counted. */
export interface Evidence {
  readonly detection: Detection;
  /** The text that it was counted by. */
  readonly identity: string;
  readonly traceId: string | undefined;
  readonly caller: string | undefined;
  readonly client: string | undefined;
  readonly address: string | undefined;
}

/** Counts, here or in another process, and raises an alert once the count is reached. */
export interface Counting {
  count(observed: Observed, evidence: Evidence): void;
}

export interface DetectorOptions {
  /** The detections in force now. */
  readonly detections: () => IndexedDetections;
  readonly counting: Counting;
  /** Called each time that a detection throws. */
  readonly fault?: () => void;
  /** Called once for each detection that throws, without values. */
  readonly failed: (detection: string, why: string) => void;
  /** Key of the hashes that stand for identities: 32 bytes, the same in all processes. */
  readonly key: Buffer;
}

export interface Detector {
  /** Takes a record before its answer starts; never throws, never waits. */
  decided(record: RequestRecord): void;
  /** Takes a closed record; never throws, never waits. */
  ended(record: RequestRecord): void;
  /** Takes a request of a flood, which has no record; never throws. */
  count(turnedAway: TurnedAway): void;
}

export function createDetector(options: DetectorOptions): Detector {
  const hash = new KeyedHash(options.key.readInt32LE(0), options.key.readInt32LE(4));
  const failed = new Set<string>();

  function fail(detection: string, error: unknown): void {
    options.fault?.();
    if (failed.has(detection) || failed.size >= failedMax) return;
    failed.add(detection);
    options.failed(detection, describeFault(error));
  }

  function countIfMatching(
    { detection, matches }: Compiled,
    record: RequestRecord,
    hasRecord: boolean,
  ): void {
    try {
      if (!matches(record)) return;
      const identity = identityOf(detection.per, record);
      if (identity === undefined) return;
      const { amount, values } = amountOf(detection, record, hash);
      if (amount === 0 && (values === undefined || values.length === 0)) return;
      const { caller, trace } = record;
      const key = toKey(hash, identity);
      const { rule } = detection;
      const request = hasRecord ? record.id : undefined;
      options.counting.count(
        { rule, key, amount, values, request, timeMs: record.startedAtMs },
        {
          detection,
          identity,
          traceId: hasRecord ? trace.traceId : undefined,
          caller: caller?.subject ?? caller?.client,
          client: caller?.client,
          address: record.clientAddress ?? record.peer,
        },
      );
    } catch (error) {
      fail(detection.name, error);
    }
  }

  function countMatching(
    compiled: readonly Compiled[] | undefined,
    record: RequestRecord,
    hasRecord = true,
  ): void {
    if (compiled === undefined) return;
    for (const one of compiled) countIfMatching(one, record, hasRecord);
  }

  return {
    decided(record) {
      const { decided } = options.detections();
      if (record.refusal !== undefined)
        countMatching(decided.byReason.get(record.refusal.reason), record);
      if (record.delivered.length > 0) countMatching(decided.delivered, record);
      if (record.denials.length > 0) countMatching(decided.denied, record);
      if (record.faults.length > 0) countMatching(decided.faults, record);
      countMatching(decided.others, record);
    },
    ended(record) {
      countMatching(options.detections().ended, record);
    },
    count(turnedAway) {
      const { decided, ended } = options.detections();
      const asked = decided.byReason.get(turnedAway.reason);
      if (asked === undefined && decided.others.length === 0 && ended.length === 0) return;
      try {
        const record = toRecord(turnedAway);
        countMatching(asked, record, false);
        countMatching(decided.others, record, false);
        countMatching(ended, record, false);
      } catch (error) {
        fail('flood', error);
      }
    },
  };
}

/** Detections whose failure is reported, at most. */
const failedMax = 1_000;

const noTrace = { traceId: '', spanId: '', parentSpanId: undefined, sampled: false };

/** A request of a flood as a record, which has only these members set. */
function toRecord({ reason, status, method, address, atMs }: TurnedAway): RequestRecord {
  const record = openRecord({ id: '', startedAtMs: atMs, trace: noTrace, peer: address, method });
  const parsed = parseAddress(address);
  record.clientAddress = address;
  record.network = parsed === undefined ? '' : toCountedNetwork(parsed);
  record.refusal = refusalFor(reason);
  record.status = status;
  return record;
}

const refusals = new Map<Reason, Refusal>();

function refusalFor(reason: Reason): Refusal {
  const cached = refusals.get(reason);
  if (cached !== undefined) return cached;
  const made = new Refusal(reason);
  refusals.set(reason, made);
  return made;
}

/** The alert for a count that was reached. */
export function toAlert(
  fired: Fired,
  { detection, identity, ...evidence }: Evidence,
  about: { readonly key: Buffer; readonly nowMs: number },
): Alert {
  const { name, title, severity, rule, per, counts } = detection;
  return {
    id: randomUUID(),
    detection: name,
    title,
    severity,
    timeMs: about.nowMs,
    firstMs: Math.min(fired.firstMs, about.nowMs),
    count: fired.count,
    threshold: rule.count,
    windowMs: rule.windowMs,
    counted: counts,
    per,
    key: per.length === 0 ? '' : toKeyHash(name, identity, about.key),
    crowded: fired.crowded,
    heldBack: fired.heldBack,
    requests: fired.requests,
    ...evidence,
  };
}

/**
 * Includes the detection's name, so that hashes of two detections cannot be linked to one person.
 */
const toKeyHash = (name: string, identity: string, key: Buffer): string =>
  createHmac('sha256', key).update(`${name}\0${identity}`).digest('hex').slice(0, 32);

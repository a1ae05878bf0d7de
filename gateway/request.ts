/**
 * The record of one request: each step of the walk writes its findings, later steps read them, and
 * the spine closes it in `finally` in every case. The log line is made from it.
 *
 * Holds no variables, literals, values or tokens. `caller` holds verified claims, so it must not be
 * logged as it is.
 */
import type { Denial, Refusal } from './decision.ts';
import type { UpstreamFailureKind } from './errors.ts';
import type { ClassifiedCoordinate } from './plan/plan.ts';
import type { Delivered, Tally } from './plan/tally.ts';
import type { ShadowEffect } from './shadow.ts';

export const stages = [
  'receive',
  'locate',
  'admit',
  'identify',
  'parse',
  'authorize',
  'charge',
  'delegate',
  'shape',
  'seal',
  'answer',
] as const;
export type Stage = (typeof stages)[number];

/** The verified caller; `anonymous` callers have no issuer, subject, scopes or claims. */
export interface Caller {
  readonly kind: 'anonymous' | 'token' | 'key';
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  /** The client application: the claim that `identity.jwt[].client` names. */
  readonly client: string | undefined;
  readonly scopes: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  /** Verified claims, null-prototype and frozen. */
  readonly claims: Readonly<Record<string, unknown>>;
  /**
   * SHA-256 of the credential (of a JSON Web Token's signed part), base64; undefined if anonymous.
   */
  readonly credentialHash: string | undefined;
  /** Expiry in seconds since the epoch; undefined if anonymous or without expiry. */
  readonly expiresAt: number | undefined;
  /** How far the issuer's clock may be ahead of ours; absent for not at all. */
  readonly clockSkewMs?: number;
  /** What the token grants beyond its issuer's ceiling; absent if nothing was dropped. */
  readonly dropped?: { readonly scopes: readonly string[]; readonly roles: readonly string[] };
}

/** One call to an upstream, as recorded: no URL, body or header. */
export interface UpstreamCall {
  readonly upstream: string;
  /** `GET /employees/{id}` (the template) or `query` / `mutation`. */
  readonly operation: string;
  /** HTTP status, or 0 without an answer. */
  readonly status: number;
  readonly durationMs: number;
  readonly responseBytes: number;
  readonly failure?: string | undefined;
  /** What `failure` is about, from a closed list. */
  readonly failureKind?: UpstreamFailureKind | undefined;
  /** 2 for the first retry of a call, and so on; absent for the first attempt. */
  readonly attempt?: number | undefined;
  /** 16 lower-case hex digits, as sent in `traceparent`; absent if nothing was sent. */
  readonly spanId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAtMs?: number;
}

/** Most calls kept in a record; further ones are only counted. */
const upstreamCallsKept = 100;

export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span of this request. */
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly sampled: boolean;
}

/** What was charged to a rate, or would have been. */
export interface NotedCharge {
  readonly rate: string;
  readonly amount: number;
  /** What remains after it; before it, if the request was refused. */
  readonly remaining: number;
  /** Set if little remains. */
  readonly near: boolean;
  /** Set if it refused the request: less remained than the amount. */
  readonly exhausted?: true;
}

export interface RequestRecord {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly trace: TraceContext;
  /** Socket address of the peer. */
  readonly peer: string;
  stage: Stage;
  clientAddress: string | undefined;
  /** The network by which clients are counted: IPv4 address or /64 of IPv6; '' if unknown. */
  network: string;
  /** ISO 3166 code; undefined if no database knows it. */
  country: string | undefined;
  /** Named lists that contain the client's address. */
  networks: readonly string[];
  method: string;
  caller: Caller | undefined;
  /** `name` only for a trusted document: any other is free text of the caller. */
  operation: { type: string; hash: string; named: boolean; name?: string | undefined } | undefined;
  /** Coordinates by verdict, each once. */
  verdicts:
    | {
        allowed: number;
        denied: readonly string[];
        masked: readonly string[];
        /** Coordinates decided by arguments or objects; absent if there are none. */
        depends?: readonly string[];
      }
    | undefined;
  /** When the policy decided, in milliseconds from the start of the request. */
  policy?: { readonly afterMs: number; readonly durationMs: number };
  /** The policies that decided: SHA-256 in hex over their files. */
  policyDigest: string | undefined;
  /** Why coordinates were refused, each once. */
  denials: readonly Denial[];
  /** Classified values that left, by coordinate. */
  delivered: readonly Delivered[];
  /**
   * The same values one by one with their subjects: ids in the clear, for the audit event alone.
   */
  tally: Tally | undefined;
  /** The coordinates of the tally's slots. */
  classified: readonly ClassifiedCoordinate[];
  /** The estimated cost, known before anything is fetched. */
  cost: number | undefined;
  /** How deeply the operation nests. */
  depth?: number | undefined;
  charges: NotedCharge[];
  /** What rules in shadow mode would have done; absent if nothing. */
  shadows?: ShadowEffect[];
  /** Set if rates were decided without the shared store. */
  localRates: boolean;
  engine: string | undefined;
  /** Why the compiled engine did not run the operation. */
  engineReason?: string;
  upstreamCalls: UpstreamCall[];
  upstreamCallCount: number;
  /** Places of the answer that are empty because an upstream failed. */
  upstreamFailures: number;
  /** The causes, for the operator: each once, without values. Absent if nothing failed. */
  failures?: string[];
  refusal: Refusal | undefined;
  /**
   * Faults of the gateway, for the operator: the error's class and where it arose, not its message.
   */
  faults: string[];
  status: number;
  responseBytes: number;
  /** Set if the caller disconnected before the answer was sent. */
  aborted: boolean;
  durationMs: number;
}

/** Adds a call to the record; beyond `upstreamCallsKept` it is only counted. */
export function recordUpstreamCall(record: RequestRecord, call: UpstreamCall): void {
  record.upstreamCallCount += 1;
  if (record.upstreamCalls.length < upstreamCallsKept) record.upstreamCalls.push(call);
}

/** Most texts of one kind in a record. */
const notesMax = 10;

/** Adds each text once: rows that fail alike must not crowd out another failure. */
export function keepNote(notes: string[], note: string): void {
  if (notes.length < notesMax && !notes.includes(note)) notes.push(note);
}

/** Notes a fault of the gateway, as `describeFault` describes it. */
export function noteFault(record: Pick<RequestRecord, 'faults'>, fault: string): void {
  keepNote(record.faults, fault);
}

/** Opens a record, for step `receive`. */
export function openRecord(
  received: Pick<RequestRecord, 'id' | 'startedAtMs' | 'trace' | 'peer' | 'method'>,
): RequestRecord {
  // One literal with a fixed shape: a spread would make a slow object.
  return {
    id: received.id,
    startedAtMs: received.startedAtMs,
    trace: received.trace,
    peer: received.peer,
    method: received.method,
    stage: 'receive',
    clientAddress: undefined,
    network: '',
    country: undefined,
    networks: [],
    caller: undefined,
    operation: undefined,
    verdicts: undefined,
    policyDigest: undefined,
    denials: [],
    delivered: [],
    tally: undefined,
    classified: [],
    cost: undefined,
    charges: [],
    localRates: false,
    engine: undefined,
    upstreamCalls: [],
    upstreamCallCount: 0,
    upstreamFailures: 0,
    refusal: undefined,
    faults: [],
    status: 0,
    responseBytes: 0,
    aborted: false,
    durationMs: 0,
  };
}

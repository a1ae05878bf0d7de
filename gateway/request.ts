/**
 * The record of one request: every step of the walk writes what it found here, later steps read
 * it, and the spine closes it in `finally`, whatever happened. It becomes the log line.
 *
 * Holds no variables, literals, values or tokens. `caller` holds verified claims and must not be
 * logged as it is.
 */
import type { Denial, Refusal } from './decision.ts';
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

/** Who is calling, as verified; `anonymous` callers have no issuer, subject, scopes or claims. */
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
  /** SHA-256 of the credential (of a JSON Web Token: of what is signed), base64; undefined for the anonymous. */
  readonly credentialHash: string | undefined;
  /** Expiry in seconds since the epoch; undefined for the anonymous, and for what has no end. */
  readonly expiresAt: number | undefined;
  /** How far the issuer's clock may be ahead of ours; absent: not at all. */
  readonly clockSkewMs?: number;
  /** What the issuer said and its ceiling does not let it say; absent where nothing was dropped. */
  readonly dropped?: { readonly scopes: readonly string[]; readonly roles: readonly string[] };
}

/** One call to an upstream, as it is recorded: no URL, no body, no header. */
export interface UpstreamCall {
  readonly upstream: string;
  /** `GET /employees/{id}` (the template) or `query` / `mutation`. */
  readonly operation: string;
  /** HTTP status, or 0 where no answer came. */
  readonly status: number;
  readonly durationMs: number;
  readonly responseBytes: number;
  readonly failure?: string | undefined;
  /** 2 for the first repetition of a call, and so on; absent at first. */
  readonly attempt?: number | undefined;
  /** 16 lower-case hex digits, as sent in `traceparent`; absent where nothing was sent. */
  readonly spanId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAtMs?: number;
}

/** Calls kept one by one in a record; further ones are counted only. */
const upstreamCallsKept = 100;

export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span of this request. */
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly sampled: boolean;
}

/** What was charged to which rate, or would have been. */
export interface NotedCharge {
  readonly rate: string;
  readonly amount: number;
  /** Left after it; before it, where the request was refused. */
  readonly remaining: number;
  /** Little is left. */
  readonly near: boolean;
  /** It refused the request: less was left than was to be taken. */
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
  /** What strangers are counted by: the IPv4 address, or the /64 of an IPv6 one; '' where it is not known. */
  network: string;
  /** ISO 3166 code, where a database says so. */
  country: string | undefined;
  /** Named lists that the client's address is on. */
  networks: readonly string[];
  method: string;
  caller: Caller | undefined;
  /** `name` only of a trusted document: any other is a text of the caller's. */
  operation: { type: string; hash: string; named: boolean; name?: string | undefined } | undefined;
  /** Coordinates by verdict, each once. */
  verdicts:
    | {
        allowed: number;
        denied: readonly string[];
        masked: readonly string[];
        /** Those that arguments or objects decide; absent where none does. */
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
  /** The same one by one, and whose they were: ids in the clear, for the audit event alone. */
  tally: Tally | undefined;
  /** What the tally's slots are. */
  classified: readonly ClassifiedCoordinate[];
  /** Estimated before anything is fetched. */
  cost: number | undefined;
  /** How deeply the operation is nested. */
  depth?: number | undefined;
  charges: NotedCharge[];
  /** What rules on trial would have done; absent where that is nothing. */
  shadows?: ShadowEffect[];
  /** Rates were decided without the shared store. */
  localRates: boolean;
  engine: string | undefined;
  /** Why the compiled engine left the operation to another. */
  engineReason?: string;
  upstreamCalls: UpstreamCall[];
  upstreamCallCount: number;
  /** Places of the answer that an upstream left empty by failing. */
  upstreamFailures: number;
  /** Why, for the operator: each once, without values. Absent where none failed. */
  failures?: string[];
  refusal: Refusal | undefined;
  /** Faults of ours, for the operator: the error's class and where it arose, not its message. */
  faults: string[];
  status: number;
  responseBytes: number;
  /** Set when the caller hung up before the answer was sent. */
  aborted: boolean;
  durationMs: number;
}

/** Adds a call to the record; past `upstreamCallsKept` it is counted only. */
export function recordUpstreamCall(record: RequestRecord, call: UpstreamCall): void {
  record.upstreamCallCount += 1;
  if (record.upstreamCalls.length < upstreamCallsKept) record.upstreamCalls.push(call);
}

/** A record as `receive` opens it. */
export function openRecord(
  about: Pick<RequestRecord, 'id' | 'startedAtMs' | 'trace' | 'peer' | 'method'>,
): RequestRecord {
  // One literal of one shape: what is spread into an object makes it a slow one.
  return {
    id: about.id,
    startedAtMs: about.startedAtMs,
    trace: about.trace,
    peer: about.peer,
    method: about.method,
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

/** What the walk is given at start and for each request, and what it promises whoever calls it. */
import type { Permit } from './admit/in-flight.ts';
import type { LoadShedder } from './admit/load-shedder.ts';
import type { IsOwnHost } from './admit/own-host.ts';
import type { Refusal } from './decision.ts';
import type { Identify } from './identify/caller.ts';
import type { PersistedStore } from './limits/persisted-store.ts';
import type { Caller, RequestRecord } from './request.ts';
import type { Answer } from './shape/answer.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import type { TurnedAway } from './turned-away.ts';
import type { Locate } from './walk/client-location.ts';

/** A request as the socket gave it. */
export interface Inbound {
  readonly method: string;
  /** Path as received, without the query. */
  readonly path: string;
  /** Query as received, without its `?`. */
  readonly search: string;
  /** Name, value, name, value. */
  readonly rawHeaders: readonly string[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly peer: string;
  /** SHA-256 of the client's TLS certificate, base64url; absent where none was verified. */
  readonly clientCertificate?: string | undefined;
  /**
   * Present in all but the first of several operations that came in one request: a request shows
   * one credential, and a proof of possession is good once.
   */
  readonly caller?: Caller | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Why what came is no request that may go on; absent where it is one. */
  readonly protocolRefusal?: Refusal | undefined;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal;
  /** Runs `listener` when the caller hangs up, or now if they have; absent: see `signal`. */
  onHangUp?(listener: () => void): void;
  /**
   * Sends an answer that is the same for many, now and whole, where the connection can take it so;
   * false where it has to be sent as usual.
   */
  turnAway?(answer: Answer, nowMs: number): boolean;
}

export interface GatewayOptions {
  readonly path: string;
  /** Whether a request's Host header names this gateway; absent: any does. */
  readonly isOwnHost?: IsOwnHost | undefined;
  /** Exact origins that may read answers from a browser. */
  readonly corsOrigins: readonly string[];
  readonly identify: Identify;
  readonly locate: Locate;
  /** The snapshot to use for a request that arrives now. */
  readonly snapshot: () => Snapshot;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Documents that callers may name by hash; undefined where that is off. Read for each request. */
  readonly persisted?: PersistedStore | undefined;
  /** Whether there is room for one more request at all; asked before anything else. */
  readonly shedder?: Pick<LoadShedder, 'enter'>;
  /** Whether there is for one more of this caller. */
  readonly inFlight?: {
    enter(key: string): Permit | Refusal | Promise<Permit | Refusal>;
  };
  /** The head decision for traces that begin here; default: all are sampled. */
  readonly isSampled?: (traceId: string) => boolean;
  /**
   * Writes the audit event of a record before its answer starts. A refusal takes the answer's
   * place: nothing classified leaves unrecorded.
   */
  readonly seal?: (record: RequestRecord) => Refusal | undefined | Promise<Refusal | undefined>;
  /** Gets every request that has no record: one of a flood, refused at the door. Absent: all have. */
  readonly count?: (turnedAway: TurnedAway) => void;
  /** Gets every record once, closed. */
  readonly observe: (record: RequestRecord) => void;
  /** Aborts when the gateway stops and waits no longer. */
  readonly stopping: AbortSignal;
}

/** Sends an answer; resolves when it is handed over, with whether the caller had gone. */
export type Send = (answer: Answer) => Promise<{ aborted: boolean }>;

/** Gets the text of a body before it is parsed, and whose it is; gives the text to go on with. */
export type TakeText = (text: string, caller: Caller) => string;

export interface Gateway {
  /** Walks one request from arrival to answer. Never rejects; observes one record, or counts one. */
  handle(inbound: Inbound, send: Send, takeText?: TakeText): Promise<void>;
}

/** A gateway that says when its work is over: a caller may be gone before their record is closed. */
export interface EndingGateway extends Gateway {
  /** Resolves when no walk is under way. */
  ended(): Promise<void>;
}

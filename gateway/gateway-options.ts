/** What the walk is given at start and with each request, and its contract with the server. */
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

/** A request as the socket received it. */
export interface Inbound {
  readonly method: string;
  /** Path as received, without the query. */
  readonly path: string;
  /** Query as received, without its `?`. */
  readonly search: string;
  /** Alternating names and values. */
  readonly rawHeaders: readonly string[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly peer: string;
  /** SHA-256 of the client's TLS certificate, base64url; absent if none was verified. */
  readonly clientCertificate?: string | undefined;
  /**
   * Set for all but the first operation of a batch: the request has one credential, and a proof of
   * possession is valid only once.
   */
  readonly caller?: Caller | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Why the input cannot continue as a request; absent if it can. */
  readonly protocolRefusal?: Refusal | undefined;
  /** Aborts when the caller disconnects. */
  readonly signal: AbortSignal;
  /**
   * Runs `listener` when the caller disconnects, or at once if they have; if absent, use `signal`.
   */
  onHangUp?(listener: () => void): void;
  /**
   * Sends a shared answer immediately and whole, if the connection allows it; false if it must be
   * sent as usual.
   */
  turnAway?(answer: Answer, nowMs: number): boolean;
}

export interface GatewayOptions {
  readonly path: string;
  /** Whether a request's Host header names this gateway; absent if any does. */
  readonly isOwnHost?: IsOwnHost | undefined;
  /** Exact origins whose pages may read answers. */
  readonly corsOrigins: readonly string[];
  readonly identify: Identify;
  readonly locate: Locate;
  /** The snapshot for a request that arrives now. */
  readonly snapshot: () => Snapshot;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Documents that callers may send by hash; undefined if that is off. Read for each request. */
  readonly persisted?: PersistedStore | undefined;
  /** Decides whether there is room for one more request; asked first. */
  readonly shedder?: Pick<LoadShedder, 'enter'>;
  /** Decides whether there is room for one more request of a caller. */
  readonly inFlight?: {
    enter(key: string): Permit | Refusal | Promise<Permit | Refusal>;
  };
  /** The head decision for traces that start here; by default all are sampled. */
  readonly isSampled?: (traceId: string) => boolean;
  /**
   * Writes the audit event of a record before its answer starts. A refusal replaces the answer:
   * nothing classified leaves unrecorded.
   */
  readonly seal?: (record: RequestRecord) => Refusal | undefined | Promise<Refusal | undefined>;
  /**
   * Receives each request refused at the door without a record, in a flood; absent if all have one.
   */
  readonly count?: (turnedAway: TurnedAway) => void;
  /**
   * Receives a record before its answer starts, once everything is decided, so that a slow reader
   * cannot delay what follows from it. Never throws.
   */
  readonly decided?: (record: RequestRecord) => void;
  /** Receives every record once, closed. */
  readonly observe: (record: RequestRecord) => void;
  /** Aborts when the gateway stops without waiting any longer. */
  readonly stopping: AbortSignal;
}

/** Sends an answer; resolves when it is handed over, with whether the caller had disconnected. */
export type Send = (answer: Answer) => Promise<{ aborted: boolean }>;

/** Receives the text of a body and its caller before parsing; returns the text to parse. */
export type TakeText = (text: string, caller: Caller) => string;

export interface Gateway {
  /**
   * Walks a request from arrival to answer. Never rejects; observes one record or counts one
   * request.
   */
  handle(inbound: Inbound, send: Send, takeText?: TakeText): Promise<void>;
}

/**
 * A gateway that reports the end of its work: a caller may disconnect before a record is closed.
 */
export interface EndingGateway extends Gateway {
  /** Resolves when no walk is in progress. */
  ended(): Promise<void>;
}

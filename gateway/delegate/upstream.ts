/**
 * The contract between executors (which know GraphQL or OpenAPI) and the transport (which knows
 * HTTP): one request out, and one bounded answer or an UpstreamFailure back.
 */
import type { DocumentNode } from 'graphql';
import type { RequestRecord } from '../request.ts';
import type { StopSignal } from '../time/stop-signal.ts';
import type { CallGate } from './openapi/call/call-gate.ts';

/** Shared by all delegations of one caller's request; the GraphQL context value. */
export interface DelegationContext {
  readonly record: RequestRecord;
  /** Aborts when the client disconnects, the operation's time is up, or the gateway stops. */
  readonly signal: StopSignal;
  /** Deadline of the whole operation, on a monotonic clock (`performance.now`). */
  readonly deadlineMs: number;
  /** Inbound headers by lower-case name, from which each upstream's `forward` list selects. */
  readonly inboundHeaders: Readonly<Record<string, string>>;
  /** Limits on the calls of this request, by upstream; created by the code that enforces them. */
  gates?: CallGate[];
  /** Set by an engine whose executed document differs from the one sent to upstreams. */
  readonly asWritten?: AsWritten;
}

/** The part that one call needs. */
export type CallContext = Pick<
  DelegationContext,
  'record' | 'signal' | 'deadlineMs' | 'inboundHeaders'
>;

/** A plain copy by name: a spread would drop properties behind getters of a prototype. */
export const toCallContext = ({
  record,
  signal,
  deadlineMs,
  inboundHeaders,
}: CallContext): CallContext => ({ record, signal, deadlineMs, inboundHeaders });

/** A document with its variables. */
export interface Asked {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export type AsWritten = (asked: Asked) => Asked;

export interface UpstreamRequest {
  /** `GET`, `POST`, … */
  readonly method: string;
  /** Path and query below the upstream's base URL, already encoded, starting with `/`. */
  readonly path: string;
  /** Name in the record: `GET /employees/{id}` or `query`. Never contains a value. */
  readonly label: string;
  /** Extra request headers that the operation itself needs, lower-case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Only reads, and may therefore be retried; never set for a mutation, whatever its method. */
  readonly isRead?: boolean;
  /** 2 for the first retry, and so on; absent for the first attempt. */
  readonly attempt?: number;
}

export interface UpstreamAnswer {
  readonly status: number;
  /** Media type without parameters, lower-case; empty if there was none. */
  readonly contentType: string;
  readonly body: string;
}

/**
 * Sends one request to one upstream. Resolves for any HTTP status except redirects; throws
 * UpstreamFailure for everything else (unreachable, timeout, too large, redirect, aborted).
 */
export type Transport = (request: UpstreamRequest, context: CallContext) => Promise<UpstreamAnswer>;

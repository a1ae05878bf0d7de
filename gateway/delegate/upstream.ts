/**
 * The contract between executors (which know GraphQL or OpenAPI) and the transport (which knows
 * HTTP): one request out, one bounded answer back, or an UpstreamFailure.
 */
import type { DocumentNode } from 'graphql';
import type { RequestRecord } from '../request.ts';
import type { StopSignal } from '../time/stop-signal.ts';
import type { CallGate } from './openapi/call/call-gate.ts';

/** What every delegation of one caller's request shares; it is the GraphQL context value. */
export interface DelegationContext {
  readonly record: RequestRecord;
  /** Aborts when the caller goes, the operation's time is up, or the gateway stops. */
  readonly signal: StopSignal;
  /** When the whole operation must be done, by a clock that nobody sets (`performance.now`). */
  readonly deadlineMs: number;
  /** Inbound headers, lower-case, of which each upstream's `forward` list may take some. */
  readonly inboundHeaders: Readonly<Record<string, string>>;
  /** Bounds on the calls of this one request, by upstream; made by who keeps them. */
  gates?: CallGate[];
  /** Of an engine that executes another text than upstreams are sent. */
  readonly asWritten?: AsWritten;
}

/** What one call needs of it. */
export type CallContext = Pick<
  DelegationContext,
  'record' | 'signal' | 'deadlineMs' | 'inboundHeaders'
>;

/** A plain copy: a spread would leave behind what stands behind a getter. */
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
  /** Path and query under the upstream's base URL, already encoded, starting with `/`. */
  readonly path: string;
  /** What the record says of it: `GET /employees/{id}` or `query`. Never holds a value. */
  readonly label: string;
  /** Extra request headers that the operation itself needs, lower-case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Only reads, and may therefore be sent again; a mutation never says so, whatever its method. */
  readonly isRead?: boolean;
  /** 2 for the first repetition, and so on; absent at first. */
  readonly attempt?: number;
}

export interface UpstreamAnswer {
  readonly status: number;
  /** Media type without parameters, lower-case; empty where none was sent. */
  readonly contentType: string;
  readonly body: string;
}

/**
 * Sends one request to one upstream. Resolves for any HTTP status except redirects; throws
 * UpstreamFailure for everything else (unreachable, timeout, too large, redirect, aborted).
 */
export type Transport = (request: UpstreamRequest, context: CallContext) => Promise<UpstreamAnswer>;

/** What one request's calls to upstreams share. */
import type { DelegationContext } from '../delegate/upstream.ts';
import type { Inbound } from '../gateway-options.ts';
import type { RequestRecord } from '../request.ts';
import type { Stopper } from '../time/stop-signal.ts';

/** A class, as an object with a getter is made anew from nothing each time. */
export class WalkContext implements DelegationContext {
  readonly record: RequestRecord;
  readonly signal: Stopper;
  readonly deadlineMs: number;
  readonly #inbound: Inbound;
  gates?: NonNullable<DelegationContext['gates']>;

  constructor(record: RequestRecord, signal: Stopper, deadlineMs: number, inbound: Inbound) {
    this.record = record;
    this.signal = signal;
    this.deadlineMs = deadlineMs;
    this.#inbound = inbound;
  }

  /** Few upstreams forward any. */
  get inboundHeaders(): Readonly<Record<string, string>> {
    return this.#inbound.headers;
  }
}

/** What the upstream calls of one request share. */
import type { DelegationContext } from '../delegate/upstream.ts';
import type { Inbound } from '../gateway-options.ts';
import type { RequestRecord } from '../request.ts';
import type { Stopper } from '../time/stop-signal.ts';

/** A class, because an object literal with a getter gets a new hidden class each time. */
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

  /** Read on demand: few upstreams forward any header. */
  get inboundHeaders(): Readonly<Record<string, string>> {
    return this.#inbound.headers;
  }
}

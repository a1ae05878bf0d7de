/**
 * The walk of one request: every step in its order, in one function. Rooms do not know each other:
 * this file hands what one found to the next.
 *
 * Fails closed: what throws here answers INTERNAL with the request's id, and is a fault in the
 * record.
 */
import { type CorsDecision, decideCors } from '../admit/cors.ts';
import { decodeBody, type GraphqlRequest, parseGraphqlRequest } from '../admit/graphql-request.ts';
import { admitHead } from '../admit/head.ts';
import type { Permit } from '../admit/in-flight.ts';
import { rawHeader } from '../admit/raw-header.ts';
import { readBody } from '../admit/read-body.ts';
import { toCallerName } from '../caller-name.ts';
import type { Situation } from '../conditions/situation.ts';
import { Refusal } from '../decision.ts';
import { describeFault } from '../errors.ts';
import type { GatewayOptions, Inbound, TakeText } from '../gateway-options.ts';
import type { CheckedRequest } from '../limits/check-request.ts';
import { depthOf } from '../limits/rules/depth.ts';
import type { Judge } from '../plan/judge.ts';
import { withPinned } from '../plan/pinned.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import type { ChargeResult } from '../rates/charge-result.ts';
import type { Caller, RequestRecord } from '../request.ts';
import { type Answer, type MediaType, toEmptyAnswer, toResultAnswer } from '../shape/answer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { Stopper } from '../time/stop-signal.ts';
import type { Timeouts } from '../time/timeouts.ts';
import { check } from './check.ts';
import type { ClientLocation } from './client-location.ts';
import { delegate, noteResult, tellFailures } from './delegate.ts';
import { noteCharges, noteFault, noteKeptBack, noteShadows } from './record-notes.ts';
import { renderOutcome } from './render-outcome.ts';
import { challengeStepUp } from './step-up-challenge.ts';
import { WalkContext } from './walk-context.ts';

/** Time kept back from upstreams, so that a slow one leaves a partial answer and not none. */
const shapeTimeMs = 200;

const sameOrigin: CorsDecision = { headers: {}, isPreflight: false };

/** One request on its way; made for it alone. */
export class Walk {
  private readonly options: GatewayOptions;
  private readonly inbound: Inbound;
  private readonly record: RequestRecord;
  private readonly where: ClientLocation;
  private readonly snapshot: Snapshot;
  private readonly timeouts: Timeouts<Walk>;
  private readonly timeoutPlace: number;
  private readonly takeText: TakeText | undefined;
  /** One for all three reasons to stop: signals made of others cost more than a step of the walk. */
  private readonly signal = new Stopper();
  private readonly onHungUp = (): void => this.stop(this.inbound.signal.reason);
  private isLate = false;
  /** In the process, while the work is done. */
  private readonly processPermit: Permit | undefined;
  private readonly began = performance.now();
  /** Among this caller's requests, until the answer is sent. */
  private callerPermit: Permit | undefined;
  private mediaType: MediaType = 'application/json';
  private crossOrigin: CorsDecision = sameOrigin;
  private rateFields: Readonly<Record<string, string>> = sameOrigin.headers;

  constructor(
    options: GatewayOptions,
    inbound: Inbound,
    record: RequestRecord,
    about: {
      where: ClientLocation;
      room: Permit | undefined;
      timeouts: Timeouts<Walk>;
      takeText: TakeText | undefined;
    },
  ) {
    this.options = options;
    this.where = about.where;
    this.processPermit = about.room;
    this.timeouts = about.timeouts;
    this.takeText = about.takeText;
    this.inbound = inbound;
    this.record = record;
    this.snapshot = options.snapshot();
    record.policyDigest = this.snapshot.policyDigest;
    this.timeoutPlace = this.timeouts.add(this, this.snapshot.limits.timeoutMs);
    if (options.stopping.aborted) this.stop(options.stopping.reason);
    if (inbound.onHangUp !== undefined) inbound.onHangUp(this.onHungUp);
    else if (inbound.signal.aborted) this.onHungUp();
    else inbound.signal.addEventListener('abort', this.onHungUp, { once: true });
  }

  /** Ends whatever still runs for the request. */
  stop(reason: unknown): void {
    this.signal.abort(reason);
  }

  /** The operation's time is up. */
  stopLate(): void {
    this.isLate = true;
    this.stop(new Error('operation timeout'));
  }

  async run(): Promise<Answer> {
    let outcome: Answer | Refusal;
    try {
      outcome = await this.walk();
    } catch (error) {
      outcome = this.interrupted() ?? this.fault(error);
    }
    const answer = this.render(outcome);
    const unsealed = this.options.seal === undefined ? undefined : await this.seal();
    return unsealed === undefined ? answer : this.render(unsealed);
  }

  private render(outcome: Answer | Refusal): Answer {
    const { mediaType, crossOrigin, rateFields } = this;
    return renderOutcome(outcome, this.record, { mediaType, crossOrigin, rateFields });
  }

  /** The audit event is written before the answer starts; what may not leave unrecorded does not. */
  private async seal(): Promise<Refusal | undefined> {
    const { seal } = this.options;
    if (seal === undefined) return undefined;
    if (this.record.refusal === undefined) this.record.stage = 'seal';
    try {
      return await seal(this.record);
    } catch (error) {
      return this.fault(error);
    }
  }

  /** The steps of a request, in their order. */
  private async walk(): Promise<Answer | Refusal> {
    const { record, snapshot } = this;
    record.stage = 'admit';
    this.crossOrigin = this.decideCors();

    const { where } = this;
    const { country, networks } = where;
    const situation = { country, networks, nowMs: record.startedAtMs };
    const admission = snapshot.charges.admit(where.network);
    const admitted = this.charged(admission instanceof Promise ? await admission : admission);
    if (admitted.refusal !== undefined) return admitted.refusal;
    if (this.crossOrigin.isPreflight) return this.answerPreflight();
    const head = this.admit();
    this.mediaType = head.answerType;
    if (head.kind === 'refused') return head.refusal;

    record.stage = 'identify';
    const identified = this.identify();
    const caller = identified instanceof Promise ? await identified : identified;
    if (caller instanceof Refusal) return caller;
    record.caller = caller;
    const entering = this.options.inFlight?.enter(toCallerName(caller, where.network));
    const place = entering instanceof Promise ? await entering : entering;
    if (place instanceof Refusal) return place;
    this.callerPermit = place;

    record.stage = 'parse';
    const request =
      head.kind === 'get' ? head.request : this.parseRequest(await this.readBody(), caller);
    if (request instanceof Refusal) return request;
    const seen = snapshot.callerContextOf(caller, situation);
    const sight = seen instanceof Promise ? await seen : seen;
    if (sight instanceof Refusal) return sight;
    const checked = check(request, sight, {
      snapshot,
      record,
      persisted: this.options.persisted,
      pinned: () => snapshot.pinnedOf(caller),
    });
    if (checked instanceof Refusal) return checked;
    const { variables } = checked;
    record.cost = checked.cost;
    record.depth = depthOf(checked.operation);
    noteShadows(record, snapshot.limitTrials?.of(checked));

    record.stage = 'authorize';
    const afterMs = performance.now() - this.began;
    const decided = snapshot.authorize({
      text: checked.text,
      operation: checked.operation,
      fragments: checked.fragments,
      conditionVariables: checked.conditionVariables,
      variables,
      caller,
      situation,
      grants: sight.grants,
      schema: sight.view.schema,
    });
    const authorized = decided instanceof Promise ? await decided : decided;
    record.policy = { afterMs, durationMs: performance.now() - this.began - afterMs };
    noteShadows(record, authorized.trials);
    if (authorized instanceof Refusal) return challengeStepUp(authorized, caller);
    record.denials = authorized.denials;
    record.classified = authorized.classified;
    record.verdicts = verdictsOf(authorized);

    const refusedCost = this.weigh(authorized);
    if (refusedCost !== undefined) return refusedCost;

    record.stage = 'charge';
    const charging = snapshot.charges.charge({
      network: where.network,
      caller,
      situation,
      operation: authorized,
      variables: withPinned(variables.coerced, authorized, caller),
    });
    const charged = this.charged(charging instanceof Promise ? await charging : charging);
    if (charged.refusal !== undefined) return charged.refusal;
    let judge: Judge | undefined;
    try {
      record.stage = 'delegate';
      const { schema } = sight.view;
      const { egress } = charged;
      const values = withPinned(variables.raw, authorized, caller);
      judge = this.judgeOf(authorized, caller, situation, variables);
      const result = await delegate(authorized, values, {
        engine: snapshot.engine,
        context: this.context(),
        schema,
        egress,
        judge,
      });
      if (result instanceof Refusal) return result;

      record.stage = 'shape';
      noteResult(record, result, authorized);
      return toResultAnswer(
        result.projected,
        tellFailures(result, judge),
        this.mediaType,
        record.id,
      );
    } finally {
      charged.settle();
      // Also where nobody gets an answer: a write may have been refused by then.
      noteKeptBack(record, authorized, judge);
    }
  }

  /** A caller can choose an operation that only the dearer engine can run. */
  private weigh(operation: AuthorizedOperation): Refusal | undefined {
    const { engine, limits } = this.snapshot;
    const { record } = this;
    if (record.cost === undefined || engine.fallbackReason?.(operation) === undefined)
      return undefined;
    record.cost *= limits.referenceFactor;
    noteShadows(record, this.snapshot.limitTrials?.ofCost(record.cost));
    if (record.cost <= limits.cost) return undefined;
    return new Refusal('limits/too-costly', {
      detail: `It costs ${record.cost}; at most ${limits.cost}.`,
    });
  }

  /** The work is done: who reads slowly holds a place of their own, not the room of all. */
  releaseProcessPermit(): void {
    this.processPermit?.release();
  }

  /** Gives back what the request held. */
  release(): void {
    this.timeouts.delete(this, this.timeoutPlace);
    if (this.inbound.onHangUp === undefined) {
      this.inbound.signal.removeEventListener('abort', this.onHungUp);
    }
    this.processPermit?.release();
    this.callerPermit?.release();
  }

  /** Notes in record and headers what was charged. */
  private charged(result: ChargeResult): ChargeResult {
    noteCharges(this.record, result);
    if (result.fields.ratelimit !== undefined) this.rateFields = result.fields;
    return result;
  }

  /** Headers are read by name where there is anything to decide, and not otherwise. */
  private decideCors(): CorsDecision {
    const { corsOrigins } = this.options;
    if (corsOrigins.length === 0) return this.crossOrigin;
    return decideCors(corsOrigins, this.inbound.method, this.inbound.headers);
  }

  /** For who asks for us by our name; nothing else of its head is looked at. */
  private answerPreflight(): Answer | Refusal {
    const host = rawHeader(this.inbound.rawHeaders, 'host');
    const isForeign = this.options.isOwnHost?.(host) === false;
    return isForeign ? new Refusal('admit/host') : toEmptyAnswer(this.record.id);
  }

  private admit() {
    const { method, path, search, rawHeaders } = this.inbound;
    return admitHead(
      { method, path, search, headers: { raw: rawHeaders } },
      {
        expectedPath: this.options.path,
        isOwnHost: this.options.isOwnHost,
        bodyBytesMax: this.snapshot.limits.bodyBytes,
      },
    );
  }

  private identify() {
    const { caller, rawHeaders: raw, method, clientCertificate: certificate } = this.inbound;
    return caller ?? this.options.identify.identify({ raw, method, certificate });
  }

  private readBody(): ReturnType<typeof readBody> {
    const bytesMax = this.snapshot.limits.bodyBytes;
    return readBody(this.inbound.body, { bytesMax, deadline: this.signal });
  }

  private parseRequest(body: Uint8Array | Refusal, caller: Caller): GraphqlRequest | Refusal {
    if (body instanceof Refusal) return this.gone() ?? body;
    const text = decodeBody(body);
    if (text instanceof Refusal) return text;
    const { takeText } = this;
    return parseGraphqlRequest(takeText === undefined ? text : takeText(text, caller));
  }

  private context(): WalkContext {
    const { timeoutMs } = this.snapshot.limits;
    const timeMs = Math.max(timeoutMs - shapeTimeMs, timeoutMs / 2);
    return new WalkContext(this.record, this.signal, this.began + timeMs, this.inbound);
  }

  /** Most operations hang on no object, and need nobody to decide. */
  private judgeOf(
    { rowDenials }: AuthorizedOperation,
    caller: Caller,
    situation: Situation,
    { coerced }: CheckedRequest['variables'],
  ): Judge | undefined {
    if (rowDenials.size === 0) return undefined;
    return this.snapshot.judgeOf({ caller, situation, variables: coerced });
  }

  /** Why nothing more is to be done for this request, if so. */
  private interrupted(): Refusal | undefined {
    return this.gone() ?? (this.isLate ? new Refusal('limits/timeout') : undefined);
  }

  /** One of the two sides of the connection is leaving. */
  private gone(): Refusal | undefined {
    if (this.inbound.signal.aborted) return new Refusal('gateway/closed-by-caller');
    if (this.options.stopping.aborted) return new Refusal('admit/draining');
    return undefined;
  }

  private fault(error: unknown): Refusal {
    noteFault(this.record, describeFault(error));
    return new Refusal('gateway/internal');
  }
}

/** No spread: what comes with one is a slow object. */
function verdictsOf(operation: AuthorizedOperation): NonNullable<RequestRecord['verdicts']> {
  const { denied, masked, depends } = operation;
  const allowed = operation.allowed.length;
  return depends.length === 0 ? { allowed, denied, masked } : { allowed, denied, masked, depends };
}

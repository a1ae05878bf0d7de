/**
 * The walk of one request: every step in order, in one function. Rooms do not import each other;
 * this file passes the results of one to the next.
 *
 * Fails closed: an error here answers INTERNAL with the request's id, and is a fault in the record.
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
import { type Caller, noteFault, type RequestRecord } from '../request.ts';
import { type Answer, type MediaType, toEmptyAnswer, toResultAnswer } from '../shape/answer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { Stopper } from '../time/stop-signal.ts';
import type { Timeouts } from '../time/timeouts.ts';
import { check } from './check.ts';
import type { ClientLocation } from './client-location.ts';
import { delegate, noteResult, tellFailures } from './delegate.ts';
import { noteCharges, noteKeptBack, noteShadows } from './record-notes.ts';
import { renderOutcome } from './render-outcome.ts';
import { challengeStepUp } from './step-up-challenge.ts';
import { WalkContext } from './walk-context.ts';

/** Time reserved for shaping, so that a slow upstream leaves a partial answer instead of none. */
const shapeTimeMs = 200;

const sameOrigin: CorsDecision = { headers: {}, isPreflight: false };

/** The state of one request's walk. */
export class Walk {
  readonly #options: GatewayOptions;
  readonly #inbound: Inbound;
  readonly #record: RequestRecord;
  readonly #where: ClientLocation;
  readonly #snapshot: Snapshot;
  readonly #timeouts: Timeouts<Walk>;
  readonly #timeoutPlace: number;
  readonly #takeText: TakeText | undefined;
  /**
   * One signal for all three reasons to stop: combining signals costs more than a step of the walk.
   */
  readonly #signal = new Stopper();
  readonly #onHungUp = (): void => this.stop(this.#inbound.signal.reason);
  #isLate = false;
  /** The permit of the process, held while the work is done. */
  readonly #processPermit: Permit | undefined;
  readonly #began = performance.now();
  /** The permit among this caller's requests, held until the answer is sent. */
  #callerPermit: Permit | undefined;
  #mediaType: MediaType = 'application/json';
  #crossOrigin: CorsDecision = sameOrigin;
  #rateFields: Readonly<Record<string, string>> = sameOrigin.headers;

  constructor(
    options: GatewayOptions,
    inbound: Inbound,
    record: RequestRecord,
    about: {
      where: ClientLocation;
      permit: Permit | undefined;
      timeouts: Timeouts<Walk>;
      takeText: TakeText | undefined;
    },
  ) {
    this.#options = options;
    this.#where = about.where;
    this.#processPermit = about.permit;
    this.#timeouts = about.timeouts;
    this.#takeText = about.takeText;
    this.#inbound = inbound;
    this.#record = record;
    this.#snapshot = options.snapshot();
    record.policyDigest = this.#snapshot.policyDigest;
    this.#timeoutPlace = this.#timeouts.add(this, this.#snapshot.limits.timeoutMs);
    if (options.stopping.aborted) this.stop(options.stopping.reason);
    if (inbound.onHangUp !== undefined) inbound.onHangUp(this.#onHungUp);
    else if (inbound.signal.aborted) this.#onHungUp();
    else inbound.signal.addEventListener('abort', this.#onHungUp, { once: true });
  }

  /** Ends all work for the request. */
  stop(reason: unknown): void {
    this.#signal.abort(reason);
  }

  /** Ends the walk at the operation's deadline. */
  stopLate(): void {
    this.#isLate = true;
    this.stop(new Error('operation timeout'));
  }

  async run(): Promise<Answer> {
    let outcome: Answer | Refusal;
    try {
      outcome = await this.#walk();
    } catch (error) {
      outcome = this.#interrupted() ?? this.#fault(error);
    }
    const answer = this.#render(outcome);
    const unsealed = this.#options.seal === undefined ? undefined : await this.#seal();
    return unsealed === undefined ? answer : this.#render(unsealed);
  }

  #render(outcome: Answer | Refusal): Answer {
    return renderOutcome(outcome, this.#record, {
      mediaType: this.#mediaType,
      crossOrigin: this.#crossOrigin,
      rateFields: this.#rateFields,
    });
  }

  /** Writes the audit event before the answer starts; without it, a refusal replaces the answer. */
  async #seal(): Promise<Refusal | undefined> {
    const { seal } = this.#options;
    if (seal === undefined) return undefined;
    if (this.#record.refusal === undefined) this.#record.stage = 'seal';
    try {
      return await seal(this.#record);
    } catch (error) {
      return this.#fault(error);
    }
  }

  /** The steps of a request, in order. */
  async #walk(): Promise<Answer | Refusal> {
    const record = this.#record;
    const snapshot = this.#snapshot;
    record.stage = 'admit';
    this.#crossOrigin = this.#decideCors();

    const where = this.#where;
    const { country, networks } = where;
    const situation = { country, networks, nowMs: record.startedAtMs };
    const admission = snapshot.charges.admit(where.network);
    const admitted = this.#charged(admission instanceof Promise ? await admission : admission);
    if (admitted.refusal !== undefined) return admitted.refusal;
    if (this.#crossOrigin.isPreflight) return this.#answerPreflight();
    const head = this.#admit();
    this.#mediaType = head.answerType;
    if (head.kind === 'refused') return head.refusal;

    record.stage = 'identify';
    const identified = this.#identify();
    const caller = identified instanceof Promise ? await identified : identified;
    if (caller instanceof Refusal) return caller;
    record.caller = caller;
    const entering = this.#options.inFlight?.enter(toCallerName(caller, where.network));
    const permit = entering instanceof Promise ? await entering : entering;
    if (permit instanceof Refusal) return permit;
    this.#callerPermit = permit;

    record.stage = 'parse';
    const request =
      head.kind === 'get' ? head.request : this.#parseRequest(await this.#readBody(), caller);
    if (request instanceof Refusal) return request;
    const found = snapshot.callerContextOf(caller, situation);
    const callerContext = found instanceof Promise ? await found : found;
    if (callerContext instanceof Refusal) return callerContext;
    const checked = check(request, callerContext, {
      snapshot,
      record,
      persisted: this.#options.persisted,
      pinned: () => snapshot.pinnedOf(caller),
    });
    if (checked instanceof Refusal) return checked;
    const { variables } = checked;
    record.cost = checked.cost;
    record.depth = depthOf(checked.operation);
    noteShadows(record, snapshot.limitShadows?.of(checked));

    record.stage = 'authorize';
    const afterMs = performance.now() - this.#began;
    const decided = snapshot.authorize({
      text: checked.text,
      operation: checked.operation,
      fragments: checked.fragments,
      conditionVariables: checked.conditionVariables,
      variables,
      caller,
      situation,
      grants: callerContext.grants,
      schema: callerContext.view.schema,
      record,
    });
    const authorized = decided instanceof Promise ? await decided : decided;
    record.policy = { afterMs, durationMs: performance.now() - this.#began - afterMs };
    noteShadows(record, authorized.shadows);
    if (authorized instanceof Refusal) return challengeStepUp(authorized, caller);
    record.denials = authorized.denials;
    record.classified = authorized.classified;
    record.verdicts = verdictsOf(authorized);

    const refusedCost = this.#weigh(authorized);
    if (refusedCost !== undefined) return refusedCost;

    record.stage = 'charge';
    const charging = snapshot.charges.charge({
      network: where.network,
      caller,
      situation,
      operation: authorized,
      variables: withPinned(variables.coerced, authorized, caller),
    });
    const charged = this.#charged(charging instanceof Promise ? await charging : charging);
    if (charged.refusal !== undefined) return charged.refusal;
    let judge: Judge | undefined;
    try {
      record.stage = 'delegate';
      const { schema } = callerContext.view;
      const { egress } = charged;
      const values = withPinned(variables.raw, authorized, caller);
      judge = this.#judgeOf(authorized, caller, situation, variables);
      const result = await delegate(authorized, values, {
        engine: snapshot.engine,
        context: this.#context(),
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
        this.#mediaType,
        record.id,
      );
    } finally {
      charged.settle();
      // Also if no answer is sent: a write may have been refused by then.
      noteKeptBack(record, authorized, judge);
    }
  }

  /**
   * Raises the cost of an operation that only the reference engine can run: a caller can choose
   * such operations, and they are more expensive.
   */
  #weigh(operation: AuthorizedOperation): Refusal | undefined {
    const { engine, limits } = this.#snapshot;
    const record = this.#record;
    if (record.cost === undefined || engine.fallbackReason?.(operation) === undefined)
      return undefined;
    record.cost *= limits.referenceFactor;
    noteShadows(record, this.#snapshot.limitShadows?.ofCost(record.cost));
    if (record.cost <= limits.cost) return undefined;
    return new Refusal('limits/too-costly', {
      detail: `It costs ${record.cost}; at most ${limits.cost}.`,
    });
  }

  /**
   * Releases the process permit when the work is done: slow readers hold only the caller's permit.
   */
  releaseProcessPermit(): void {
    this.#processPermit?.release();
  }

  /** Releases everything that the request holds. */
  release(): void {
    this.#timeouts.delete(this, this.#timeoutPlace);
    if (this.#inbound.onHangUp === undefined) {
      this.#inbound.signal.removeEventListener('abort', this.#onHungUp);
    }
    this.#processPermit?.release();
    this.#callerPermit?.release();
  }

  /** Notes the charges in the record and in the headers. */
  #charged(result: ChargeResult): ChargeResult {
    noteCharges(this.#record, result);
    if (result.fields.ratelimit !== undefined) this.#rateFields = result.fields;
    return result;
  }

  /** Parses headers only if CORS is configured. */
  #decideCors(): CorsDecision {
    const { corsOrigins } = this.#options;
    if (corsOrigins.length === 0) return this.#crossOrigin;
    return decideCors(corsOrigins, this.#inbound.method, this.#inbound.headers);
  }

  /** Answers a preflight if its Host is this gateway's; no other header is checked. */
  #answerPreflight(): Answer | Refusal {
    const host = rawHeader(this.#inbound.rawHeaders, 'host');
    const isForeign = this.#options.isOwnHost?.(host) === false;
    return isForeign ? new Refusal('admit/host') : toEmptyAnswer(this.#record.id);
  }

  #admit() {
    const { method, path, search, rawHeaders } = this.#inbound;
    return admitHead(
      { method, path, search, headers: { raw: rawHeaders } },
      {
        expectedPath: this.#options.path,
        isOwnHost: this.#options.isOwnHost,
        bodyBytesMax: this.#snapshot.limits.bodyBytes,
      },
    );
  }

  #identify() {
    const { caller, rawHeaders: raw, method, clientCertificate: certificate } = this.#inbound;
    const { network } = this.#where;
    return caller ?? this.#options.identify.identify({ raw, method, certificate, network });
  }

  #readBody(): ReturnType<typeof readBody> {
    const bytesMax = this.#snapshot.limits.bodyBytes;
    return readBody(this.#inbound.body, { bytesMax, deadline: this.#signal });
  }

  #parseRequest(body: Uint8Array | Refusal, caller: Caller): GraphqlRequest | Refusal {
    if (body instanceof Refusal) return this.#gone() ?? body;
    const text = decodeBody(body);
    if (text instanceof Refusal) return text;
    const takeText = this.#takeText;
    return parseGraphqlRequest(takeText === undefined ? text : takeText(text, caller));
  }

  #context(): WalkContext {
    const { timeoutMs } = this.#snapshot.limits;
    const timeMs = Math.max(timeoutMs - shapeTimeMs, timeoutMs / 2);
    return new WalkContext(this.#record, this.#signal, this.#began + timeMs, this.#inbound);
  }

  /** Undefined for most operations, which do not depend on objects. */
  #judgeOf(
    { rowDenials }: AuthorizedOperation,
    caller: Caller,
    situation: Situation,
    { coerced }: CheckedRequest['variables'],
  ): Judge | undefined {
    if (rowDenials.size === 0) return undefined;
    return this.#snapshot.judgeOf({ caller, situation, variables: coerced, record: this.#record });
  }

  /** Why the request must be abandoned, if so. */
  #interrupted(): Refusal | undefined {
    return this.#gone() ?? (this.#isLate ? new Refusal('limits/timeout') : undefined);
  }

  /** Either side of the connection is closing. */
  #gone(): Refusal | undefined {
    if (this.#inbound.signal.aborted) return new Refusal('gateway/closed-by-caller');
    if (this.#options.stopping.aborted) return new Refusal('admit/draining');
    return undefined;
  }

  #fault(error: unknown): Refusal {
    noteFault(this.#record, describeFault(error));
    return new Refusal('gateway/internal');
  }
}

/** Avoids a spread, which would make a slow object. */
function verdictsOf(operation: AuthorizedOperation): NonNullable<RequestRecord['verdicts']> {
  const { denied, masked, depends } = operation;
  const allowed = operation.allowed.length;
  return depends.length === 0 ? { allowed, denied, masked } : { allowed, denied, masked, depends };
}

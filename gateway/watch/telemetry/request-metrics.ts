/**
 * What is counted of each request, from its closed record: the stable HTTP durations and metrics of
 * the gateway. Attribute values come from closed lists, the schema, the policies and the
 * configuration.
 */
import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { Denial } from '../../decision.ts';
import { exhaustedRates } from '../../exhausted-rates.ts';
import type { Delivered } from '../../plan/tally.ts';
import type { RequestRecord } from '../../request.ts';
import type { TurnedAway } from '../../turned-away.ts';
import { type Collected, Counter, Histogram, otherValue } from './instruments.ts';
import { toCallErrorType, toErrorType, toOutcome } from './outcome.ts';
import { type Surroundings, toCallNames, toMethod, toRoute } from './surroundings.ts';

/** Bucket bounds in seconds, as the HTTP conventions advise. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const costs = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const depths = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20];

export interface RequestMetrics {
  /** Counts one request. */
  count(record: RequestRecord): void;
  /** Counts a request that was refused at the door and has no record. */
  countTurnedAway(turnedAway: TurnedAway): void;
  collect(times: Collected): MetricData[];
}

export function createRequestMetrics(surroundings: Surroundings): RequestMetrics {
  const instruments = createInstruments();
  // Begins at 0, since its increase is worth an alert.
  instruments.rates.add(0, [storeDown]);
  return {
    count(record) {
      countHttp(instruments, record, surroundings);
      countOperation(instruments, record);
      countDecisions(instruments, record);
      if (record.refusal !== undefined) countRefusal(instruments, record, record.refusal.reason);
    },
    countTurnedAway: (turnedAway) => countTurnedAway(instruments, turnedAway, surroundings),
    collect: (times) => Object.values(instruments).map((one) => one.collect(times)),
  };
}

/** Stands for a rate where no rate could be asked. */
const storeDown = 'store-down';

type Instruments = ReturnType<typeof createInstruments>;

/** In the order in which they are read. */
const createInstruments = () => ({ ...createHistograms(), ...createCounters() });

function createHistograms() {
  return {
    server: new Histogram(
      {
        name: 'http.server.request.duration',
        unit: 's',
        description: 'Duration of HTTP server requests.',
        attributes: [
          'http.request.method',
          'url.scheme',
          'http.route',
          'http.response.status_code',
          'error.type',
        ],
      },
      seconds,
    ),
    client: new Histogram(
      {
        name: 'http.client.request.duration',
        unit: 's',
        description: 'Duration of HTTP client requests.',
        attributes: [
          'http.request.method',
          'url.scheme',
          'server.address',
          'server.port',
          'http.response.status_code',
          'error.type',
          'gateway.upstream',
        ],
      },
      seconds,
    ),
    operation: new Histogram(
      {
        name: 'gateway.graphql.operation.duration',
        unit: 's',
        description: 'Duration of requests by what became of them.',
        attributes: ['graphql.operation.type', 'graphql.operation.name', 'decision'],
      },
      seconds,
    ),
    cost: new Histogram(
      {
        name: 'gateway.operation.cost',
        unit: '1',
        description: 'Cost of operations as estimated before they run.',
        attributes: [],
      },
      costs,
    ),
    depth: new Histogram(
      {
        name: 'gateway.operation.depth',
        unit: '1',
        description: 'Depth of operations.',
        attributes: [],
      },
      depths,
    ),
  };
}

function createCounters() {
  const counter = (name: string, unit: string, description: string, attributes: string[]) =>
    new Counter({ name, unit, description, attributes });
  return {
    decisions: counter('gateway.decisions', '{decision}', 'Decisions on fields, one per request.', [
      'decision',
      'rule',
      'class',
    ]),
    records: counter('gateway.sensitive.records', '{value}', 'Classified values that left.', [
      'class',
      'decision',
    ]),
    refusals: counter('gateway.refusals', '{request}', 'Requests refused, by reason.', ['reason']),
    authFailures: counter('gateway.auth.failures', '{request}', 'Credentials not accepted.', [
      'reason',
    ]),
    limits: counter('gateway.limit.rejections', '{request}', 'Documents past a limit.', ['limit']),
    rates: counter('gateway.rate.rejections', '{request}', 'Requests past a rate.', ['rate']),
    shadows: counter(
      'gateway.shadow.effects',
      '{effect}',
      'What rules in shadow mode would have done, one per request and rule.',
      ['kind', 'rule', 'effect'],
    ),
    faults: counter('gateway.faults', '{fault}', 'Faults of the gateway itself.', []),
    aborted: counter('gateway.aborted', '{request}', 'Callers that left before the answer.', []),
    unlisted: counter(
      'gateway.upstream.unlisted',
      '{call}',
      'Upstream calls that no record had room for.',
      [],
    ),
  };
}

function countHttp(on: Instruments, record: RequestRecord, surroundings: Surroundings): void {
  const { scheme } = surroundings;
  on.server.record(record.durationMs / 1_000, [
    toMethod(record.method),
    scheme,
    toRoute(record, surroundings),
    record.status > 0 ? String(record.status) : '',
    toErrorType(record),
  ]);
  for (const call of record.upstreamCalls) {
    // Refused before it was sent, so there was no HTTP request.
    if (call.spanId === undefined && call.failure !== undefined) continue;
    const { method, peer } = toCallNames(call, surroundings);
    on.client.record(call.durationMs / 1_000, [
      method,
      peer?.scheme ?? '',
      peer?.address ?? '',
      peer === undefined ? '' : String(peer.port),
      call.status > 0 ? String(call.status) : '',
      toCallErrorType(call),
      call.upstream,
    ]);
  }
  const unlisted = record.upstreamCallCount - record.upstreamCalls.length;
  if (unlisted > 0) on.unlisted.add(unlisted);
  if (record.aborted) on.aborted.add(1);
  if (record.faults.length > 0) on.faults.add(record.faults.length);
}

function countOperation(on: Instruments, record: RequestRecord): void {
  const { operation, cost, depth } = record;
  on.operation.record(record.durationMs / 1_000, [
    operation?.type ?? '',
    operation === undefined ? '' : (operation.name ?? otherValue),
    toOutcome(record),
  ]);
  if (cost !== undefined) on.cost.record(cost);
  if (depth !== undefined) on.depth.record(depth);
}

/** Counts as for a refused request with a record, but without a route. */
function countTurnedAway(
  on: Instruments,
  { reason, status, method, durationMs }: TurnedAway,
  { scheme }: Surroundings,
): void {
  const error = status >= 500 ? reason : '';
  on.server.record(durationMs / 1_000, [toMethod(method), scheme, '', String(status), error]);
  on.operation.record(durationMs / 1_000, ['', '', 'refused']);
  on.refusals.add(1, [reason]);
}

/** Classified fields are counted by rule; for the others only their number is known. */
function countDecisions(on: Instruments, record: RequestRecord): void {
  const { delivered, denials, verdicts } = record;
  for (const one of delivered) countDelivery(on, one);
  for (const one of denials) countDecision(on, one.stepUp ? 'step_up' : 'denied', one);
  const named = delivered.filter(({ masked }) => masked === 0).length;
  const unnamed = (verdicts?.allowed ?? 0) - named;
  if (unnamed > 0) on.decisions.add(unnamed, ['allowed', otherValue, 'none']);
  for (const { kind, rule, effect } of record.shadows ?? [])
    on.shadows.add(1, [kind, rule, effect]);
}

function countDelivery(on: Instruments, delivery: Delivered): void {
  const { classes, count, masked } = delivery;
  countDecision(on, masked > 0 ? 'masked' : 'allowed', delivery);
  for (const name of classes) {
    if (count > masked) on.records.add(count - masked, [name, 'allowed']);
    if (masked > 0) on.records.add(masked, [name, 'masked']);
  }
}

const unclassified: readonly string[] = ['none'];

function countDecision(on: Instruments, decision: string, about: Pick<Denial, 'rule' | 'classes'>) {
  for (const name of about.classes.length === 0 ? unclassified : about.classes) {
    on.decisions.add(1, [decision, about.rule ?? 'none', name]);
  }
}

function countRefusal(on: Instruments, record: RequestRecord, reason: string): void {
  on.refusals.add(1, [reason]);
  const slash = reason.indexOf('/');
  const [room, what] = [reason.slice(0, slash), reason.slice(slash + 1)];
  if (room === 'identify') on.authFailures.add(1, [what]);
  if (room === 'limits') on.limits.add(1, [what]);
  if (reason === 'rates/store-down') on.rates.add(1, [storeDown]);
  if (reason !== 'rates/limited') return;
  const spent = exhaustedRates(record);
  for (const rate of spent.length === 0 ? [otherValue] : spent) on.rates.add(1, [rate]);
}

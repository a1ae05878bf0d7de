/** The detector by itself: what it looks at, what it costs others when it fails, floods, gathering. */
import { describe, expect, test } from 'vitest';
import { type Reason, Refusal, reasons } from '../../gateway/decision.ts';
import { createCountedHere } from '../../gateway/detect/counted-here.ts';
import type { Fired } from '../../gateway/detect/counted-keys.ts';
import type { Detection, Match } from '../../gateway/detect/detection.ts';
import {
  DetectionCounts,
  type FiredAt,
  type Observed,
} from '../../gateway/detect/detection-counts.ts';
import { createDetector, type Detector, type Evidence } from '../../gateway/detect/detector.ts';
import { createGathered } from '../../gateway/detect/gathered.ts';
import { indexDetections } from '../../gateway/detect/indexed-detections.ts';
import { SecondLockRefusal } from '../../gateway/errors.ts';
import { openRecord, type RequestRecord } from '../../gateway/request.ts';

const detectionOf = (match: Match, about: Partial<Detection> = {}): Detection => ({
  name: 'one',
  title: 'one',
  severity: 'low',
  match,
  per: [],
  counts: 'requests',
  rule: { id: 'one', count: 1, windowMs: 60_000, quietMs: 1, isDistinct: false },
  ...about,
});

const recordOf = (about: Partial<RequestRecord> = {}): RequestRecord => ({
  ...openRecord({
    id: 'r',
    startedAtMs: 0,
    trace: { traceId: 't', spanId: 's', parentSpanId: undefined, sampled: false },
    peer: '192.0.2.1',
    method: 'POST',
  }),
  status: 200,
  network: '192.0.2.1',
  ...about,
});

const caller = (about: object) => ({
  kind: 'token' as const,
  issuer: 'https://idp.example.com',
  subject: 'ada',
  client: 'portal',
  scopes: new Set<string>(),
  roles: new Set<string>(),
  claims: {},
  credentialHash: 'h',
  expiresAt: undefined,
  ...about,
});

function rig(...detections: Detection[]) {
  const observed: [Observed, Evidence][] = [];
  const failures: string[] = [];
  let faults = 0;
  const index = indexDetections(detections);
  const detector = createDetector({
    detections: () => index,
    counting: { count: (one, evidence) => void observed.push([one, evidence]) },
    fault: () => {
      faults += 1;
    },
    failed: (name, why) => failures.push(`${name}: ${why}`),
    key: Buffer.alloc(32, 7),
  });
  return { detector, observed, failures, faults: () => faults };
}

/** All that it is shown of one request. */
function see(detector: Detector, record: RequestRecord): void {
  detector.decided(record);
  detector.ended(record);
}

const set = <T>(...of: T[]): ReadonlySet<T> => new Set(of);
const denial = (coordinate: string, ...classes: string[]) => ({
  coordinate,
  classes,
  rule: undefined,
  scopes: [],
});
const delivered = (coordinate: string, count: number, masked = 0) => ({
  coordinate,
  classes: ['pay'],
  rule: 'r',
  count,
  masked,
});

const rows: {
  name: string;
  match: Match;
  yes: Partial<RequestRecord>[];
  no: Partial<RequestRecord>[];
}[] = [
  {
    name: 'reasons',
    match: { reasons: set<Reason>('identify/missing') },
    yes: [{ refusal: new Refusal('identify/missing') }],
    no: [{}, { refusal: new Refusal('identify/scheme') }],
  },
  {
    name: 'outcomes',
    match: { outcomes: set('failed', 'abandoned') },
    yes: [
      { faults: ['x'] },
      { aborted: true },
      { refusal: new Refusal('gateway/internal') },
      { refusal: new Refusal('watch/audit-unavailable') },
      { refusal: new Refusal('gateway/closed-by-caller') },
    ],
    no: [{}, { refusal: new Refusal('limits/invalid') }],
  },
  {
    name: 'a status',
    match: { statuses: set(401, 5) },
    yes: [{ status: 401 }, { status: 503 }],
    no: [{ status: 403 }, { status: 0 }],
  },
  {
    name: 'operations',
    match: { operations: set('mutation') },
    yes: [{ operation: { type: 'mutation', hash: '', named: false } }],
    no: [{}, { operation: { type: 'query', hash: '', named: false } }],
  },
  {
    name: 'refused coordinates',
    match: { denied: set('A.b') },
    yes: [{ denials: [denial('A.c'), denial('A.b')] }],
    no: [
      {},
      { denials: [denial('A.c')] },
      { denials: [{ ...denial('A.b'), stepUp: true }, denial('A.c')] },
    ],
  },
  {
    name: 'refused coordinates of a class',
    match: { denied: set('A.b', 'A.c'), deniedClasses: set('pay') },
    yes: [{ denials: [denial('A.b', 'pay')] }],
    no: [{ denials: [denial('A.b', 'other'), denial('A.d', 'pay')] }],
  },
  {
    name: 'values that left',
    match: { classes: set('pay') },
    yes: [{ delivered: [delivered('A.b', 2, 1)] }],
    no: [{}, { delivered: [delivered('A.b', 2, 2)] }],
  },
  {
    name: 'values of a coordinate',
    match: { coordinates: set('A.b') },
    yes: [{ delivered: [delivered('A.b', 1)] }],
    no: [{ delivered: [delivered('A.c', 1)] }],
  },
  {
    name: 'client and issuer',
    match: { clients: set('portal'), issuers: set('https://idp.example.com') },
    yes: [{ caller: caller({}) }],
    no: [{}, { caller: caller({ client: 'other' }) }, { caller: caller({ issuer: 'other' }) }],
  },
  {
    name: 'country and list',
    match: { countries: set('DE'), networks: set('office') },
    yes: [{ country: 'DE', networks: ['x', 'office'] }],
    no: [{ country: 'DE' }, { networks: ['office'] }, { country: 'FR', networks: ['office'] }],
  },
  {
    name: 'the rate that was exhausted',
    match: { rates: set('login') },
    yes: [
      {
        refusal: new Refusal('rates/limited'),
        charges: [{ rate: 'login', amount: 5, remaining: 3, near: true, exhausted: true }],
      },
    ],
    no: [
      { charges: [{ rate: 'login', amount: 1, remaining: 0, near: true }] },
      {
        refusal: new Refusal('rates/limited'),
        charges: [
          { rate: 'login', amount: 1, remaining: 0, near: true },
          { rate: 'other', amount: 5, remaining: 3, near: true, exhausted: true },
        ],
      },
    ],
  },
  {
    name: 'an upstream that failed',
    match: { upstreams: set('pay') },
    yes: [{ upstreamCalls: [call('hr'), call('pay', 'timeout')] }],
    no: [{ upstreamCalls: [call('pay'), call('hr', 'timeout')] }],
  },
  {
    name: 'a second lock',
    match: { secondLock: true },
    yes: [{ faults: ['x', `Error: ${new SecondLockRefusal('A.b').message} at y`] }],
    no: [{}, { faults: ['TypeError at z'] }],
  },
];

function call(upstream: string, failure?: string) {
  return { upstream, operation: 'query', status: 200, durationMs: 1, responseBytes: 1, failure };
}

describe.each(rows)('$name', ({ match, yes, no }) => {
  test('matches', () => {
    for (const record of yes) {
      const { detector, observed } = rig(detectionOf(match));
      see(detector, recordOf(record));
      expect(observed).toHaveLength(1);
    }
  });
  test('matches nothing else', () => {
    const { detector, observed } = rig(detectionOf(match));
    for (const record of no) see(detector, recordOf(record));
    expect(observed).toEqual([]);
  });
});

test('a room of reasons is asked under each of them', () => {
  const all = new Set(reasons.filter((reason) => reason.startsWith('identify/')));
  const { detector, observed } = rig(detectionOf({ reasons: all }));
  for (const reason of reasons) see(detector, recordOf({ refusal: new Refusal(reason) }));
  expect(observed).toHaveLength(all.size);
});

test('what stands for whom is a hash, and never leaves as a text', () => {
  const { detector, observed } = rig(
    detectionOf({ outcomes: set('answered') }, { per: ['caller', 'address'] }),
  );
  see(detector, recordOf({ caller: caller({ subject: 'ada.secretperson' }) }));
  const [counted] = observed[0] ?? [];
  expect(JSON.stringify(counted)).not.toMatch(/secretperson|192\.0\.2/);
});

test('the evidence is of the caller, or else their client, at their own address', () => {
  const { detector, observed } = rig(detectionOf({ outcomes: set('answered') }));
  see(detector, recordOf({ caller: caller({}), clientAddress: '198.51.100.7' }));
  see(detector, recordOf({ caller: caller({ subject: undefined }) }));
  see(detector, recordOf());
  expect(observed.map(([, evidence]) => evidence)).toMatchObject([
    { traceId: 't', caller: 'ada', client: 'portal', address: '198.51.100.7' },
    { traceId: 't', caller: 'portal', client: 'portal', address: '192.0.2.1' },
    { traceId: 't', caller: undefined, client: undefined, address: '192.0.2.1' },
  ]);
});

test('nobody is not counted as somebody', () => {
  const per = (kind: 'client' | 'token' | 'country') =>
    detectionOf({ outcomes: set('answered') }, { per: [kind] });
  const { detector, observed } = rig(per('client'), per('token'), per('country'));
  see(detector, recordOf());
  expect(observed).toEqual([]);
});

test('a detection that throws is told of once, counted each time, and holds up no other', () => {
  const broken = detectionOf({ outcomes: set('answered') }, { name: 'broken' });
  Object.defineProperty(broken, 'per', {
    get() {
      throw new TypeError('a value of somebody');
    },
  });
  const sound = detectionOf({ outcomes: set('answered') });
  const { detector, observed, failures, faults } = rig(broken, sound);
  for (let at = 0; at < 5; at += 1) expect(() => see(detector, recordOf())).not.toThrow();
  expect(observed).toHaveLength(5);
  expect(faults()).toBe(5);
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatch(/^broken: TypeError/);
  expect(failures[0]).not.toContain('somebody');
});

test('requests of a flood, which have no record, are counted by their network', () => {
  const match: Match = { reasons: set<Reason>('admit/ip-blocked') };
  const { detector, observed } = rig(detectionOf(match, { per: ['address'] }));
  const turnedAway = {
    reason: 'admit/ip-blocked',
    status: 403,
    method: 'GET',
    atMs: 1,
    durationMs: 0,
  } as const;
  detector.count({ ...turnedAway, address: '2001:db8:1:2::1' });
  detector.count({ ...turnedAway, address: '2001:db8:1:2::ffff' });
  detector.count({ ...turnedAway, address: '2001:db8:1:3::1' });
  detector.count({ ...turnedAway, reason: 'admit/overloaded', address: '192.0.2.1' });
  const keys = observed.map(([{ key }]) => key);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(2);
  expect(observed[0]?.[0].request).toBeUndefined();
});

test.each<{ name: string; match: Match }>([
  { name: 'the reason', match: { reasons: set<Reason>('admit/ip-blocked') } },
  { name: 'the status', match: { statuses: set(403) } },
  { name: 'how it ended', match: { outcomes: set('refused') } },
])('requests of a flood are counted by $name alone', ({ match }) => {
  const { detector, observed } = rig(detectionOf(match, { per: ['address'] }));
  const about = { method: 'GET', atMs: 1, durationMs: 0, address: '192.0.2.1' } as const;
  detector.count({ ...about, reason: 'admit/ip-blocked', status: 403 });
  expect(observed).toMatchObject([[{ request: undefined }, { address: '192.0.2.1' }]]);
  expect(observed[0]?.[1].traceId).toBeUndefined();
});

describe('gathered for another process', () => {
  const evidence = {} as Evidence;
  const observedOf = (key: string, about: Partial<Observed> = {}): Observed => ({
    rule: { id: 'a', count: 20, windowMs: 60_000, quietMs: 1, isDistinct: false },
    key,
    amount: 1,
    values: undefined,
    request: 'r',
    timeMs: 0,
    ...about,
  });

  function gathered(send: (all: readonly Observed[]) => Promise<readonly FiredAt[] | undefined>) {
    const raised: [Fired, Evidence][] = [];
    const due: (() => void)[] = [];
    let lost = 0;
    const counting = createGathered({
      send,
      raise: (fired, about) => raised.push([fired, about]),
      lost: (number) => {
        lost += number;
      },
      later: (run) => void due.push(run),
    });
    return { counting, raised, due, lost: () => lost };
  }

  test('that of one key is one, and nothing is left out', async () => {
    const messages: (readonly Observed[])[] = [];
    const { counting, due } = gathered(async (all) => {
      messages.push(all);
      return [];
    });
    for (let at = 0; at < 30; at += 1) counting.count(observedOf(`k${at % 3}`), evidence);
    const rule = { id: 'b', count: 4, windowMs: 1, quietMs: 1, isDistinct: true };
    for (const value of [1, 2, 3, 1, 4, 5]) {
      counting.count(observedOf('k', { rule, amount: 0, values: [value] }), evidence);
    }
    expect(due).toHaveLength(1);
    await counting.flush();
    expect(messages.flat().map(({ amount, values }) => [amount, values])).toEqual([
      [10, undefined],
      [10, undefined],
      [10, undefined],
      // The four seen last: more cannot matter.
      [0, [3, 1, 4, 5]],
    ]);
  });

  test('an alert goes to the request that was told last', async () => {
    const { counting, raised } = gathered(async (all) =>
      all.map((one, at) => ({
        at,
        count: one.amount,
        firstMs: 0,
        requests: [],
        crowded: false,
        heldBack: 0,
      })),
    );
    const last = { identity: 'last' } as Evidence;
    counting.count(observedOf('k'), evidence);
    counting.count(observedOf('k'), last);
    await counting.flush();
    expect(raised).toEqual([[expect.objectContaining({ count: 2 }), last]]);
  });

  test('where nobody answers it is lost and counted, and what waits is bounded', async () => {
    const sent: number[] = [];
    const { counting, lost } = gathered((all) => {
      sent.push(all.length);
      return new Promise(() => undefined);
    });
    for (let at = 0; at < 30_000; at += 1) counting.count(observedOf(`k${at}`), evidence);
    await counting.flush();
    expect(sent).toEqual(Array.from({ length: 20 }, () => 1_000));
    expect(lost()).toBe(10_000);
  });

  test('nothing is lost where each is answered, however many there are', async () => {
    let told = 0;
    const { counting, lost } = gathered(async (all) => {
      told += all.length;
      return [];
    });
    for (let at = 0; at < 100; at += 1) {
      counting.count(observedOf(`k${at}`), evidence);
      await counting.flush();
    }
    expect([told, lost()]).toEqual([100, 0]);
  });

  test('a message that is refused is lost and counted', async () => {
    const { counting, lost } = gathered(async () => Promise.reject(new Error('gone')));
    counting.count(observedOf('k'), evidence);
    await counting.flush();
    expect(lost()).toBe(1);
  });
});

test('alerts tell the requests of late, and when the first came', () => {
  const raised: Fired[] = [];
  const detection = detectionOf(
    { outcomes: set('answered') },
    { rule: { id: 'x', count: 5, windowMs: 60_000, quietMs: 1, isDistinct: false } },
  );
  const index = indexDetections([detection]);
  let nowMs = 1_000;
  const detector = createDetector({
    detections: () => index,
    counting: createCountedHere(new DetectionCounts(() => nowMs), (fired) => raised.push(fired)),
    failed: () => undefined,
    key: Buffer.alloc(32),
  });
  for (let at = 0; at < 5; at += 1) {
    nowMs += 10;
    see(detector, { ...recordOf({}), id: `r${at}`, startedAtMs: 5_000_000 + at });
  }
  expect(raised).toMatchObject([
    { count: 5, firstMs: 5_000_000, requests: ['r2', 'r3', 'r4'], crowded: false, heldBack: 0 },
  ]);
});

test('what is asked for again and again keeps its count, whatever other rules come and go', () => {
  const counts = new DetectionCounts(() => 0);
  const meet = (id: string) =>
    counts.add([
      {
        rule: { id, count: 3, windowMs: 60_000, quietMs: 1, isDistinct: false },
        ...{ key: 'k', amount: 1, values: undefined, request: undefined, timeMs: 0 },
      },
    ]);
  for (let round = 0; round < 2; round += 1) {
    expect(meet('stays')).toEqual([]);
    for (let at = 0; at < 60; at += 1) meet(`goes ${round} ${at}`);
  }
  expect(meet('stays')).toMatchObject([{ count: 3 }]);
});

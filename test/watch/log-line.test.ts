/** The log's line tells what happened and to which coordinates, never who, from where or what. */
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import { toLogLine } from '../../gateway/watch/log-line.ts';
import { callerWith } from '../authorize/policy-rig.ts';

const record: RequestRecord = {
  id: 'request-1',
  startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  trace: {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    parentSpanId: undefined,
    sampled: true,
  },
  peer: '203.0.113.7',
  stage: 'answer',
  network: '192.0.2.1',
  clientAddress: '198.51.100.9',
  country: undefined,
  networks: [],
  method: 'POST',
  caller: callerWith({
    issuer: 'issuer-private',
    subject: 'subject-private',
    client: 'client-private',
    scopes: new Set(['scope-private']),
    roles: new Set(['role-private']),
    claims: { email: 'claim-private@example.test' },
  }),
  operation: { type: 'query', hash: 'c'.repeat(64), named: true },
  verdicts: { allowed: 3, denied: ['Employee.ssn'], masked: ['Employee.phone'] },
  policyDigest: undefined,
  denials: [],
  delivered: [],
  tally: undefined,
  classified: [],
  cost: undefined,
  charges: [],
  localRates: false,
  engine: 'reference',
  upstreamCalls: [
    {
      upstream: 'hris',
      operation: 'GET /employees/{id}',
      status: 200,
      durationMs: 1,
      responseBytes: 20,
    },
  ],
  upstreamFailures: 0,
  upstreamCallCount: 1,
  refusal: undefined,
  faults: [],
  status: 200,
  responseBytes: 123,
  aborted: false,
  durationMs: 12.3456789,
};

const lineOf = (about: Partial<RequestRecord> = {}) => {
  const text = toLogLine({ ...record, ...about });
  return { text, line: JSON.parse(text) };
};

describe('a log line', () => {
  test('tells what happened', () => {
    expect(lineOf().line).toMatchObject({
      time: '2026-01-02T03:04:05.678Z',
      kind: 'request',
      id: 'request-1',
      traceId: 'a'.repeat(32),
      stage: 'answer',
      status: 200,
      durationMs: 12.346,
      responseBytes: 123,
      operation: 'query',
      document: 'c'.repeat(64),
      allowed: 3,
      denied: ['Employee.ssn'],
      masked: ['Employee.phone'],
      engine: 'reference',
      upstreamCallCount: 1,
    });
  });

  const secrets = [
    { name: 'address of the peer', given: '203.0.113' },
    { name: 'address of the client', given: '198.51.100' },
    { name: 'issuer', given: 'issuer-private' },
    { name: 'subject', given: 'subject-private' },
    { name: 'client application', given: 'client-private' },
    { name: 'scopes', given: 'scope-private' },
    { name: 'roles', given: 'role-private' },
    { name: 'claims', given: 'claim-private' },
    { name: 'detail of a refusal', given: 'detail-private' },
    { name: 'errors of a refusal', given: 'error-private' },
  ];
  const refusal = new Refusal('authorize/denied', {
    detail: 'detail-private',
    coordinates: ['Mutation.pay'],
    errors: [{ message: 'error-private', extensions: { code: 'X' } }],
  });
  test.each(secrets)('holds no $name', ({ given }) => {
    expect(
      JSON.stringify({
        ...record,
        refusal,
        caller: { ...record.caller, scopes: ['scope-private'], roles: ['role-private'] },
      }),
    ).toContain(given);
    expect(lineOf({ refusal }).text).not.toContain(given);
  });

  test('holds no name of the operation, should a record ever have one', () => {
    const operation = {
      type: 'query',
      hash: 'c',
      named: true,
      name: 'NamePrivate',
      text: '{ private }',
    };
    expect(lineOf({ operation }).text).not.toMatch(/private/i);
  });

  test('has these keys and no others', () => {
    const everything = lineOf({
      refusal,
      aborted: true,
      failures: ['upstream hris: status 500'],
      faults: ['Error at x'],
    }).line;
    expect(Object.keys(everything).sort()).toEqual(
      'aborted allowed coordinates denied deniedCount document durationMs engine failures faults id kind masked operation reason responseBytes stage status time traceId upstreamCallCount upstreamCalls'.split(
        ' ',
      ),
    );
  });

  test('tells the reason of a refusal and its coordinates', () => {
    const { line } = lineOf({
      refusal,
      verdicts: undefined,
      operation: undefined,
      engine: undefined,
    });
    expect(line).toMatchObject({ reason: 'authorize/denied', coordinates: ['Mutation.pay'] });
    expect(['allowed', 'operation', 'document', 'engine'].filter((key) => key in line)).toEqual([]);
  });

  test('lists a bounded number of coordinates and counts them', () => {
    const many = Array.from({ length: 500 }, (_, index) => `T.f${index}`);
    const { line } = lineOf({
      verdicts: { allowed: 1, denied: many, masked: many },
      refusal: new Refusal('authorize/denied', { coordinates: many }),
    });
    for (const list of [line.denied, line.masked, line.coordinates])
      expect(list).toEqual(many.slice(0, 50));
    expect(line.deniedCount).toBe(500);
  });

  const odd = [
    '"',
    '\\',
    '\u0000',
    '\n\u2028',
    '\ud800',
    'é😀',
    'x'.repeat(100),
    '","kind":"flood',
  ];
  test.each(odd.map((text) => ({ text })))(
    'is JSON with $text in each of its texts',
    ({ text }) => {
      const call = {
        upstream: text,
        operation: text,
        status: 0,
        durationMs: 1.23456,
        failure: text,
      };
      const told = {
        refusal: new Refusal('authorize/denied', { coordinates: [text] }),
        verdicts: { allowed: 1, denied: [text], masked: [text, text] },
        country: text,
        cost: 2.5,
        charges: [
          { rate: text, amount: 1, remaining: 0, near: true },
          { rate: 'b', amount: 2, remaining: 7, near: false },
        ],
        localRates: true,
        engine: text,
        engineReason: text,
        failures: [text],
        faults: [text, text],
      };
      const upstreamCalls = [
        { ...call, responseBytes: 5 },
        { ...call, responseBytes: 6, startedAtMs: 12, spanId: 'd'.repeat(16), attempt: 2 },
      ];
      const dropped = { scopes: ['a'], roles: ['b', 'c'] };
      const caller = { ...callerWith({}), dropped };
      const { refusal, verdicts, ...alike } = told;
      expect(lineOf({ ...told, upstreamCalls, caller }).line).toMatchObject({
        ...alike,
        reason: refusal.reason,
        coordinates: [text],
        allowed: 1,
        denied: verdicts.denied,
        deniedCount: 1,
        masked: verdicts.masked,
        dropped: 3,
        upstreamCalls,
      });
    },
  );

  test('tells a number that is none as null', () => {
    expect(lineOf({ durationMs: Number.NaN, cost: Number.POSITIVE_INFINITY }).line).toMatchObject({
      durationMs: null,
      cost: null,
    });
  });

  test('is one line, whatever is in it', () => {
    const { text } = lineOf({ faults: ['Error\n    at a\r\n\u2028{"kind":"request"}'] });
    expect(text).not.toMatch(/[\r\n]/);
  });

  test('of a request that nobody answered', () => {
    const { line } = lineOf({ aborted: true, status: 0, stage: 'delegate' });
    expect(line).toMatchObject({ aborted: true, status: 0, stage: 'delegate' });
    expect('aborted' in lineOf().line).toBe(false);
  });
});

test('the time is told to the millisecond, whatever line came before', () => {
  const second = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (const ms of [0, 7, 999, 1_000, 1_001, 61_000, 60_999, 0, 86_400_000, 42]) {
    const startedAtMs = second + ms;
    expect(lineOf({ startedAtMs }).line.time).toBe(new Date(startedAtMs).toISOString());
  }
});

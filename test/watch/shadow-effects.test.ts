/** What rules in shadow mode would have done: bounded in the record, and told in log, audit trail, metrics and traces. */
import { describe, expect, it } from 'vitest';
import { openRecord } from '../../gateway/request.ts';
import type { ShadowEffect } from '../../gateway/shadow.ts';
import { noteShadows } from '../../gateway/walk/record-notes.ts';
import { toLogLine } from '../../gateway/watch/log-line.ts';
import { createRequestMetrics } from '../../gateway/watch/telemetry/request-metrics.ts';
import { toSpans } from '../../gateway/watch/telemetry/span-tree.ts';

const surroundings = { scheme: 'http' as const, route: '/graphql', upstreams: new Map() };
const trace = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: undefined,
  sampled: true,
};
const open = () =>
  openRecord({ id: 'r', startedAtMs: 0, trace, peer: '127.0.0.1', method: 'POST' });

const effect = (about: Partial<ShadowEffect> = {}): ShadowEffect => ({
  kind: 'access',
  rule: 'stay',
  effect: 'refuse',
  coordinates: [],
  ...about,
});

describe('a record', () => {
  it('has each rule and effect once, with all its coordinates', () => {
    const record = open();
    noteShadows(record, undefined);
    expect(record.shadows).toBeUndefined();
    noteShadows(record, [effect({ coordinates: ['A.b'] }), effect({ effect: 'grant' })]);
    noteShadows(record, [effect({ coordinates: ['A.c', 'A.b'] }), effect({ kind: 'rate' })]);
    expect(record.shadows).toEqual([
      effect({ coordinates: ['A.b', 'A.c'] }),
      effect({ effect: 'grant' }),
      effect({ kind: 'rate' }),
    ]);
  });

  it('is bounded', () => {
    const record = open();
    const coordinates = Array.from({ length: 100 }, (_, index) => `A.f${index}`);
    noteShadows(
      record,
      Array.from({ length: 100 }, (_, index) => effect({ rule: `r${index}`, coordinates })),
    );
    expect(record.shadows).toHaveLength(20);
    expect(record.shadows?.every((one) => one.coordinates.length === 20)).toBe(true);
    // What is there already is still told of.
    noteShadows(record, [effect({ rule: 'r0' }), effect({ rule: 'r99' })]);
    expect(record.shadows).toHaveLength(20);
  });
});

it('many rules of one kind leave room for those of another, and for all that one would do', () => {
  const record = open();
  const countries = Array.from({ length: 30 }, (_, index) => `network.regions.deny ${index}`);
  noteShadows(
    record,
    countries.map((rule) => effect({ kind: 'network', rule })),
  );
  const rules = Array.from({ length: 20 }, (_, index) => `r${index}`);
  noteShadows(
    record,
    rules.flatMap((rule) => [effect({ rule }), effect({ rule, effect: 'grant' })]),
  );
  const rulesOf = (kind: ShadowEffect['kind']) =>
    record.shadows?.filter((one) => one.kind === kind).map(({ rule }) => rule) ?? [];
  expect(rulesOf('network')).toEqual(countries.slice(0, 20));
  expect(rulesOf('access')).toEqual(rules.flatMap((rule) => [rule, rule]));
});

it('the log tells of it', () => {
  const record = open();
  expect(JSON.parse(toLogLine(record))).not.toHaveProperty('shadows');
  noteShadows(record, [effect({ coordinates: ['A.b'] })]);
  expect(JSON.parse(toLogLine(record)).shadows).toEqual([effect({ coordinates: ['A.b'] })]);
});

it('a metric counts it once for each request, by rule', () => {
  const metrics = createRequestMetrics(surroundings);
  for (let turn = 0; turn < 2; turn += 1) {
    const record = open();
    noteShadows(record, [effect({ coordinates: ['A.b', 'A.c'] }), effect({ kind: 'rate' })]);
    metrics.count(record);
  }
  metrics.count(open());
  const found = metrics
    .collect({ startTime: [0, 0], endTime: [1, 0] })
    .find(({ descriptor }) => descriptor.name === 'gateway.shadow.effects');
  expect(found?.dataPoints.map(({ attributes, value }) => [attributes, value])).toEqual([
    [{ kind: 'access', rule: 'stay', effect: 'refuse' }, 2],
    [{ kind: 'rate', rule: 'stay', effect: 'refuse' }, 2],
  ]);
});

it('the span of the request names the rules', () => {
  const options = { ...surroundings, toUserHash: () => undefined, newSpanId: () => 'c'.repeat(16) };
  const record = open();
  expect(toSpans(record, options)[0]?.attributes).not.toHaveProperty('gateway.shadow.rules');
  noteShadows(record, [effect(), effect({ effect: 'grant' }), effect({ rule: 'few' })]);
  expect(toSpans(record, options)[0]?.attributes['gateway.shadow.rules']).toEqual(['stay', 'few']);
});

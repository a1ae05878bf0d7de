/** What is counted of a record that names rules and classes. */
import { expect, it } from 'vitest';
import { receive } from '../../../gateway/receive.ts';
import type { ObservedRecord } from '../../../gateway/watch/telemetry/observed-record.ts';
import { createRequestMetrics } from '../../../gateway/watch/telemetry/request-metrics.ts';

const surroundings = { scheme: 'http', route: '/graphql', upstreams: new Map() } as const;
const times = { startTime: [0, 0] as [number, number], endTime: [1, 0] as [number, number] };

function count(change: Partial<ObservedRecord>) {
  const metrics = createRequestMetrics(surroundings);
  metrics.count({ ...receive({ method: 'POST', peer: '', headers: {} }, 0), ...change });
  return (name: string) =>
    metrics
      .collect(times)
      .find(({ descriptor }) => descriptor.name === name)
      ?.dataPoints.map(({ attributes, value }) => [attributes, value]);
}

it('counts decisions by rule and class, and classified values that left', () => {
  const of = count({
    delivered: [
      { coordinate: 'P.name', classes: [], count: 3, masked: 0, rule: 'directory' },
      { coordinate: 'P.ssn', classes: ['government-id'], count: 3, masked: 2, rule: 'ids' },
    ],
    denials: [
      { coordinate: 'P.pay', classes: ['pay', 'banking'], rule: 'pay' },
      { coordinate: 'P.new', classes: [], rule: undefined },
    ],
    verdicts: { allowed: 1, denied: ['P.pay', 'P.new'], masked: ['P.ssn'] },
  });
  expect(of('gateway.decisions')).toEqual([
    [{ decision: 'allowed', rule: 'directory', class: 'none' }, 1],
    [{ decision: 'masked', rule: 'ids', class: 'government-id' }, 1],
    [{ decision: 'denied', rule: 'pay', class: 'pay' }, 1],
    [{ decision: 'denied', rule: 'pay', class: 'banking' }, 1],
    [{ decision: 'denied', rule: 'none', class: 'none' }, 1],
  ]);
  expect(of('gateway.sensitive.records')).toEqual([
    [{ class: 'government-id', decision: 'allowed' }, 1],
    [{ class: 'government-id', decision: 'masked' }, 2],
  ]);
});

it('names an operation only where its document is trusted', () => {
  const operation = { type: 'query', hash: 'h', named: true };
  const name = (change: Partial<ObservedRecord>) =>
    count({ operation, ...change })('gateway.graphql.operation.duration')?.map(
      ([attributes]) => attributes,
    );
  expect(name({})).toMatchObject([{ 'graphql.operation.name': '_OTHER' }]);
  expect(name({ trustedOperation: 'Directory' })).toMatchObject([
    { 'graphql.operation.name': 'Directory' },
  ]);
});

it('takes no method of a caller for a label', () => {
  expect(count({ method: 'SSN-123-45-6789' })('http.server.request.duration')).toMatchObject([
    [{ 'http.request.method': '_OTHER' }, { count: 1 }],
  ]);
});

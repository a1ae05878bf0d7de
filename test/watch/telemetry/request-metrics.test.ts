/** What is counted of a record that names rules and classes. */
import { expect, it } from 'vitest';
import type { RequestRecord } from '../../../gateway/request.ts';
import { receive } from '../../../gateway/walk/receive.ts';
import { createRequestMetrics } from '../../../gateway/watch/telemetry/request-metrics.ts';

const surroundings = { scheme: 'http', route: '/graphql', upstreams: new Map() } as const;
const times = { startTime: [0, 0] as [number, number], endTime: [1, 0] as [number, number] };

function count(change: Partial<RequestRecord>) {
  const metrics = createRequestMetrics(surroundings);
  metrics.count({ ...receive({ method: 'POST', peer: '', rawHeaders: [] }, 0), ...change });
  return (name: string) =>
    metrics
      .collect(times)
      .find(({ descriptor }) => descriptor.name === name)
      ?.dataPoints.map(({ attributes, value }) => [attributes, value]);
}

it('counts decisions by rule and class, and classified values that left', () => {
  const of = count({
    delivered: [
      { coordinate: 'P.pay', classes: ['pay'], count: 3, masked: 0, rule: 'pay' },
      { coordinate: 'P.ssn', classes: ['government-id'], count: 3, masked: 2, rule: 'ids' },
    ],
    denials: [
      { coordinate: 'P.pay', classes: ['pay', 'banking'], rule: 'pay', scopes: [] },
      { coordinate: 'P.new', classes: [], rule: undefined, scopes: [] },
    ],
    verdicts: { allowed: 5, denied: ['P.pay', 'P.new'], masked: ['P.ssn'] },
  });
  expect(of('gateway.decisions')).toEqual([
    [{ decision: 'allowed', rule: 'pay', class: 'pay' }, 1],
    [{ decision: 'masked', rule: 'ids', class: 'government-id' }, 1],
    [{ decision: 'denied', rule: 'pay', class: 'pay' }, 1],
    [{ decision: 'denied', rule: 'pay', class: 'banking' }, 1],
    [{ decision: 'denied', rule: 'none', class: 'none' }, 1],
    [{ decision: 'allowed', rule: '_OTHER', class: 'none' }, 4],
  ]);
  expect(of('gateway.sensitive.records')).toEqual([
    [{ class: 'pay', decision: 'allowed' }, 3],
    [{ class: 'government-id', decision: 'allowed' }, 1],
    [{ class: 'government-id', decision: 'masked' }, 2],
  ]);
});

it('names an operation only where its document is trusted', () => {
  const operation = { type: 'query', hash: 'h', named: true };
  const name = (change: Partial<RequestRecord>) =>
    count({ operation, ...change })('gateway.graphql.operation.duration')?.map(
      ([attributes]) => attributes,
    );
  expect(name({})).toMatchObject([{ 'graphql.operation.name': '_OTHER' }]);
  expect(name({ operation: { ...operation, name: 'Directory' } })).toMatchObject([
    { 'graphql.operation.name': 'Directory' },
  ]);
});

it('takes no method of a caller for a label', () => {
  expect(count({ method: 'SSN-123-45-6789' })('http.server.request.duration')).toMatchObject([
    [{ 'http.request.method': '_OTHER' }, { count: 1 }],
  ]);
});

it('begins at 0 what an alert waits for: Prometheus sees no increase in a series that begins at 1', () => {
  const of = count({});
  for (const name of ['gateway.faults', 'gateway.aborted', 'gateway.upstream.unlisted']) {
    expect(of(name), name).toEqual([[{}, 0]]);
  }
  expect(of('gateway.rate.rejections')).toEqual([[{ rate: 'store-down' }, 0]]);
});

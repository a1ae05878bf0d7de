/** What a process would say if every name in it had been chosen by somebody who means harm. */

export const hostile = `"><img src=x onerror="globalThis.owned=1"><script>globalThis.owned=2</script>\u202e'`;

const attributes = (name: string) => ({ [name]: hostile });
const counts = [1, 2, 3];

export function hostileProcess() {
  const line = {
    time: '2026-01-02T03:04:05.678Z',
    id: hostile,
    traceId: hostile,
    stage: hostile,
    status: 200,
    durationMs: 12.5,
    responseBytes: 10,
    reason: hostile,
    coordinates: [hostile],
    operation: hostile,
    document: hostile,
    allowed: 1,
    denied: [hostile],
    deniedCount: 2,
    masked: [hostile],
    country: hostile,
    charges: [{ rate: hostile, amount: 1, remaining: 0, near: true }],
    shadows: [
      { kind: hostile, rule: hostile, effect: 'refuse', coordinates: [hostile] },
      { kind: hostile, rule: hostile, effect: hostile, coordinates: [] },
    ],
    engine: hostile,
    engineReason: hostile,
    upstreamCalls: [
      { upstream: hostile, operation: hostile, status: 0, durationMs: 3, failure: hostile },
      { upstream: hostile, operation: hostile, status: 200, durationMs: 3 },
    ],
    upstreamCallCount: 2,
    failures: [hostile],
    faults: [hostile],
  };
  const one = { coordinate: hostile, classes: [hostile], rule: hostile };
  return {
    epoch: '00000000',
    last: 1,
    skipped: 0,
    startedAtMs: 1,
    hasAudit: true,
    owners: { [hostile]: hostile },
    faults: 1,
    memory: { heapUsedBytes: 1, heapLimitBytes: 2 },
    policy: {
      digest: hostile,
      loadedAtMs: 1,
      complaint: { atMs: 1, problems: [hostile] },
    },
    exposure: [{ class: hostile, rule: hostile, clear: counts, masked: counts }],
    rates: [{ rate: hostile, near: counts, refused: counts }],
    readings: [
      { name: 'gateway.refusals', attributes: attributes('reason'), value: 1 },
      {
        name: 'gateway.circuit.state',
        attributes: { ...attributes('gateway.upstream'), state: 'open' },
        value: 1,
      },
      { name: 'gateway.circuit.callers', attributes: attributes('gateway.upstream'), value: 2 },
    ],
    alerts: [{ timeMs: 1, detection: hostile, severity: 'high', title: hostile }],
    decisions: [
      {
        seq: 1,
        name: hostile,
        denials: [{ ...one, scopes: [hostile], asks: [hostile, 'constructor'] }],
        delivered: [{ ...one, count: 3, masked: 1 }],
        line,
      },
    ],
  };
}

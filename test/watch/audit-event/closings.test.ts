/** Answers that were sent whole share closing events; each is in exactly one, and soon. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAuditSeal } from '../../../gateway/watch/audit-event/seal.ts';
import { newRecord } from '../../support/delegation.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rig() {
  const closed: string[][] = [];
  const abandoned: string[] = [];
  const seal = createAuditSeal({
    sink: {
      append(json) {
        const { gateway } = JSON.parse(json).unmapped;
        if (gateway.aborted === true) abandoned.push(gateway.request);
        else closed.push(gateway.closed.map((one: { request: string }) => one.request));
        return { ok: true, written: undefined };
      },
    },
    context: { product: { name: 'F', version: '1' }, toSubjectId: undefined },
    now: Date.now,
    newUid: () => 'u',
    lost: () => undefined,
  });
  const ssn = { coordinate: 'P.ssn', classes: ['pii'], rule: 'r', count: 1, masked: 0 };
  const end = (id: string, aborted = false): void =>
    seal.observe({ ...newRecord(), id, aborted, delivered: [ssn] });
  return { seal, closed, abandoned, end };
}

it('those of a moment share one', () => {
  const { closed, end } = rig();
  end('a');
  vi.advanceTimersByTime(10);
  end('b');
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(closed).toEqual([['a', 'b']]);
  end('c');
  vi.advanceTimersByTime(20);
  expect(closed).toEqual([['a', 'b'], ['c']]);
});

it('an event holds a bounded number, and none is left out', () => {
  const { closed, end } = rig();
  const ids = Array.from({ length: 150 }, (_, at) => `r${at}`);
  for (const id of ids) end(id);
  vi.advanceTimersByTime(20);
  expect(closed.map(({ length }) => length)).toEqual([64, 64, 22]);
  expect(closed.flat()).toEqual(ids);
});

it('who hung up has an event of their own, at once', () => {
  const { closed, abandoned, end } = rig();
  end('a', true);
  expect(abandoned).toEqual(['a']);
  vi.advanceTimersByTime(1_000);
  expect(closed).toEqual([]);
});

it('what waits at the end is written', () => {
  const { seal, closed, end } = rig();
  end('a');
  seal.close();
  expect(closed).toEqual([['a']]);
});

/**
 * Strangers who are refused and hang up before they have their answer: what would be an event
 * after the answer must not fill the disk that the count of a flood keeps free.
 */
import { expect, it } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createAuditSeal } from '../../gateway/watch/audit-event/seal.ts';
import { newRecord } from '../support/delegation.ts';

function rig() {
  const events: { kind: string; count?: number; request?: string; closing?: boolean }[] = [];
  const seal = createAuditSeal({
    sink: {
      append(json) {
        const { metadata, count, unmapped } = JSON.parse(json);
        const { request, closing } = unmapped.gateway;
        events.push({ kind: metadata.event_code, count, request, closing });
        return { ok: true, written: undefined };
      },
    },
    context: { product: { name: 'F', version: '1' }, toSubjectId: undefined },
    now: () => 10_000,
    newUid: () => 'u',
    lost: () => undefined,
  });
  const refuse = (index: number): void => {
    const refusal = new Refusal('identify/missing');
    const record = { ...newRecord(), id: `r${index}`, refusal };
    seal.seal(record);
    record.aborted = true;
    seal.observe(record);
  };
  return { seal, events, refuse };
}

it('an event is closed only where there is one', () => {
  const { seal, events, refuse } = rig();
  for (let index = 0; index < 1_000; index += 1) refuse(index);
  seal.close();
  const own = events.filter(({ count }) => count === undefined);
  const [opened, closed] = [false, true].map((is) =>
    own.filter(({ closing = false }) => closing === is).map(({ request }) => request),
  );
  expect(opened).toHaveLength(20);
  expect(closed).toEqual(opened);
  expect(events.filter(({ count }) => count !== undefined)).toMatchObject([{ count: 980 }]);
});

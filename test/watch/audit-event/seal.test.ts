/** What is classified leaves only after all of its request's events are taken and written. */
import { describe, expect, it } from 'vitest';
import { type AppendOutcome, createAuditSeal } from '../../../gateway/watch/audit-event/seal.ts';
import { newRecord } from '../../support/delegation.ts';

const written: AppendOutcome = { ok: true, written: undefined };
const later: AppendOutcome = { ok: true, written: Promise.resolve() };
const lost: AppendOutcome = { ok: true, written: Promise.reject(new Error('full')) };
const refused: AppendOutcome = { ok: false };
if (lost.ok) lost.written?.catch(() => undefined);

/** The reason that takes the answer's place, where a sink gives these outcomes one after the other. */
async function sealed(outcomes: readonly AppendOutcome[], isClassified = true) {
  let [appended, untold] = [0, 0];
  const seal = createAuditSeal({
    sink: { append: () => outcomes[appended++] ?? written },
    context: { product: { name: 'F', version: '1' }, toSubjectId: undefined },
    now: () => 0,
    newUid: () => 'u',
    lost: (events) => {
      untold += events;
    },
  });
  const ssn = { coordinate: 'P.ssn', classes: ['pii'], rule: 'r', count: 1, masked: 0 };
  const denial = { coordinate: 'P.pay', classes: [], rule: undefined, scopes: [] };
  const refusal = await seal.seal({
    ...newRecord(),
    delivered: isClassified ? [ssn] : [],
    denials: [denial],
  });
  return [refusal?.reason, appended, untold];
}

describe('an answer with something classified, of two events', () => {
  const unavailable = 'watch/audit-unavailable';
  const cases: { name: string; outcomes: AppendOutcome[]; expect: unknown[] }[] = [
    { name: 'both written', outcomes: [written, written], expect: [undefined, 2, 0] },
    { name: 'the last written later', outcomes: [written, later], expect: [undefined, 2, 0] },
    { name: 'the first refused', outcomes: [refused, written], expect: [unavailable, 2, 1] },
    { name: 'the last refused', outcomes: [written, refused], expect: [unavailable, 2, 1] },
    { name: 'the last not written', outcomes: [later, lost], expect: [unavailable, 2, 0] },
  ];
  it.each(cases)('$name', async ({ outcomes, expect: wanted }) => {
    expect(await sealed(outcomes)).toEqual(wanted);
  });
});

it('an answer with nothing classified waits for none, and what was lost is told', async () => {
  expect(await sealed([refused, lost], false)).toEqual([undefined, 2, 1]);
});

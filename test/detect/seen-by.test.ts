/** Whose data a detection takes an answer to have shown: values that left unmasked, of those it asks for. */
import { expect, it } from 'vitest';
import type { Match } from '../../gateway/detect/detection.ts';
import { amountOf } from '../../gateway/detect/seen-by.ts';
import { KeyedHash } from '../../gateway/keyed-hash.ts';
import type { ClassifiedCoordinate } from '../../gateway/plan/plan.ts';
import { Tally } from '../../gateway/plan/tally.ts';
import { newRecord } from '../support/delegation.ts';

const classified: ClassifiedCoordinate[] = [
  { coordinate: 'Person.ssn', classes: ['id'], rule: 'r', mask: undefined },
  { coordinate: 'Person.ssn', classes: ['id'], rule: 'r', mask: 'last4' },
  { coordinate: 'Person.iban', classes: ['bank'], rule: 'r', mask: undefined },
];
const [whole, masked, iban] = [0, 1, 2];

const cases: {
  name: string;
  left: [slot: number, id: string | undefined][];
  match?: Match;
  expect: number;
}[] = [
  {
    name: 'each once',
    left: [
      [whole, '1'],
      [whole, '2'],
      [iban, '2'],
      [whole, '1'],
    ],
    expect: 2,
  },
  {
    name: 'nobody by a mask',
    left: [
      [masked, '1'],
      [whole, '2'],
    ],
    expect: 1,
  },
  { name: 'nobody where it is not known whose it is', left: [[whole, undefined]], expect: 0 },
  {
    name: 'those of the classes that are asked for',
    left: [
      [iban, '1'],
      [whole, '2'],
      [whole, '3'],
    ],
    match: { classes: new Set(['bank']) },
    expect: 1,
  },
];

it.each(cases)('$name', ({ left, match = {}, expect: count }) => {
  const tally = new Tally();
  for (const [slot, id] of left) tally.value(slot, id === undefined ? id : { type: 'Person', id });
  const record = { ...newRecord(), tally, classified };
  const detection = { counts: 'subjects', match, rule: { count: 10 } } as const;
  const { values } = amountOf(detection, record, new KeyedHash(1, 2));
  expect(values).toHaveLength(count);
});

it('of a long answer no more than would be counted, which are those that came last', () => {
  const tally = new Tally();
  for (let id = 1; id <= 10_000; id += 1) {
    for (const slot of [whole, iban]) tally.value(slot, { type: 'Person', id: String(id) });
  }
  const record = { ...newRecord(), tally, classified };
  const hashed: string[] = [];
  class Hash extends KeyedHash {
    override update(text: string): void {
      hashed.push(text);
      super.update(text);
    }
  }
  const detection = { counts: 'subjects', match: {}, rule: { count: 3 } } as const;
  const { values } = amountOf(detection, record, new Hash(1, 2));
  expect(hashed).toEqual(['9998', '9999', '10000'].map((id) => `Person\0${id}`));
  expect(new Set(values).size).toBe(3);
});

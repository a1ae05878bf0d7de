/** The invented people: always the same, plausible, and impossible to mistake for real ones. */
import { expect, test } from 'vitest';
import { createPeople, peopleCount, tenants } from '../../subgraphs/hris/people.ts';
import { createRandom } from '../../subgraphs/hris/random.ts';
import { fictionalIban, isIban } from '../../subgraphs/payroll/iban.ts';
import { createRecords } from '../../subgraphs/payroll/records.ts';

const people = createPeople();

test('there are 500, the same at every start, in copies of their own', () => {
  expect(people).toHaveLength(peopleCount);
  expect(createPeople()).toEqual(people);
  expect(createPeople()[0]).not.toBe(people[0]);
  expect(
    people.slice(0, 2).map(({ id, tenantId, managerId }) => [id, tenantId, managerId]),
  ).toEqual([
    ['1001', 'aurora', null],
    ['1002', 'basalt', null],
  ]);
});

test('no social security number can have been issued, and none stands twice', () => {
  for (const { ssn } of people) expect(ssn).toMatch(/^9\d\d-[1-4]\d-\d{4}$/);
  expect(new Set(people.map(({ ssn }) => ssn.slice(-4))).size).toBe(peopleCount);
});

test('everybody but the heads of the tenants has a manager in the same tenant', () => {
  const byId = new Map(people.map((person) => [person.id, person]));
  const heads = people.filter(({ managerId }) => managerId === null);
  expect(heads.map(({ tenantId }) => tenantId)).toEqual([...tenants]);
  for (const { id, managerId, tenantId } of people) {
    if (managerId === null) continue;
    expect(managerId).not.toBe(id);
    expect(byId.get(managerId)?.tenantId).toBe(tenantId);
  }
});

test('following managers ends at a head', () => {
  const managerOf = new Map(people.map(({ id, managerId }) => [id, managerId]));
  for (const { id } of people) {
    let at: string | null = id;
    let steps = 0;
    while (at !== null && steps < 5) {
      at = managerOf.get(at) ?? null;
      steps += 1;
    }
    expect(at).toBeNull();
  }
});

test('payroll has a record with valid fictional IBANs for each of them', () => {
  const records = createRecords();
  expect([...records.keys()]).toEqual(people.map(({ id }) => id));
  const ibans = [...records.values()].flatMap(({ accounts }) => accounts.map(({ iban }) => iban));
  expect(ibans.every((iban) => isIban(iban) && iban.slice(4, 8) === 'FICT')).toBe(true);
  expect(new Set(ibans).size).toBe(ibans.length);
});

const ibanCases = [
  { name: 'a well-known example', given: 'GB82WEST12345698765432', expect: true },
  { name: 'two digits swapped', given: 'GB82WEST12345698765423', expect: false },
  { name: 'lower case', given: 'gb82west12345698765432', expect: false },
  { name: 'too short', given: 'GB82WEST', expect: false },
  { name: 'one of ours', given: fictionalIban(10_010), expect: true },
];
test.each(ibanCases)('IBAN: $name', ({ given, expect: expected }) => {
  expect(isIban(given)).toBe(expected);
});

test('the generator repeats itself by seed and stays in its bounds', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 1_000 }, () => random.between(3, 7));
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect([...new Set(draw(1))].sort()).toEqual([3, 4, 5, 6, 7]);
  expect(() => createRandom(1).pick([])).toThrow(RangeError);
});

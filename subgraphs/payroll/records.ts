/**
 * The payroll data of the demo's invented people: salary, bank accounts and payslips, derived from
 * the person's id and therefore the same at every start.
 */
import { createPeople, type Person } from '../hris/people.ts';
import { createRandom } from '../hris/random.ts';
import { fictionalBic, fictionalIban } from './iban.ts';

export interface Account {
  readonly iban: string;
  readonly bic: string | null;
  readonly holder: string;
  readonly primary: boolean;
}

export interface Slip {
  readonly id: string;
  readonly month: string;
  readonly gross: number;
  readonly net: number;
}

export interface PayrollRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly salary: {
    readonly amount: number;
    readonly currency: string;
    readonly period: 'MONTH' | 'YEAR';
  };
  /** The primary account comes first. */
  accounts: readonly Account[];
  /** Twelve months, newest first. */
  readonly slips: readonly Slip[];
}

const months = 12;

const inCents = (amount: number): number => Math.round(amount * 100) / 100;

function recordOf(person: Person): PayrollRecord {
  const number = Number(person.id);
  const random = createRandom(number + 31);
  const yearly = random.between(380, 1800) * 100;
  const holder = `${person.firstName} ${person.lastName}`;
  const account = (index: number): Account => ({
    iban: fictionalIban(number * 10 + index),
    bic: index === 0 ? fictionalBic : null,
    holder,
    primary: index === 0,
  });
  const slip = (index: number): Slip => ({
    id: `${person.id}-2026-${String(months - index).padStart(2, '0')}`,
    month: `2026-${String(months - index).padStart(2, '0')}`,
    gross: inCents(yearly / months),
    net: inCents((yearly / months) * 0.68),
  });
  return {
    id: person.id,
    tenantId: person.tenantId,
    salary: { amount: yearly, currency: 'USD', period: 'YEAR' },
    accounts: Array.from({ length: random.between(1, 2) }, (_, index) => account(index)),
    slips: Array.from({ length: months }, (_, index) => slip(index)),
  };
}

/** Creates one record per person, by employee id; a fresh copy at each call. */
export function createRecords(): ReadonlyMap<string, PayrollRecord> {
  return new Map(createPeople().map((person) => [person.id, recordOf(person)]));
}

/**
 * The records that every contender serves: pure functions of an id, so that upstream stand-ins,
 * and what is expected of a gateway's answer, need no data in common.
 */

/** As the REST upstream has it. */
export interface Employee {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly jobTitle: string;
  readonly department: string;
  readonly workEmail: string;
  readonly dateOfBirth: string;
  readonly homePhone: string;
  readonly homeCity: string;
  readonly ssn: string;
}

/** As the GraphQL upstream has it. */
export interface Pay {
  readonly id: string;
  readonly salary: number;
  readonly currency: string;
  readonly grade: string;
}

export const staffCount = 1_000;

const titles = ['Engineer', 'Accountant', 'Nurse', 'Buyer', 'Counsel'];
const departments = ['Research', 'Finance', 'Care', 'Supply', 'Legal', 'People'];

const pick = (texts: readonly string[], at: number): string => texts[at % texts.length] ?? '';
const digits = (value: number, count: number): string => String(value).padStart(count, '0');

export function employee(id: number): Employee {
  return {
    id: String(id),
    firstName: `First ${id}`,
    lastName: `Last ${id}`,
    jobTitle: pick(titles, id),
    department: pick(departments, id),
    workEmail: `person.${id}@example.com`,
    dateOfBirth: `19${digits(50 + (id % 50), 2)}-0${1 + (id % 9)}-1${id % 10}`,
    homePhone: `+1 555 01${digits(id % 100, 2)}`,
    homeCity: `City ${id % 40}`,
    ssn: `900-${digits(10 + (id % 90), 2)}-${digits(id, 4)}`,
  };
}

export function pay(id: number): Pay {
  return { id: String(id), salary: 40_000 + id, currency: 'EUR', grade: `G${id % 9}` };
}

/** `limit` employees from `offset` on, around the end. */
export function employees(limit: number, offset: number): Employee[] {
  return Array.from({ length: limit }, (_, at) => employee((offset + at) % staffCount));
}

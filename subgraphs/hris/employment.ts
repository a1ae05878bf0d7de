/**
 * Employment and time off of the invented people, derived from the person's id alone, so that a
 * record does not depend on the order of requests.
 */
import type { Person } from './people.ts';
import { createRandom } from './random.ts';

export const timeOffKinds = ['vacation', 'sick-leave', 'parental-leave'] as const;
export type TimeOffKind = (typeof timeOffKinds)[number];

export interface Employment {
  readonly employeeId: string;
  readonly contract: 'permanent' | 'fixed-term' | 'apprentice';
  readonly startDate: string;
  readonly endDate: string | null;
  readonly weeklyHours: number;
}

export interface TimeOff {
  readonly id: string;
  readonly employeeId: string;
  readonly kind: TimeOffKind;
  readonly startDate: string;
  readonly endDate: string;
  readonly status: 'requested' | 'approved' | 'declined';
}

const padded = (value: number): string => String(value).padStart(2, '0');

export function employmentOf(person: Person): Employment {
  const random = createRandom(Number(person.id));
  const contract = random.pick(['permanent', 'permanent', 'fixed-term', 'apprentice'] as const);
  return {
    employeeId: person.id,
    contract,
    startDate: `${random.between(2010, 2025)}-${padded(random.between(1, 12))}-01`,
    endDate: contract === 'permanent' ? null : `${random.between(2027, 2029)}-12-31`,
    weeklyHours: random.pick([20, 30, 37.5, 40]),
  };
}

/** Up to three entries, oldest first. */
export function timeOffOf(person: Person): TimeOff[] {
  const random = createRandom(Number(person.id) + 7);
  return Array.from({ length: random.between(0, 3) }, (_, index) => {
    const month = `2026-${padded(index * 3 + random.between(1, 3))}`;
    const day = random.between(1, 14);
    return {
      id: `${person.id}-${index + 1}`,
      employeeId: person.id,
      kind: random.pick(timeOffKinds),
      startDate: `${month}-${padded(day)}`,
      endDate: `${month}-${padded(day + random.between(0, 10))}`,
      status: random.pick(['requested', 'approved', 'declined'] as const),
    };
  });
}

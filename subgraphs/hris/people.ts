/**
 * The demo's 500 invented people in two tenants, from a seeded generator.
 *
 * None of it can be real: social security numbers use areas 900–999 with groups 10–49, which
 * neither the SSN nor the ITIN programme issues; mail addresses end in `.example`; postal codes
 * start with 00.
 */
import { createRandom, type Random } from './random.ts';

export const departments = [
  'engineering',
  'finance',
  'legal',
  'operations',
  'people',
  'sales',
] as const;
export type Department = (typeof departments)[number];

export interface Address {
  street: string;
  city: string;
  postalCode: string;
  country: string;
}

export interface Person {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  jobTitle: string;
  department: Department;
  readonly managerId: string | null;
  readonly tenantId: string;
  readonly ssn: string;
  readonly dateOfBirth: string;
  homeAddress: Address;
  readonly workEmail: string;
}

export const tenants = ['aurora', 'basalt'] as const;
export const peopleCount = 500;

const seed = 20_260_101;
const firstNames =
  'Ada Bram Cleo Dario Edda Faro Greta Hugo Ines Joris Kaia Levin Mira Nilo Orla Pavel Quinn Runa Soren Tilda Ugo Vesna Wim Xenia Yara Zeno'.split(
    ' ',
  );
const lastNames =
  'Ashgrove Birchwater Coldwell Dunmere Elderfield Fennimore Glasswin Hollowell Ironwood Juniper Kestrelby Larkmoor Mossbank Nettleby Oakhurst Pinewell Quillford Ravensby Stonewick Thornbury Underhill Vexley Willowmere Yarrowby'.split(
    ' ',
  );
const streets = ['Lantern Row', 'Copper Lane', 'Willow Steps', 'Harbour Walk', 'Mill Crescent'];
const cities = ['Port Ember', 'Larkhaven', 'Stonebridge Falls', 'Westmarrow', 'Pine Hollow'];
const jobTitles: Readonly<Record<Department, readonly string[]>> = {
  engineering: ['Software Engineer', 'Site Reliability Engineer', 'Data Engineer'],
  finance: ['Accountant', 'Financial Analyst', 'Payroll Specialist'],
  legal: ['Counsel', 'Paralegal', 'Compliance Officer'],
  operations: ['Operations Planner', 'Facilities Coordinator', 'Procurement Specialist'],
  people: ['Recruiter', 'People Partner', 'Learning Specialist'],
  sales: ['Account Executive', 'Sales Engineer', 'Customer Success Manager'],
};

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

const idOf = (index: number): string => String(1001 + index);

/** Tenants alternate; the first person leads the tenant, the next ones lead its departments. */
function placeOf(index: number): {
  department: Department;
  managerId: string | null;
  title?: string;
} {
  const rank = Math.floor(index / tenants.length);
  if (rank === 0) return { department: 'people', managerId: null, title: 'Managing Director' };
  const chair = (rank - 1) % departments.length;
  const department = departments[chair] ?? 'people';
  const isHead = rank <= departments.length;
  const managerRank = isHead ? 0 : chair + 1;
  const managerId = idOf(managerRank * tenants.length + (index % tenants.length));
  return isHead
    ? { department, managerId, title: `Head of ${department}` }
    : { department, managerId };
}

function personAt(index: number, random: Random): Person {
  const { department, managerId, title } = placeOf(index);
  const tenantId = tenants[index % tenants.length] ?? tenants[0];
  const id = idOf(index);
  const firstName = random.pick(firstNames);
  const lastName = random.pick(lastNames);
  return {
    id,
    firstName,
    lastName,
    jobTitle: title ?? random.pick(jobTitles[department]),
    department,
    managerId,
    tenantId,
    // The last four digits are unique, because 7919 and 10,000 are coprime.
    ssn: `${random.between(900, 999)}-${random.between(10, 49)}-${padded((index * 7919 + 4321) % 10_000, 4)}`,
    dateOfBirth: `${random.between(1960, 2004)}-${padded(random.between(1, 12), 2)}-${padded(random.between(1, 28), 2)}`,
    homeAddress: {
      street: `${random.between(1, 250)} ${random.pick(streets)}`,
      city: random.pick(cities),
      postalCode: `00${padded(random.between(0, 999), 3)}`,
      country: 'US',
    },
    workEmail: `${firstName}.${lastName}.${id}@${tenantId}.example`.toLowerCase(),
  };
}

/** Creates a fresh copy of the same 500 people, ordered by id. */
export function createPeople(): Person[] {
  const random = createRandom(seed);
  return Array.from({ length: peopleCount }, (_, index) => personAt(index, random));
}

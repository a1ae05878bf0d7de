/**
 * The answers of the demo HRIS to each operation of openapi.yaml: pure functions of a store, no
 * sockets. The store is bounded: 500 people, `timeOffMax` entries each.
 */
import { z } from 'zod';
import { employmentOf, type TimeOff, timeOffKinds, timeOffOf } from './employment.ts';
import { createPeople, departments, type Person } from './people.ts';

export interface HrisRequest {
  readonly method: string;
  /** Decoded path segments: `['employees', '1001']`. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** Undefined: every tenant. */
  readonly tenantId: string | undefined;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

export interface HrisAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface HrisStore {
  readonly people: ReadonlyMap<string, Person>;
  readonly timeOff: Map<string, TimeOff[]>;
}

const timeOffMax = 50;

const date = z.iso.date();
const text = z.string().min(1).max(200);
const listQuery = z.strictObject({
  department: z.enum(departments).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).default(0),
});
const employeeUpdate = z.strictObject({
  jobTitle: text.optional(),
  department: z.enum(departments).optional(),
  homeAddress: z
    .strictObject({ street: text, city: text, postalCode: text, country: text })
    .optional(),
});
const timeOffRequest = z
  .strictObject({ kind: z.enum(timeOffKinds), startDate: date, endDate: date })
  .refine(({ startDate, endDate }) => startDate <= endDate);

const problem = (status: number, error: string): HrisAnswer => ({ status, body: { error } });
const notFound = problem(404, 'not found');

export function createHrisStore(): HrisStore {
  const people = new Map(createPeople().map((person) => [person.id, person]));
  return { people, timeOff: new Map() };
}

/** Answers one request; never throws because of client input. */
export function answerHris(store: HrisStore, request: HrisRequest): HrisAnswer {
  const [root, id, part, ...rest] = request.segments;
  if (root !== 'employees' || rest.length > 0) return notFound;
  if (id === undefined) return request.method === 'GET' ? list(store, request) : notAllowed();
  const person = store.people.get(id);
  // Another tenant's person must be indistinguishable from one that does not exist.
  if (person === undefined || !isVisible(person, request.tenantId)) return notFound;
  const route = `${request.method} ${part ?? ''}`;
  if (route === 'GET ') return { status: 200, body: person };
  if (route === 'PATCH ') return update(person, request.body);
  if (route === 'GET employment') return { status: 200, body: employmentOf(person) };
  if (route === 'GET time-off') return { status: 200, body: timeOffFor(store, person) };
  if (route === 'POST time-off') return addTimeOff(store, person, request.body);
  return part === undefined || part === 'employment' || part === 'time-off'
    ? notAllowed()
    : notFound;
}

const notAllowed = (): HrisAnswer => problem(405, 'method not allowed');

const isVisible = (person: Person, tenantId: string | undefined): boolean =>
  tenantId === undefined || person.tenantId === tenantId;

function list(store: HrisStore, request: HrisRequest): HrisAnswer {
  const query = listQuery.safeParse(Object.fromEntries(request.query));
  if (!query.success) return problem(400, 'query parameters');
  const { department, limit, offset } = query.data;
  const rows = [...store.people.values()].filter(
    (person) =>
      isVisible(person, request.tenantId) &&
      (department === undefined || person.department === department),
  );
  return { status: 200, body: rows.slice(offset, offset + limit) };
}

function update(person: Person, body: unknown): HrisAnswer {
  const change = employeeUpdate.safeParse(body);
  if (!change.success) return problem(400, 'request body');
  const { jobTitle, department, homeAddress } = change.data;
  if (jobTitle !== undefined) person.jobTitle = jobTitle;
  if (department !== undefined) person.department = department;
  if (homeAddress !== undefined) person.homeAddress = homeAddress;
  return { status: 200, body: person };
}

function timeOffFor(store: HrisStore, person: Person): TimeOff[] {
  const known = store.timeOff.get(person.id);
  if (known !== undefined) return known;
  const entries = timeOffOf(person);
  store.timeOff.set(person.id, entries);
  return entries;
}

function addTimeOff(store: HrisStore, person: Person, body: unknown): HrisAnswer {
  const wanted = timeOffRequest.safeParse(body);
  if (!wanted.success) return problem(400, 'request body');
  const entries = timeOffFor(store, person);
  if (entries.length >= timeOffMax) return problem(409, 'too many entries');
  const id = `${person.id}-${entries.length + 1}`;
  const entry: TimeOff = { id, employeeId: person.id, ...wanted.data, status: 'requested' };
  entries.push(entry);
  return { status: 201, body: entry };
}

/**
 * Compiles a detection's conditions to a function of a finished record. Cheap conditions come
 * first, since most records match no detection. Pure.
 */
import { type Denial, type Reason, reasons } from '../decision.ts';
import { SecondLockRefusal } from '../errors.ts';
import { exhaustedRates } from '../exhausted-rates.ts';
import type { Delivered } from '../plan/tally.ts';
import type { RequestRecord, UpstreamCall } from '../request.ts';
import type { Match, Outcome } from './detection.ts';

export type Matches = (record: RequestRecord) => boolean;

const isHeldBack = new SecondLockRefusal().message;

/** All conditions must hold. */
export function compileMatch(match: Match): Matches {
  const { reasons: refused, outcomes, statuses, operations, rates, secondLock } = match;
  const { clients, issuers, countries, networks, upstreams } = match;
  const parts: Matches[] = [];
  const add = (isAsked: unknown, part: Matches): void => {
    if (isAsked !== undefined) parts.push(part);
  };
  add(refused, ({ refusal }) => refusal !== undefined && has(refused, refusal.reason));
  add(secondLock, ({ faults }) => faults.some((fault) => fault.includes(isHeldBack)));
  add(statuses, ({ status }) => has(statuses, status) || has(statuses, Math.floor(status / 100)));
  add(outcomes, (record) => has(outcomes, outcomeOf(record)));
  add(operations, ({ operation }) => operation !== undefined && has(operations, operation.type));
  add(clients, ({ caller }) => caller?.client !== undefined && has(clients, caller.client));
  add(issuers, ({ caller }) => caller?.issuer !== undefined && has(issuers, caller.issuer));
  add(countries, ({ country }) => country !== undefined && has(countries, country));
  add(networks, (record) => record.networks.some((name) => has(networks, name)));
  add(rates, (record) => exhaustedRates(record).some((rate) => has(rates, rate)));
  add(upstreams, ({ upstreamCalls }) => upstreamCalls.some((call) => hasFailed(call, upstreams)));
  if (asksForDenied(match))
    parts.push(({ denials }) => denials.some((one) => isDenied(one, match)));
  if (asksForDelivered(match)) {
    parts.push(({ delivered }) => delivered.some((one) => isDelivered(one, match)));
  }
  return (record) => {
    for (const part of parts) if (!part(record)) return false;
    return true;
  };
}

const has = <T>(set: ReadonlySet<T> | undefined, one: T): boolean => set?.has(one) === true;

export const asksForDenied = ({ denied, deniedClasses }: Match): boolean =>
  denied !== undefined || deniedClasses !== undefined;

export const asksForDelivered = ({ classes, coordinates }: Match): boolean =>
  classes !== undefined || coordinates !== undefined;

/**
 * Whether a denial matches; step-up denials do not, since asking for a new sign-in is no probing.
 */
export const isDenied = (denial: Denial, { denied, deniedClasses }: Match): boolean =>
  denial.stepUp !== true &&
  (denied === undefined || denied.has(denial.coordinate)) &&
  (deniedClasses === undefined || denial.classes.some((name) => deniedClasses.has(name)));

/** Whether unmasked values of a coordinate were sent, and it matches. */
export const isDelivered = (
  {
    coordinate,
    classes,
    count,
    masked,
  }: Pick<Delivered, 'coordinate' | 'classes' | 'count' | 'masked'>,
  match: Match,
): boolean =>
  count > masked &&
  (match.coordinates === undefined || match.coordinates.has(coordinate)) &&
  (match.classes === undefined || classes.some((name) => has(match.classes, name)));

const hasFailed = ({ upstream, failure }: UpstreamCall, asked: Match['upstreams']): boolean =>
  failure !== undefined && has(asked, upstream);

const ourFaults: ReadonlySet<Reason> = new Set(['gateway/internal', 'watch/audit-unavailable']);

function outcomeOf({ aborted, refusal, faults }: RequestRecord): Outcome {
  if (aborted || refusal?.reason === 'gateway/closed-by-caller') return 'abandoned';
  if (faults.length > 0 || (refusal !== undefined && ourFaults.has(refusal.reason)))
    return 'failed';
  return refusal === undefined ? 'answered' : 'refused';
}

/** Refusal reasons that a record must have to match; undefined if it need not be refused. */
export function reasonsOf({ reasons: asked, rates }: Match): ReadonlySet<Reason> | undefined {
  if (asked !== undefined) return asked;
  return rates === undefined ? undefined : new Set<Reason>(['rates/limited']);
}

/** The reasons that an entry stands for: itself, or all of a room for `room/*`. */
export const reasonsLike = (written: string): readonly Reason[] =>
  written.endsWith('/*')
    ? reasons.filter((reason) => reason.startsWith(written.slice(0, -1)))
    : reasons.filter((reason) => reason === written);

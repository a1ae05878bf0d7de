/**
 * Finds the smallest callers that meet a condition, as sets of token content: `any` and lists of
 * alternatives are split, `all` is joined. Place, time and sign-in age are not part of a token and
 * are kept aside.
 */
import { type Condition, isPerUse } from '../../conditions/condition.ts';
import { compileCriterion } from '../../conditions/criterion.ts';
import type { IdentityConfig } from '../../config.ts';
import type { PinnedClaim } from '../../plan/pinned.ts';
import type { Caller } from '../../request.ts';
import { readCaseCaller } from '../read-caller.ts';

type ClaimValue = string | number | boolean;

/** What a caller has; empty for an authenticated caller with nothing. */
export interface CallerSet {
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly claims: Readonly<Record<string, readonly ClaimValue[]>>;
  /** A real caller has at most one. */
  readonly clients: readonly string[];
  /**
   * Conditions on place, time, sign-in age and objects that must hold too; each makes the set
   * larger.
   */
  readonly there: readonly string[];
}

export const emptySet: CallerSet = {
  scopes: [],
  roles: [],
  claims: {},
  clients: [],
  there: [],
};

/** Most sets returned for one condition, and most considered in between. */
const setsMax = 64;
const triedMax = 1_000;

/** The sets in the order of writing, without duplicates; `cut` if there may be more. */
export function toSets(condition: Condition): { sets: readonly CallerSet[]; cut: boolean } {
  const splitter = new Splitter();
  const sets = splitter.least(splitter.split(condition));
  return { sets, cut: splitter.cut };
}

/** Trims at each step, because combinations of long lists grow without bound. */
class Splitter {
  cut = false;

  split(condition: Condition): readonly CallerSet[] {
    switch (condition.kind) {
      case 'scopes':
        return [toSet({ scopes: condition.scopes })];
      case 'roles':
        return condition.roles.map((role) => toSet({ roles: [role] }));
      case 'claims':
        return condition.values.map((value) => toSet({ claims: { [condition.claim]: [value] } }));
      case 'clients':
        return condition.clients.map((client) => toSet({ clients: [client] }));
      case 'network':
      case 'regions':
      case 'hours':
      case 'when':
        return [toSet({ there: [JSON.stringify(condition)] })];
      case 'auth': {
        const { acr, maxAgeS } = condition.signIn;
        const there = maxAgeS === undefined ? [] : [`signed in ${maxAgeS}`];
        if (acr === undefined) return [toSet({ there })];
        return acr.map((value) => toSet({ claims: { acr: [value] }, there }));
      }
      case 'pinned': {
        const { claim } = condition.pinned;
        return [toSet({ claims: { [claim.join('.')]: [sampleOf(condition.pinned)] } })];
      }
      case 'any':
        return this.least(condition.of.flatMap((part) => this.split(part)));
      case 'all':
        return condition.of.reduce<readonly CallerSet[]>(
          (joined, part) => {
            const others = this.least(this.split(part));
            return this.least(joined.flatMap((one) => others.map((other) => joinSets(one, other))));
          },
          [emptySet],
        );
      default:
        return [emptySet];
    }
  }

  least(sets: readonly CallerSet[]): readonly CallerSet[] {
    const tried = sets.slice(0, triedMax);
    const least = smallest(tried);
    this.cut ||= tried.length < sets.length || least.length > setsMax;
    return least.slice(0, setsMax);
  }
}

/** Any value meets the condition, so one stands for all. */
function sampleOf({ of }: PinnedClaim): ClaimValue {
  if (typeof of !== 'string') return of[0] ?? anyValue;
  if (of === 'Boolean') return true;
  return of === 'Int' || of === 'Float' ? 1 : anyValue;
}

const anyValue = 'any value';

/** Drops the sample if a specific value is asked for too. */
const withoutSample = (values: readonly ClaimValue[]): readonly ClaimValue[] =>
  values.length > 1 ? values.filter((value) => value !== anyValue) : values;

const sorted = <T>(values: Iterable<T>): T[] => [...new Set(values)].sort();

function toSet(some: Partial<CallerSet>): CallerSet {
  const { scopes = [], roles = [], claims = {}, clients = [], there = [] } = some;
  return {
    scopes: sorted(scopes),
    roles: sorted(roles),
    claims,
    clients: sorted(clients),
    there: sorted(there),
  };
}

/** The union of two sets. */
export function joinSets(one: CallerSet, other: CallerSet): CallerSet {
  const names = sorted([...Object.keys(one.claims), ...Object.keys(other.claims)]);
  const valuesOf = ({ claims }: CallerSet, name: string) =>
    Object.hasOwn(claims, name) ? (claims[name] ?? []) : [];
  return toSet({
    scopes: [...one.scopes, ...other.scopes],
    roles: [...one.roles, ...other.roles],
    claims: Object.fromEntries(
      names.map((name) => {
        const values = sorted([...valuesOf(one, name), ...valuesOf(other, name)]);
        return [name, withoutSample(values)];
      }),
    ),
    clients: [...one.clients, ...other.clients],
    there: [...one.there, ...other.there],
  });
}

/** Equal for equal callers, regardless of `there`. */
export const keyOfSet = (set: CallerSet): string => JSON.stringify(partsOf(set));

const partsOf = ({ scopes, roles, claims, clients }: CallerSet): string[] => [
  ...scopes.map((scope) => `scope ${scope}`),
  ...roles.map((role) => `role ${role}`),
  ...Object.keys(claims)
    .sort()
    .flatMap((name) => (claims[name] ?? []).map((value) => JSON.stringify([name, value]))),
  ...clients.map((client) => `client ${client}`),
];

/** Removes supersets of other sets; keeps the order. */
function smallest(sets: readonly CallerSet[]): CallerSet[] {
  const toEntry = (set: CallerSet) => {
    const parts = [...partsOf(set), ...set.there];
    return [JSON.stringify(parts), { set, parts: new Set(parts) }] as const;
  };
  const unique = new Map(sets.map(toEntry));
  const all = [...unique.values()];
  return all
    .filter(({ parts }) => !all.some((other) => isLess(other.parts, parts)))
    .map(({ set }) => set);
}

const isLess = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size < other.size && [...one].every((part) => other.has(part));

/** The short form that `--as` reads; undefined if it needs two clients at once. */
export function toCase({ scopes, roles, claims, clients }: CallerSet) {
  const [client, another] = clients;
  if (another !== undefined) return undefined;
  const said = Object.entries(claims).map(([name, values]): [string, unknown] => [
    name,
    values.length === 1 ? values[0] : values,
  ]);
  return {
    scopes,
    ...(roles.length > 0 && { roles }),
    ...(said.length > 0 && { claims: Object.fromEntries(said) }),
    ...(client !== undefined && { client }),
  };
}

/** A caller with exactly this set; undefined if impossible, or if `condition` would refuse it. */
export function toCallerOf(
  set: CallerSet,
  condition: Condition,
  identity: IdentityConfig,
): Caller | undefined {
  const said = toCase(set);
  const caller = said && readCaseCaller(said, identity);
  return caller && compileCriterion(anywhere(condition))(caller) ? caller : undefined;
}

/** The condition, assuming the right place, time, arguments and objects. */
function anywhere(condition: Condition): Condition {
  switch (condition.kind) {
    case 'network':
    case 'regions':
    case 'hours':
      return { kind: 'everyone' };
    case 'auth': {
      const { acr } = condition.signIn;
      if (acr === undefined) return { kind: 'authenticated' };
      return { kind: 'auth', signIn: { acr, maxAgeS: undefined } };
    }
    case 'when':
      // An expression on the caller alone stays: a made-up caller may fail it.
      return isPerUse(condition) ? { kind: 'everyone' } : condition;
    case 'any':
    case 'all':
      return { kind: condition.kind, of: condition.of.map(anywhere) };
    default:
      return condition;
  }
}

/** For example `scopes a b, role x, claims.team hr`. */
export function toSetText({ scopes, roles, claims, clients }: CallerSet): string {
  const many = (word: string, values: readonly string[]) =>
    values.length === 0
      ? []
      : [`${word}${values.length > 1 ? 's' : ''} ${values.map(quote).join(' ')}`];
  const parts = [
    ...many('scope', scopes),
    ...many('role', roles),
    ...Object.entries(claims).map(
      ([name, values]) => `claims.${name} ${values.map(quote).join(' and ')}`,
    ),
    ...many('client', clients),
  ];
  return parts.length === 0 ? 'known, with nothing' : parts.join(', ');
}

/** Quotes texts that could be read as a number, or as several values. */
function quote(value: ClaimValue): string {
  const isPlain =
    typeof value !== 'string' || !/[\s,"]|^$|^(?:true|false|-?\d[\d.e+-]*)$/i.test(value);
  return isPlain ? String(value) : JSON.stringify(value);
}

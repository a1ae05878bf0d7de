/**
 * Reads the conditions of access rules from plain data, at start.
 *
 * Fails closed: an empty condition is refused, since it would hold for everyone, and so is any
 * unknown key. There is no `not`: a negated check that throws would allow.
 */
import type { z } from 'zod';
import { isCountryCode } from '../addresses/region-code.ts';
import type { Path, ProblemCode } from '../files/config-error.ts';
import { didYouMean } from '../files/nearest.ts';
import { complain } from '../files/yaml-complaint.ts';
import { isJsonObject } from '../json-value.ts';
import { type Condition, isPerUse } from './condition.ts';
import { withPaths } from './condition-places.ts';
import { parseHours } from './criteria/hours.ts';
import { parseSignIn } from './criteria/sign-in.ts';
import { readExpression } from './when/expression.ts';

type Context = { issues: z.core.$ZodRawIssue[] };

/** Deeper nesting is a mistake; every input is bounded. */
const depthMax = 16;
const entriesMax = 1_000;

const readers = {
  scopes: readScopes,
  roles: readRoles,
  claims: readClaims,
  clients: readClients,
  network: readNetwork,
  regions: readRegions,
  hours: readHours,
  auth: readAuth,
  when: readWhen,
  any: readAny,
  all: readAll,
};
type Word = keyof typeof readers;
const isWord = (key: string): key is Word => Object.hasOwn(readers, key);

/** The condition written at `path`; undefined if refused, with the issue in `context`. */
export function readCondition(
  value: unknown,
  context: Context,
  path: Path = [],
  depth = 0,
): Condition | undefined {
  const refuse = (code: ProblemCode, message: string): undefined =>
    complain(context, { code, message, path }) as undefined;
  if (value === 'everyone' || value === 'authenticated') return { kind: value };
  const wants =
    '`everyone`, `authenticated`, or a map of scopes, roles, claims, clients, network, regions, hours, auth, when, any or all';
  if (!isJsonObject(value)) {
    const hint = typeof value === 'string' ? didYouMean(value, ['everyone', 'authenticated']) : '';
    return refuse('wrong-type', `a condition must be ${wants}${hint}`);
  }
  if (depth >= depthMax) return refuse('too-deep', `conditions nest at most ${depthMax} deep`);
  const keys = Object.keys(value);
  if (keys.length === 0)
    return refuse('empty-condition', `an empty condition is refused: ${wants}`);
  const parts: (Condition | undefined)[] = [];
  for (const key of keys) {
    const at = [...path, key];
    if (isWord(key)) parts.push(readers[key](value[key], context, at, depth + 1));
    else parts.push(refuseWord(key, context, at));
  }
  return join('all', parts);
}

/** The same for uses in which only caller, place and time are known. */
export function readCallerCondition(value: unknown, context: Context): Condition | undefined {
  const condition = readCondition(value, context);
  if (condition === undefined || !isPerUse(condition)) return condition;
  const message = 'looks at claims and client alone here: no args, object or parent';
  return complain(context, { code: 'not-supported', message }) as undefined;
}

/** A single part is returned as it is; if one part was refused, so is the whole. */
function join(kind: 'all', parts: readonly (Condition | undefined)[]): Condition | undefined {
  const of = parts.filter((part) => part !== undefined);
  if (of.length < parts.length || of.length === 0) return undefined;
  return of.length === 1 ? of[0] : { kind, of };
}

function refuseWord(key: string, context: Context, path: Path): undefined {
  if (key === 'not') {
    const message = 'there is no `not`: say who may, or use `forbid: true`';
    complain(context, { code: 'negation', message, path, part: 'key' });
  } else {
    const message = `unknown condition "${key}"${didYouMean(key, Object.keys(readers))}`;
    complain(context, { code: 'unknown-key', message, path, part: 'key' });
  }
}

function readScopes(value: unknown, context: Context, path: Path): Condition | undefined {
  // scope-token of RFC 6749, section 3.3
  const isScope = (one: unknown) => typeof one === 'string' && /^[!#-[\]-~]+$/.test(one);
  const what = 'a scope: printable ASCII without spaces, " and \\';
  const scopes = readList<string>(value, isScope, { context, path, what });
  return scopes && { kind: 'scopes', scopes };
}

function readRoles(value: unknown, context: Context, path: Path): Condition | undefined {
  const isRole = (one: unknown) => typeof one === 'string' && /^[^\p{Cc}]{1,256}$/u.test(one);
  const what = 'a role: text of 1 to 256 characters';
  const roles = readList<string>(value, isRole, { context, path, what });
  return roles && { kind: 'roles', roles };
}

function readClaims(value: unknown, context: Context, path: Path): Condition | undefined {
  if (!isJsonObject(value)) {
    const message = 'must be a map of claims, each with a list of values';
    return complain(context, { code: 'wrong-type', message, path }) as undefined;
  }
  const claims = Object.keys(value);
  if (claims.length === 0) {
    const message = 'name at least one claim: an empty condition is refused';
    return complain(context, { code: 'empty-condition', message, path }) as undefined;
  }
  const isValue = (one: unknown) => ['string', 'number', 'boolean'].includes(typeof one);
  const what = 'text, a number, true or false';
  const parts = claims.map((claim): Condition | undefined => {
    const at = [...path, claim];
    if (claim === '') {
      const message = 'a claim has a name';
      return complain(context, { code: 'wrong-name', message, path: at, part: 'key' }) as undefined;
    }
    const options = { context, path: at, what };
    const values = readList<string | number | boolean>(value[claim], isValue, options);
    return values && { kind: 'claims', claim, values };
  });
  return join('all', parts);
}

function readClients(value: unknown, context: Context, path: Path): Condition | undefined {
  const isClient = (one: unknown) => typeof one === 'string' && /^[^\p{Cc}]{1,256}$/u.test(one);
  const what = 'a client: text of 1 to 256 characters';
  const clients = readList<string>(value, isClient, { context, path, what });
  return clients && { kind: 'clients', clients };
}

/** One list's name, or several. The network policies check that they exist. */
function readNetwork(value: unknown, context: Context, path: Path): Condition | undefined {
  const isName = (one: unknown) => typeof one === 'string' && /^[A-Za-z0-9][\w.-]{0,99}$/.test(one);
  const list = typeof value === 'string' ? [value] : value;
  const lists = readList<string>(list, isName, { context, path, what: "a list's name" });
  if (lists === undefined) return undefined;
  const paths = value === list ? lists.map((_, index) => [...path, index]) : [path];
  return withPaths({ kind: 'network', lists }, paths);
}

function readRegions(value: unknown, context: Context, path: Path): Condition | undefined {
  const isCountry = (one: unknown) => typeof one === 'string' && isCountryCode(one);
  const what = 'a country: two capital letters (ISO 3166)';
  const regions = readList<string>(value, isCountry, { context, path, what });
  return regions && withPaths({ kind: 'regions', regions }, [path]);
}

function readHours(value: unknown, context: Context, path: Path): Condition | undefined {
  const hours = parseHours(value, context, path);
  return hours && { kind: 'hours', hours };
}

function readAuth(value: unknown, context: Context, path: Path): Condition | undefined {
  const signIn = parseSignIn(value, context, path);
  return signIn && { kind: 'auth', signIn };
}

/** Longer expressions are a mistake; every input is bounded. */
const expressionLengthMax = 2_000;

function readWhen(value: unknown, context: Context, path: Path): Condition | undefined {
  const refuse = (code: ProblemCode, message: string): undefined =>
    complain(context, { code, message, path }) as undefined;
  const wanted = 'must be a CEL expression, such as object.id == claims.employee_id';
  if (typeof value !== 'string') return refuse('wrong-type', wanted);
  if (value.length > expressionLengthMax) {
    return refuse('out-of-range', `at most ${expressionLengthMax} characters`);
  }
  const expression = readExpression(value, path);
  if (!('message' in expression)) return { kind: 'when', expression };
  return refuse('wrong-value', `${expression.message} (character ${expression.offset + 1})`);
}

function readAny(value: unknown, context: Context, path: Path, depth: number) {
  return readBranches('any', value, { context, path, depth });
}

function readAll(value: unknown, context: Context, path: Path, depth: number) {
  return readBranches('all', value, { context, path, depth });
}

function readBranches(
  kind: 'any' | 'all',
  value: unknown,
  { context, path, depth }: { context: Context; path: Path; depth: number },
): Condition | undefined {
  const branches = readList<unknown>(value, () => true, { context, path, what: 'a condition' });
  const of = branches
    ?.map((branch, index) => readCondition(branch, context, [...path, index], depth))
    .filter((branch) => branch !== undefined);
  return of === undefined || of.length < (branches?.length ?? 0) ? undefined : { kind, of };
}

/** A list with at least one entry, all of which satisfy `fits`. */
function readList<T>(
  value: unknown,
  fits: (entry: unknown) => boolean,
  { context, path, what }: { context: Context; path: Path; what: string },
): readonly T[] | undefined {
  const refuse = (code: ProblemCode, message: string, at: Path = path): undefined =>
    complain(context, { code, message, path: at }) as undefined;
  if (!Array.isArray(value)) return refuse('wrong-type', `must be a list; each entry ${what}`);
  if (value.length === 0) {
    return refuse('empty-condition', `an empty list is refused; each entry must be ${what}`);
  }
  if (value.length > entriesMax) return refuse('out-of-range', `at most ${entriesMax} entries`);
  const wrong = [...value.keys()].filter((index) => !fits(value[index]));
  for (const index of wrong) refuse('wrong-format', `must be ${what}`, [...path, index]);
  return wrong.length === 0 ? (value as readonly T[]) : undefined;
}

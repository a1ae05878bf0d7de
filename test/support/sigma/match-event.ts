/**
 * Whether an event matches the detection of a Sigma rule: maps (all items), lists of maps (any),
 * lists of values (any), the modifiers below, and conditions of `and`, `or`, `not`, parentheses,
 * `1 of` and `all of`. Anything else throws: a rule must not pass a test by what nobody evaluated.
 */
import type { AuditEvent } from '../audit-rows.ts';

export const modifiers = [
  'contains',
  'startswith',
  'endswith',
  'exists',
  'gt',
  'gte',
  'lt',
  'lte',
] as const;

type Scalar = string | number | boolean;
type Items = Readonly<Record<string, Scalar | readonly Scalar[]>>;
type Selection = Items | readonly Items[];
export interface Detection {
  readonly condition: string;
  readonly [name: string]: string | Selection;
}

/** What an event has at a path of names, through lists: any number of values. */
export function valuesAt(event: AuditEvent, path: string): unknown[] {
  let found: unknown[] = [event];
  for (const name of path.split('.')) {
    found = found.flat(Number.POSITIVE_INFINITY).flatMap((one) => {
      const isMap = typeof one === 'object' && one !== null && Object.hasOwn(one, name);
      return isMap ? [(one as Record<string, unknown>)[name]] : [];
    });
  }
  return found.flat(Number.POSITIVE_INFINITY).filter((one) => one !== undefined && one !== null);
}

type Compare = (found: unknown, wanted: Scalar) => boolean;

const texts =
  (compare: (found: string, wanted: string) => boolean): Compare =>
  (found, wanted) => {
    if (typeof wanted !== 'string') throw new Error(`no text: ${wanted}`);
    if (/[*?\\]/.test(wanted)) throw new Error(`wildcards are not evaluated: ${wanted}`);
    return typeof found === 'string' && compare(found.toLowerCase(), wanted.toLowerCase());
  };

const numbers =
  (compare: (found: number, wanted: number) => boolean): Compare =>
  (found, wanted) => {
    if (typeof wanted !== 'number') throw new Error(`no number: ${wanted}`);
    return typeof found === 'number' && compare(found, wanted);
  };

const sameText = texts((found, wanted) => found === wanted);
const same: Compare = (found, wanted) =>
  typeof wanted === 'string' ? sameText(found, wanted) : found === wanted;

const compares: Readonly<Record<Exclude<(typeof modifiers)[number], 'exists'>, Compare>> = {
  contains: texts((found, wanted) => found.includes(wanted)),
  startswith: texts((found, wanted) => found.startsWith(wanted)),
  endswith: texts((found, wanted) => found.endsWith(wanted)),
  gt: numbers((found, wanted) => found > wanted),
  gte: numbers((found, wanted) => found >= wanted),
  lt: numbers((found, wanted) => found < wanted),
  lte: numbers((found, wanted) => found <= wanted),
};

function matchesItem(event: AuditEvent, key: string, wanted: Items[string]): boolean {
  const [path = '', modifier, ...more] = key.split('|');
  if (more.length > 0) throw new Error(`several modifiers are not evaluated: ${key}`);
  const found = valuesAt(event, path);
  if (modifier === 'exists') {
    if (typeof wanted !== 'boolean') throw new Error(`exists takes true or false: ${key}`);
    return found.length > 0 === wanted;
  }
  const compare =
    modifier === undefined
      ? same
      : Object.hasOwn(compares, modifier) && compares[modifier as keyof typeof compares];
  if (!compare) throw new Error(`this modifier is not evaluated: ${key}`);
  return [wanted].flat().some((one) => found.some((value) => compare(value, one)));
}

const matchesMap = (event: AuditEvent, items: Items): boolean =>
  Object.entries(items).every(([key, wanted]) => matchesItem(event, key, wanted));

const matchesSelection = (event: AuditEvent, selection: Selection): boolean =>
  Array.isArray(selection)
    ? selection.some((items) => matchesMap(event, items))
    : matchesMap(event, selection as Items);

/** Evaluates everything, so that nothing that throws is passed over. */
export function matchesEvent(event: AuditEvent, { condition, ...selections }: Detection): boolean {
  const results = new Map(
    Object.entries(selections).map(([name, selection]) => {
      if (typeof selection === 'string') throw new Error(`no selection: ${name}`);
      return [name, matchesSelection(event, selection)];
    }),
  );
  return evaluate(condition, results);
}

/** A condition over the results of selections; throws where it is not wholly understood. */
export function evaluate(condition: string, results: ReadonlyMap<string, boolean>): boolean {
  const tokens = condition.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const take = (): string => {
    const token = tokens[at];
    if (token === undefined) throw new Error(`the condition ends early: ${condition}`);
    at += 1;
    return token;
  };
  const goesOn = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };

  function any(): boolean {
    let result = all();
    while (goesOn('or')) result = all() || result;
    return result;
  }
  function all(): boolean {
    let result = one();
    while (goesOn('and')) result = one() && result;
    return result;
  }
  function one(): boolean {
    const token = take();
    if (token === 'not') return !one();
    if (token === '(') {
      const result = any();
      if (take() !== ')') throw new Error(`a parenthesis is open: ${condition}`);
      return result;
    }
    if ((token === '1' || token === 'all') && goesOn('of')) {
      const named = several(take());
      return token === '1' ? named.some(Boolean) : named.every(Boolean);
    }
    const result = results.get(token);
    if (result === undefined) throw new Error(`no selection ${token}: ${condition}`);
    return result;
  }
  function several(pattern: string): boolean[] {
    const isAll = pattern === 'them';
    if (!isAll && !/^\w+\*$/.test(pattern)) throw new Error(`no pattern ${pattern}: ${condition}`);
    const found = [...results]
      .filter(([name]) => isAll || name.startsWith(pattern.slice(0, -1)))
      .map(([, result]) => result);
    if (found.length === 0) throw new Error(`nothing is named ${pattern}: ${condition}`);
    return found;
  }

  const result = any();
  if (at < tokens.length) throw new Error(`not understood from ${tokens[at]}: ${condition}`);
  return result;
}

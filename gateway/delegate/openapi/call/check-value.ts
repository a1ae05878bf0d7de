/**
 * Checks a value before it is sent against the document's schema: types, enums, bounds, lengths,
 * patterns, formats, lists, objects and alternatives. Refuses values that would take too long to
 * check.
 *
 * Problems are named by keyword and path, never by value.
 */
import { isJsonObject } from '../../../json-value.ts';
import { isConstraintOnly } from '../document/read-alternatives.ts';
import {
  hasDefault,
  isReadOnly,
  isSchema,
  isWriteOnly,
  type JsonSchema,
  type SchemaLike,
} from '../document/schema-shape.ts';
import { checkNumber, checkText, isOutside } from './check-leaf.ts';
import type { PatternWork } from './run-pattern.ts';
import { hasSameJson, isSameJson } from './same-json.ts';
import { plainTestOf, rulesOf, type SchemaRules } from './schema-rules.ts';
import { isDescribed, type Together } from './schemas-together.ts';

const stepsMax = 100_000;
/** Budget for all strings of a value together; some milliseconds. */
const patternWorkMax = 200_000;
const tooMuch = 'more than can be checked';

interface Check {
  steps: number;
  readonly patterns: PatternWork;
  together: Together | undefined;
  /** For an answer only types matter, to tell alternatives apart; bounds do not. */
  readonly isAnswer: boolean;
}
type Found = string | undefined;

/** The problem with the value, as `keyword at /path`; undefined if it fits. */
export function checkValue(schema: SchemaLike, value: unknown): Found {
  return checkWithin(schema, value, startCheck(false));
}

/** Compiles `checkValue` for one schema. Most parameters have just a type, and need no walk. */
export function compileCheck(schema: SchemaLike): (value: unknown) => Found {
  const fits = isSchema(schema) ? plainTestOf(schema) : undefined;
  if (fits === undefined) return (value) => checkValue(schema, value);
  return (value) => (fits(value) ? undefined : checkValue(schema, value));
}

/** Whether a value of an answer matches the schema: types, enums and required properties. */
export function isOfSchema(schema: SchemaLike, value: unknown): boolean {
  return checkWithin(schema, value, startCheck(true)) === undefined;
}

const startCheck = (isAnswer: boolean): Check => ({
  steps: 0,
  patterns: { left: patternWorkMax },
  together: undefined,
  isAnswer,
});

const isTooMuch = ({ steps, patterns }: Check): boolean => steps > stepsMax || patterns.left < 0;

function checkWithin(schema: SchemaLike, value: unknown, check: Check): Found {
  const found = checkAny(schema, value, check);
  // Also if an alternative was given up, because it is unknown whether that fits.
  return isTooMuch(check) ? tooMuch : found;
}

function checkAny(schema: SchemaLike, value: unknown, check: Check): Found {
  check.steps += 1;
  if (isTooMuch(check)) return tooMuch;
  if (schema === false) return 'nothing is permitted';
  if (!isSchema(schema)) return undefined;
  const rules = rulesOf(schema);
  if (value === null && rules.permitsNull) return undefined;
  if (!isOfTypes(rules, value)) return 'type';
  if (rules.values !== undefined && !hasSameJson(rules.values, value)) {
    return Array.isArray(schema.enum) ? 'enum' : 'const';
  }
  if (isJsonObject(value)) return checkTogether(schema, value, check);
  return checkLeafOrList(schema, value, check) ?? checkParts(schema, value, check);
}

function isOfTypes({ types }: SchemaRules, value: unknown): boolean {
  if (types === undefined) return true;
  for (const isOfType of types) if (isOfType(value)) return true;
  return false;
}

function checkLeafOrList(schema: JsonSchema, value: unknown, check: Check): Found {
  if (Array.isArray(value)) return checkList(schema, value, check);
  if (check.isAnswer) return undefined;
  if (typeof value === 'number') return checkNumber(schema, value);
  return typeof value === 'string' ? checkText(schema, value, check.patterns) : undefined;
}

function checkList(schema: JsonSchema, value: readonly unknown[], check: Check): Found {
  if (!check.isAnswer) {
    if (isOutside(value.length, schema.minItems, schema.maxItems)) return 'number of items';
    if (schema.uniqueItems === true && !isUnique(value, check)) return 'uniqueItems';
    const permitted = rulesOf(schema).items;
    if (permitted !== undefined && !value.every((item) => hasSameJson(permitted, item))) {
      return 'enum';
    }
  }
  for (const [index, item] of value.entries()) {
    const found = checkAny(schema.items, item, check);
    if (found !== undefined) return at(found, String(index));
  }
  return undefined;
}

function isUnique(value: readonly unknown[], check: Check): boolean {
  const plain = value.filter((each) => typeof each !== 'object' || each === null);
  if (plain.length === value.length) return new Set(value).size === value.length;
  check.steps += (value.length * value.length) / 2;
  if (check.steps > stepsMax) return false;
  return value.every((one, n) => !value.slice(n + 1).some((other) => isSameJson(one, other)));
}

type Properties = Readonly<Record<string, unknown>>;

/** Checks an object, whose required properties may be described by a schema around this one. */
function checkTogether(schema: JsonSchema, value: Properties, check: Check): Found {
  const around = check.together;
  check.together = { schema, value, around };
  const found = checkObject(schema, value, check) ?? checkParts(schema, value, check);
  check.together = around;
  return found;
}

function checkObject(schema: JsonSchema, value: Properties, check: Check): Found {
  const names = Object.keys(value);
  if (!check.isAnswer && isOutside(names.length, schema.minProperties, schema.maxProperties)) {
    return 'number of properties';
  }
  const rules = rulesOf(schema);
  const missing = missingOf(rules, value, check);
  if (missing !== undefined) return `required ${missing}`;
  for (const name of names) {
    const found = checkProperty(rules, name, value[name], check);
    if (found !== undefined) return found;
  }
  return undefined;
}

function missingOf({ required }: SchemaRules, value: Properties, check: Check): Found {
  const isExempt = check.isAnswer ? isWriteOnly : isLeftToService;
  for (const name of required) {
    if (Object.hasOwn(value, name)) continue;
    if (!isDescribed(name, { value, within: check.together, as: isExempt })) return name;
  }
  return undefined;
}

/** What only the service writes, or fills in if it is not given, is not required of the caller. */
function isLeftToService(property: SchemaLike): boolean {
  return isReadOnly(property) || hasDefault(property);
}

function checkProperty(rules: SchemaRules, name: string, value: unknown, check: Check): Found {
  if (rules.properties.has(name)) {
    const found = checkAny(rules.properties.get(name), value, check);
    return found && at(found, name);
  }
  if (rules.rest === false) return 'a property that is not permitted';
  const found = checkAny(rules.rest, value, check);
  return found && at(found, '*');
}

/** Checks by what the schema itself describes, whatever is around it. */
function checkApart(schema: SchemaLike, value: unknown, check: Check): Found {
  const around = check.together;
  check.together = undefined;
  const found = checkAny(schema, value, check);
  check.together = around;
  return found;
}

function checkParts(schema: JsonSchema, value: unknown, check: Check): Found {
  const { allOf, anyOf, oneOf } = rulesOf(schema);
  for (const part of allOf) {
    const found = checkAny(part, value, check);
    if (found !== undefined) return found;
  }
  if (anyOf.length > 0 && countFitting(anyOf, value, check, 1) < 1) return 'anyOf';
  if (oneOf.length > 0) {
    const fitting = countFitting(oneOf, value, check, oneOf.length);
    if (fitting < 1 || fitting > fittingMax(schema, check)) return 'oneOf';
  }
  const isUnwanted = schema.not !== undefined && checkApart(schema.not, value, check) === undefined;
  return isUnwanted ? 'not' : undefined;
}

/** How many alternatives fit; stops at `enough`. */
function countFitting(
  parts: readonly SchemaLike[],
  value: unknown,
  check: Check,
  enough: number,
): number {
  let fitting = 0;
  for (const part of parts) {
    // Alternatives of what must be given are told apart by it: what is read-only is not given.
    const isApart = isConstraintOnly(part);
    const found = isApart ? checkApart(part, value, check) : checkAny(part, value, check);
    if (found === undefined) fitting += 1;
    if (fitting >= enough) break;
  }
  return fitting;
}

/**
 * Published alternatives overlap: a periodic payment is a payment too. A caller who writes one
 * names it, or the service tells them apart; in an answer, only a discriminator does.
 */
function fittingMax(schema: JsonSchema, { isAnswer }: Check): number {
  const isExclusive = isAnswer || rulesOf(schema).isOneOfConstraints;
  return isExclusive && schema.discriminator === undefined ? 1 : Number.POSITIVE_INFINITY;
}

function at(found: string, step: string): string {
  const [what, where = ''] = found.split(' at ', 2);
  return `${what} at /${step}${where}`;
}

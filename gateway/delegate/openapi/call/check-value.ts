/**
 * Checks a value before it is sent against the document's schema: types, enums, bounds, lengths,
 * patterns, formats, lists, objects and alternatives. Refuses values that would take too long to
 * check.
 *
 * Problems are named by keyword and path, never by value.
 */
import { isJsonObject } from '../../../json-value.ts';
import { permittedItems, permittedValues } from '../document/permitted-values.ts';
import { isConstraintOnly } from '../document/read-alternatives.ts';
import {
  isReadOnly,
  isSchema,
  isWriteOnly,
  type JsonSchema,
  partsOf,
  permitsNull,
  propertiesOf,
  requiredOf,
  type SchemaLike,
  typesOf,
} from '../document/schema-shape.ts';
import { checkNumber, checkText, isOutside } from './check-leaf.ts';
import type { PatternWork } from './run-pattern.ts';
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
  const fits = isSchema(schema) ? plainTest(schema) : undefined;
  if (fits === undefined) return (value) => checkValue(schema, value);
  return (value) => (fits(value) ? undefined : checkValue(schema, value));
}

const plainTypes: ReadonlySet<unknown> = new Set(['string', 'boolean', 'number', 'integer']);
/** Keywords that constrain nothing, and `type`. */
const plainKeys: ReadonlySet<string> = new Set(['type', 'title', 'description', 'default']);

function plainTest(schema: JsonSchema): ((value: unknown) => boolean) | undefined {
  const { type } = schema;
  const isPlain = plainTypes.has(type) && Object.keys(schema).every((key) => plainKeys.has(key));
  return isPlain && typeof type === 'string' ? isOfType.get(type) : undefined;
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
  if (value === null && permitsNull(schema)) return undefined;
  return (
    checkType(schema, value) ?? checkValues(schema, value) ?? checkTogether(schema, value, check)
  );
}

function checkType(schema: JsonSchema, value: unknown): Found {
  const types = typesOf(schema);
  const tests = types.map((type) => isOfType.get(type));
  // A type that JSON Schema does not define constrains nothing.
  if (tests.length === 0 || tests.includes(undefined)) return undefined;
  return tests.some((test) => test?.(value) === true) ? undefined : 'type';
}

const isOfType = new Map<string, (value: unknown) => boolean>([
  ['null', (value) => value === null],
  ['string', (value) => typeof value === 'string'],
  ['boolean', (value) => typeof value === 'boolean'],
  ['number', Number.isFinite],
  ['integer', Number.isInteger],
  ['array', Array.isArray],
  ['object', isJsonObject],
]);

function checkValues(schema: JsonSchema, value: unknown): Found {
  const values = permittedValues(schema);
  if (values === undefined || values.some((each) => isSameJson(each, value))) return undefined;
  return Array.isArray(schema.enum) ? 'enum' : 'const';
}

function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, at) => isSameJson(each, other[at]));
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && isSameJson(one[key], other[key]));
}

function checkOfType(schema: JsonSchema, value: unknown, check: Check): Found {
  if (typeof value === 'number') return check.isAnswer ? undefined : checkNumber(schema, value);
  if (typeof value === 'string')
    return check.isAnswer ? undefined : checkText(schema, value, check.patterns);
  if (Array.isArray(value)) return checkList(schema, value, check);
  return isJsonObject(value) ? checkObject(schema, value, check) : undefined;
}

function checkList(schema: JsonSchema, value: readonly unknown[], check: Check): Found {
  if (!check.isAnswer) {
    if (isOutside(value.length, schema.minItems, schema.maxItems)) return 'number of items';
    if (schema.uniqueItems === true && !isUnique(value, check)) return 'uniqueItems';
    const permitted = permittedItems(schema);
    const isPermitted = (item: unknown) => permitted?.some((each) => isSameJson(each, item));
    if (permitted !== undefined && !value.every(isPermitted)) return 'enum';
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

function checkObject(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  check: Check,
): Found {
  const names = Object.keys(value);
  if (!check.isAnswer && isOutside(names.length, schema.minProperties, schema.maxProperties)) {
    return 'number of properties';
  }
  const properties = new Map(propertiesOf(schema));
  return (
    checkRequired(schema, { value, check }) ??
    first(names, (name) => checkProperty(schema, { properties, name, value: value[name], check }))
  );
}

function checkRequired(schema: JsonSchema, about: { value: object; check: Check }): Found {
  // A property written by one side only is not required of the other.
  const isExempt = about.check.isAnswer ? isWriteOnly : isReadOnly;
  const isMissing = (name: string): boolean =>
    !Object.hasOwn(about.value, name) &&
    !isDescribed(name, { value: about.value, within: about.check.together, as: isExempt });
  const missing = requiredOf(schema).find(isMissing);
  return missing === undefined ? undefined : `required ${missing}`;
}

function checkProperty(
  schema: JsonSchema,
  about: {
    properties: ReadonlyMap<string, SchemaLike>;
    name: string;
    value: unknown;
    check: Check;
  },
): Found {
  const { properties, name, value, check } = about;
  if (properties.has(name)) {
    const found = checkAny(properties.get(name), value, check);
    return found && at(found, name);
  }
  const rest = schema.patternProperties === undefined ? schema.additionalProperties : undefined;
  if (rest === false) return 'a property that is not permitted';
  const found = checkAny(rest, value, check);
  return found && at(found, '*');
}

function first<T>(all: Iterable<T>, find: (one: T) => Found): Found {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkTogether(schema: JsonSchema, value: unknown, check: Check): Found {
  const around = check.together;
  check.together = { schema, value, around };
  const found = checkOfType(schema, value, check) ?? checkParts(schema, value, check);
  check.together = around;
  return found;
}

/** By what the schema itself describes. */
function checkApart(schema: SchemaLike, value: unknown, check: Check): Found {
  const around = check.together;
  check.together = undefined;
  const found = checkAny(schema, value, check);
  check.together = around;
  return found;
}

function checkParts(schema: JsonSchema, value: unknown, check: Check): Found {
  for (const part of partsOf(schema.allOf)) {
    const found = checkAny(part, value, check);
    if (found !== undefined) return found;
  }
  // Alternatives of what must be given are told apart by it: what is read-only is not given.
  const fits = (part: SchemaLike): boolean =>
    (isConstraintOnly(part) ? checkApart : checkAny)(part, value, check) === undefined;
  if (partsOf(schema.anyOf).length > 0 && !partsOf(schema.anyOf).some(fits)) return 'anyOf';
  const alternatives = partsOf(schema.oneOf);
  const fitting = alternatives.filter(fits).length;
  if (alternatives.length > 0 && (fitting < 1 || fitting > fittingMax(schema, check))) {
    return 'oneOf';
  }
  const isUnwanted = schema.not !== undefined && checkApart(schema.not, value, check) === undefined;
  return isUnwanted ? 'not' : undefined;
}

/**
 * Published alternatives overlap: a periodic payment is a payment too. Whoever writes one names it,
 * or the service tells them apart; in an answer, nobody does without a discriminator.
 */
function fittingMax(schema: JsonSchema, { isAnswer }: Check): number {
  const isExclusive = isAnswer || partsOf(schema.oneOf).every(isConstraintOnly);
  return isExclusive && schema.discriminator === undefined ? 1 : Number.POSITIVE_INFINITY;
}

function at(found: string, step: string): string {
  const [what, where = ''] = found.split(' at ', 2);
  return `${what} at /${step}${where}`;
}

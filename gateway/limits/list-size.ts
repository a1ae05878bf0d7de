/**
 * How many entries a field may return: what its paging arguments ask for, else an assumed number.
 * Literals and variables are treated alike, after coercion. A missing size, or one below 1, counts
 * as the assumed number: many APIs read 0 as "no limit".
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { hidesArgumentPath, readArgumentPath } from './argument-path.ts';
import type { CostPolicy, ListSize } from './cost/cost-policy.ts';
import type { CostWeights } from './cost/cost-weights.ts';

export type VariableValues = Readonly<Record<string, unknown>>;

/** What is known of a field's list before any request. */
export interface Sizing {
  /** Paths of arguments, first step first. */
  readonly paths: readonly (readonly string[])[];
  readonly assumed: number;
  /** Fields of the returned object that hold the list; empty if the field itself is the list. */
  readonly sizedFields: readonly string[];
}

/** Usual names of arguments for the number of entries. */
const pagingNames: ReadonlySet<string> = new Set(
  'first last limit max maxResults top take count size pageSize page_size perPage per_page'.split(
    ' ',
  ),
);
/** Usual names of arguments that list keys: one entry is returned per key. */
const keysName = /^(?:ids|keys)$|(?:Ids|Keys|_ids|_keys)$/;
/** Usual names of lists in the objects that paged fields return. */
const pagedFields: ReadonlySet<string> = new Set(
  'edges nodes items data results entries records values content rows'.split(' '),
);

/** Undefined for a field without a list. */
export function sizingOf(
  set: ListSize | undefined,
  { assumedListSize }: Pick<CostPolicy, 'assumedListSize'>,
  field: GraphQLField<unknown, unknown>,
): Sizing | undefined {
  const dimensions = dimensionsOf(field.type);
  const sizedFields = dimensions > 0 ? [] : (set?.sizedFields ?? usualSizedFields(field));
  if (dimensions === 0 && sizedFields.length === 0 && set === undefined) return undefined;
  const names = set?.arguments ?? field.args.filter(isPaging).map(({ name }) => name);
  const inner = assumedListSize ** Math.max(0, dimensions - 1);
  const assumed = (set?.assumed ?? assumedListSize) * inner;
  return { paths: names.map((name) => name.split('.')), assumed, sizedFields };
}

function dimensionsOf(type: GraphQLOutputType): number {
  let dimensions = 0;
  let inner: GraphQLOutputType = getNullableType(type);
  while (isListType(inner)) {
    dimensions += 1;
    inner = getNullableType(inner.ofType as GraphQLOutputType);
  }
  return dimensions;
}

function isPaging({ name, type }: GraphQLArgument): boolean {
  const named = getNamedType(type);
  if (isInputObjectType(named) || isEnumType(named) || named.name === 'Boolean') return false;
  return isListType(getNullableType(type)) ? keysName.test(name) : pagingNames.has(name);
}

function usualSizedFields(field: GraphQLField<unknown, unknown>): readonly string[] {
  const type = getNamedType(field.type);
  if (!(isObjectType(type) || isInterfaceType(type)) || !field.args.some(isPaging)) return [];
  const lists = Object.values(type.getFields()).filter(
    (one) => dimensionsOf(one.type) > 0 && isCompositeType(getNamedType(one.type)),
  );
  return lists.map(({ name }) => name).filter((name) => pagedFields.has(name));
}

/** Reads one argument of a field node; created once per node. */
export type Reader = (variables: VariableValues) => unknown;

export interface SizeReader {
  readonly read: Reader;
  /** Whether the document states it, rather than a default that the caller may not even see. */
  readonly asked: boolean;
}

type Given = readonly { readonly name: { readonly value: string }; readonly value: ValueNode }[];

/** Readers for the paths that can state a size at this node; `field` as the caller sees it. */
export function readersOf(
  sizing: Sizing,
  { whole }: Pick<CostWeights, 'whole'>,
  field: GraphQLField<unknown, unknown>,
  given: Given,
): readonly SizeReader[] {
  return sizing.paths.flatMap(([name = '', ...path]) => {
    const written = given.find((one) => one.name.value === name)?.value;
    const argument = field.args.find((one) => one.name === name);
    const fallback: unknown = argument?.defaultValue;
    if (argument === undefined || (written ?? fallback) === undefined) return [];
    const asked = written !== undefined && !hidesArgumentPath(argument, path);
    // A single key for a list argument is a list of one, not a number of entries.
    if (isKeyAlone(argument, written)) return [{ read: () => 1, asked }];
    const inside = (value: unknown): unknown => readArgumentPath(whole, argument, value, path);
    const isWhole = path.length === 0;
    return [{ read: readerOf(written, fallback, { inside, isWhole }), asked }];
  });
}

const isKeyAlone = ({ type }: GraphQLArgument, written: ValueNode | undefined): boolean =>
  isListType(getNullableType(type)) &&
  written !== undefined &&
  !['Variable', 'ListValue', 'NullValue'].includes(written.kind);

/** `inside` reads the path in the argument's value; `isWhole` if the path is empty. */
function readerOf(
  written: ValueNode | undefined,
  fallback: unknown,
  { inside, isWhole }: { inside: (value: unknown) => unknown; isWhole: boolean },
): Reader {
  if (written === undefined) return () => inside(fallback);
  if (written.kind === 'Variable') {
    const name = written.name.value;
    return (variables) => inside(Object.hasOwn(variables, name) ? variables[name] : fallback);
  }
  if (written.kind === 'IntValue' || written.kind === 'StringValue') {
    const value = written.value;
    return () => (isWhole ? value : undefined);
  }
  return (variables) => inside(valueFromASTUntyped(written, variables));
}

/** Reads a size from a number, a numeric text, or a list of keys by its length. */
function toSize(value: unknown): number | undefined {
  if (Array.isArray(value)) return Math.max(1, value.length);
  if (typeof value === 'string') return toEntries(toNumber(value));
  return typeof value === 'number' || typeof value === 'bigint'
    ? toEntries(Number(value))
    : undefined;
}

const toEntries = (number: number): number | undefined =>
  number >= 1 ? Math.ceil(number) : undefined;

/** Most signs of a text that are read as a number. */
const signsMax = 500;

/**
 * Also reads a leading number (`1000x`), grouping (`1_000`) and non-ASCII digits: some services
 * accept these, and the estimate must not be lower than what they return. A text may be as long as
 * a body, and is read at each field that it is given to: a number that does not end soon is too
 * large.
 */
function toNumber(text: string): number {
  const number = Number(text);
  if (!Number.isNaN(number)) return number;
  let narrow = '';
  let count = 0;
  for (const sign of text) {
    count += 1;
    if (count > signsMax) return Number.MAX_SAFE_INTEGER;
    if (separators.test(sign)) continue;
    const digit = digits.test(sign) ? toDigit(sign) : sign;
    if (!numeric.test(digit)) break;
    narrow += digit;
  }
  return Number.parseFloat(narrow);
}

const separators = /^[\s_,']$/;
const digits = /^\p{Nd}$/u;
/** Characters of numbers, and of `Infinity`. */
const numeric = /^[\d.eE+\-Infity]$/;

const knownDigits = new Map<string, string>();

function toDigit(digit: string): string {
  const known = knownDigits.get(digit) ?? findDigit(digit);
  knownDigits.set(digit, known);
  return known;
}

/**
 * Unicode holds the ten digits of a script in a row from zero; before them is no digit, or another
 * such row.
 */
function findDigit(digit: string): string {
  const code = digit.normalize('NFKC').codePointAt(0) ?? 0;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}

export interface Size {
  /** Entries to assume: at least 1. */
  readonly size: number;
  /** The largest size that the document asks for; undefined if it asks for none. */
  readonly asked: number | undefined;
}

/** The largest size that any argument states; `otherwise` if none does. */
export function readSize(
  readers: readonly SizeReader[],
  variables: VariableValues,
  otherwise: number,
): Size {
  let size: number | undefined;
  let asked: number | undefined;
  for (const reader of readers) {
    const found = toSize(reader.read(variables));
    if (found === undefined) continue;
    size = Math.max(size ?? 0, found);
    if (reader.asked) asked = Math.max(asked ?? 0, found);
  }
  return { size: size ?? otherwise, asked };
}

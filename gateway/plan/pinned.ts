/**
 * Arguments that are pinned to a claim of the caller's token: which claim, and how it becomes a
 * value. Pure. A value is read per request from its own caller and never cached.
 *
 * Fails closed: a claim that does not fit as it is has no value. Neither have empty text and an
 * empty list, because services read them as "everything".
 */
import { type ArgumentNode, type GraphQLArgument, type GraphQLField, Kind } from 'graphql';
import { isJsonObject } from '../json-value.ts';
import { readClaim } from '../own-path.ts';

/** A scalar's name, or the values of an enum. */
export type PinnedKind = 'String' | 'ID' | 'Int' | 'Float' | 'Boolean' | readonly string[];

export interface PinnedClaim {
  /** The claim's path. */
  readonly claim: readonly string[];
  readonly of: PinnedKind;
  /** Whether the argument takes a list. */
  readonly isList: boolean;
}

/** A variable of the gateway's own in a plan's document, and the source of its value. */
export interface PinnedVariable extends PinnedClaim {
  readonly variable: string;
  /** Such as `Query.employees(tenantId:)`. */
  readonly coordinate: string;
  /** Set if the variable is an input object that contains the claim, rather than the claim. */
  readonly into?: {
    /** The caller's variable with the rest of the object; absent if an earlier pin has made it. */
    readonly from?: string;
    /** The value if that variable is not sent. */
    readonly otherwise?: unknown;
    readonly path: readonly string[];
  };
}

/** Arguments hidden from callers, by `Type.field`. */
export type PinnedArguments = ReadonlyMap<string, readonly GraphQLArgument[]>;

type Values = Readonly<Record<string, unknown>>;

/** The part of a caller that pins read. */
interface Claimed {
  readonly claims: Values;
}

/** The argument's value; undefined if the caller lacks the claim, or it does not fit. */
export function readPinned({ claims }: Claimed, { claim, of, isList }: PinnedClaim): unknown {
  const found = readClaim(claims, claim);
  if (!isList) return toValue(of, found);
  const list = Array.isArray(found) ? found : [found];
  const values = list.map((one) => toValue(of, one));
  return values.length === 0 || values.includes(undefined) ? undefined : values;
}

function toValue(of: PinnedKind, claim: unknown): unknown {
  if (typeof of !== 'string') return isText(claim) && of.includes(claim) ? claim : undefined;
  return scalars[of](claim);
}

const isText = (claim: unknown): claim is string => typeof claim === 'string' && claim !== '';

const intMax = 2_147_483_647;

const scalars: Readonly<Record<PinnedKind & string, (claim: unknown) => unknown>> = {
  String: (claim) => (isText(claim) ? claim : undefined),
  ID: (claim) => (Number.isSafeInteger(claim) ? String(claim) : isText(claim) ? claim : undefined),
  Int(claim) {
    const fits = typeof claim === 'number' && claim >= -intMax - 1 && claim <= intMax;
    return fits && Number.isInteger(claim) ? claim : undefined;
  },
  Float: (claim) => (Number.isFinite(claim) ? claim : undefined),
  Boolean: (claim) => (typeof claim === 'boolean' ? claim : undefined),
};

/**
 * Adds the values of the plan's pins for this caller. Throws Error if one is missing: the decision
 * should have refused this caller.
 */
export function withPinned(
  variables: Values,
  { pins = [] }: { readonly pins?: readonly PinnedVariable[] },
  caller: Claimed,
): Values {
  if (pins.length === 0) return variables;
  // Without a prototype, like callers' variables.
  const all: Record<string, unknown> = Object.assign(Object.create(null), variables);
  // Only values of the gateway's own: a caller may send variables that the document does not
  // declare.
  const made = new Map<string, unknown>();
  for (const pin of pins) {
    const { variable, into } = pin;
    const value = readPinned(caller, pin);
    if (value === undefined) throw new Error(`${pin.coordinate} has no value for this caller`);
    made.set(
      variable,
      into === undefined ? value : putInto(into, value, variables, made.get(variable)),
    );
  }
  for (const [variable, value] of made) all[variable] = value;
  return all;
}

/**
 * Copies the object that the caller has sent, or an empty one, and puts the value into the copy.
 */
function putInto(
  { from, otherwise, path }: NonNullable<PinnedVariable['into']>,
  value: unknown,
  variables: Values,
  known: unknown,
): unknown {
  if (known !== undefined) return withValueAt(known, path, value);
  const isSent = from !== undefined && Object.hasOwn(variables, from);
  return withValueAt(isSent ? variables[from] : otherwise, path, value);
}

function withValueAt(holder: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const own: Record<string, unknown> = Object.assign(
    Object.create(null),
    isJsonObject(holder) ? holder : {},
  );
  const inner = Object.hasOwn(own, step) ? own[step] : undefined;
  own[step] = withValueAt(inner, rest, value);
  return own;
}

/** A field with its hidden arguments added. */
export function withPinnedArguments<Field extends GraphQLField<unknown, unknown>>(
  field: Field,
  pinned: readonly GraphQLArgument[] | undefined,
): Field {
  return pinned === undefined ? field : { ...field, args: [...field.args, ...pinned] };
}

/**
 * Argument nodes as a document would have them, with variable names that no document can declare.
 */
export function toPinnedNodes(
  field: string,
  pinned: readonly GraphQLArgument[] | undefined,
): readonly ArgumentNode[] {
  const toName = (value: string) => ({ kind: Kind.NAME as const, value });
  return (pinned ?? []).map(({ name }) => ({
    kind: Kind.ARGUMENT,
    name: toName(name),
    value: { kind: Kind.VARIABLE, name: toName(`${field}(${name}:)`) },
  }));
}

/** The values of all pins by coordinate, for estimates made before there is a plan. */
export function pinnedValuesOf(
  pins: readonly (PinnedClaim & { readonly coordinate: string })[],
  caller: Claimed,
): Values {
  const values: Record<string, unknown> = Object.create(null);
  for (const pin of pins) {
    const value = readPinned(caller, pin);
    if (value !== undefined) values[pin.coordinate] = value;
  }
  return values;
}

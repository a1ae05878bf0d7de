/**
 * Arguments that are fixed from the caller's token: which claim, and how it becomes a value. Pure. A
 * value is read for each request from its own caller and never kept.
 *
 * Fails closed: what does not fit as it stands is no value. Empty text and an empty list are none
 * either, since services read them as "everything".
 */
import { type ArgumentNode, type GraphQLArgument, type GraphQLField, Kind } from 'graphql';
import { isJsonObject } from '../graph/upstream-value.ts';
import { readClaim } from '../own-path.ts';

/** Names of scalars, or the values of an enum. */
export type PinnedKind = 'String' | 'ID' | 'Int' | 'Float' | 'Boolean' | readonly string[];

export interface PinnedClaim {
  /** The claim's path. */
  readonly claim: readonly string[];
  readonly of: PinnedKind;
  /** The argument takes a list. */
  readonly isList: boolean;
}

/** A variable of ours in a plan's document, and where its value comes from. */
export interface PinnedVariable extends PinnedClaim {
  readonly variable: string;
  /** `Query.employees(tenantId:)` */
  readonly coordinate: string;
  /** The variable is an input object, and the claim stands in it; absent: it is the claim. */
  readonly into?: {
    /** The caller's variable that has the rest of it; absent: one of ours, made by then. */
    readonly from?: string;
    /** Where that is not sent. */
    readonly otherwise?: unknown;
    readonly path: readonly string[];
  };
}

/** Arguments that callers do not see, by `Type.field`. */
export type PinnedArguments = ReadonlyMap<string, readonly GraphQLArgument[]>;

type Values = Readonly<Record<string, unknown>>;

/** A caller, as far as pins look. */
interface Claimed {
  readonly claims: Values;
}

/** What the argument is given; undefined where the caller has no such claim, or it does not fit. */
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
 * The variables of a plan that is to run for this caller. Throws Error where a value is missing: the
 * decision has let somebody through whom it must not.
 */
export function withPinned(
  variables: Values,
  { pins = [] }: { readonly pins?: readonly PinnedVariable[] },
  caller: Claimed,
): Values {
  if (pins.length === 0) return variables;
  // No prototype, as the variables of callers.
  const all: Record<string, unknown> = Object.assign(Object.create(null), variables);
  // Of ours alone: a caller may send what they have not declared.
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

/** The object that the caller has given, or an empty one, with the value in it; theirs stays as it is. */
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

/** A field with the arguments that callers do not see. */
export function withPinnedArguments<Field extends GraphQLField<unknown, unknown>>(
  field: Field,
  pinned: readonly GraphQLArgument[] | undefined,
): Field {
  return pinned === undefined ? field : { ...field, args: [...field.args, ...pinned] };
}

/** As a document would have them, each from a variable whose name no document can have. */
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

/** The values of all pins by their coordinates, for what is reckoned before there is a plan. */
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

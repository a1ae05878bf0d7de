/**
 * Finds, at boot, which arguments rules fix from the token. A pin on an interface's field applies
 * to all implementations. Names that the schema lacks, arguments pinned twice and types that no
 * claim can have are reported with their line.
 */
import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInterfaceType,
  isListType,
  isSpecifiedScalarType,
} from 'graphql';
import type { Problem, ProblemCode } from '../files/config-error.ts';
import { nearest, suggestion } from '../files/nearest.ts';
import { fieldOwnersOf, isFieldOwner } from '../graph/output-fields.ts';
import type { PinnedClaim, PinnedKind } from '../plan/pinned.ts';
import type { AccessRule, RulePin } from './access/access-file.ts';
import { findInputField, findUnpinned, type InputPin, type Refuse } from './compile-input-pins.ts';

/** One pinned argument of one field of an object or interface type. */
export interface Pin extends PinnedClaim {
  /** `Type.field(argument:)` */
  readonly coordinate: string;
  readonly argument: GraphQLArgument;
  readonly rule: AccessRule;
}

export interface CompiledPins {
  /** By `Type.field`. */
  readonly pins: ReadonlyMap<string, readonly Pin[]>;
  /** Pins inside input objects, by `Type.field`. */
  readonly inputPins: ReadonlyMap<string, readonly InputPin[]>;
  readonly problems: Problem[];
}

export function compilePins(schema: GraphQLSchema, rules: readonly AccessRule[]): CompiledPins {
  const pins = new Map<string, Pin[]>();
  const inputPins = new Map<string, InputPin[]>();
  const problems: Problem[] = [];
  for (const rule of rules) {
    for (const written of rule.pins) {
      const refuse = (code: ProblemCode, message: string): void => {
        problems.push({ ...written.source, path: '', code, message });
      };
      const argument = findArgument(schema, written, refuse);
      if (argument === undefined) continue;
      const pin = { claim: written.claim, argument, rule };
      const add = written.argument.includes('.') ? addInside : addWhole;
      add({ schema, written, refuse, pins, inputPins }, pin);
    }
  }
  problems.push(...findUnpinned(schema, inputPins), ...pinnedTwice(pins, inputPins));
  return { pins, inputPins, problems };
}

interface Adding {
  readonly schema: GraphQLSchema;
  readonly written: RulePin;
  readonly refuse: Refuse;
  readonly pins: Map<string, Pin[]>;
  readonly inputPins: Map<string, InputPin[]>;
}

type Written = Pick<Pin, 'claim' | 'argument' | 'rule'>;

function addWhole({ schema, written, refuse, pins }: Adding, pin: Written): void {
  const fit = fitOf(written, pin.argument.type, refuse);
  if (fit === undefined) return;
  for (const field of fieldsOf(schema, written)) {
    const coordinate = `${field}(${pin.argument.name}:)`;
    add(pins, field, { ...fit, ...pin, coordinate }, refuse);
  }
}

function addInside({ schema, written, refuse, inputPins }: Adding, pin: Written): void {
  const [, ...path] = written.argument.split('.');
  const inside = findInputField(pin.argument, path, { at: toText(written), refuse });
  const fit = inside && fitOf(written, inside.leafType, refuse);
  if (inside === undefined || fit === undefined) return;
  for (const field of fieldsOf(schema, written)) {
    const coordinate = `${field}(${written.argument}:)`;
    add(inputPins, field, { ...fit, ...pin, ...inside, path, coordinate }, refuse);
  }
}

/** Reports a type that no claim can have. */
function fitOf(written: RulePin, type: GraphQLInputType, refuse: Refuse) {
  const fit = toFit(type);
  if (fit === undefined) {
    const message = `${toText(written)} is ${String(type)}: pins are for String, ID, Int, Float, Boolean, enums, and lists of these`;
    refuse('wrong-type', message);
  }
  return fit;
}

const toText = ({ type, field, argument }: RulePin): string => `${type}.${field}(${argument}:)`;

const namesOf = (list: readonly { readonly name: string }[]): string[] =>
  list.map(({ name }) => name);

function findArgument(
  schema: GraphQLSchema,
  written: RulePin,
  refuse: Refuse,
): GraphQLArgument | undefined {
  const unknown = (near: string | undefined): undefined => {
    refuse('unknown-name', `the schema has no ${toText(written)}${suggestion(near)}`);
    return undefined;
  };
  const { type: typeName, field: fieldName } = written;
  const [name = ''] = written.argument.split('.');
  const type = schema.getType(typeName);
  if (!isFieldOwner(type)) {
    const near = nearest(typeName, namesOf(fieldOwnersOf(schema)));
    return unknown(near && `${near}.${fieldName}(${name}:)`);
  }
  const fields = type.getFields();
  const field = Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
  if (field === undefined) {
    const near = nearest(fieldName, Object.keys(fields));
    return unknown(near && `${type.name}.${near}(${name}:)`);
  }
  const argument = field.args.find((one) => one.name === name);
  if (argument === undefined) {
    const near = nearest(name, namesOf(field.args));
    return unknown(near && `${type.name}.${fieldName}(${near}:)`);
  }
  return argument;
}

/** Reports pins inside an argument that is also pinned as a whole. */
function pinnedTwice(
  pins: CompiledPins['pins'],
  inputPins: CompiledPins['inputPins'],
): readonly Problem[] {
  return [...inputPins].flatMap(([field, list]) =>
    list.flatMap(({ coordinate, argument, rule }): Problem[] => {
      const whole = pins.get(field)?.find((one) => one.argument === argument);
      if (whole === undefined) return [];
      const message = `${coordinate} is in an argument that rule ${whole.rule.name} pins already`;
      return [{ ...rule.source, path: '', code: 'conflict', message }];
    }),
  );
}

/** Undefined if no claim can be such a value. */
function toFit(type: GraphQLInputType): { of: PinnedKind; isList: boolean } | undefined {
  const nullable = getNullableType(type);
  const isList = isListType(nullable);
  const item = getNullableType(isList ? nullable.ofType : nullable) as GraphQLInputType;
  if (isListType(item)) return undefined;
  const named = getNamedType(item);
  if (isEnumType(named)) return { of: named.getValues().map(({ name }) => name), isList };
  return isSpecifiedScalarType(named) ? { of: named.name as PinnedKind, isList } : undefined;
}

/** The field itself and, for an interface, the field of every implementation. */
function fieldsOf(schema: GraphQLSchema, { type: typeName, field }: RulePin): string[] {
  const type = schema.getType(typeName);
  if (!isInterfaceType(type)) return [`${typeName}.${field}`];
  const { objects, interfaces } = schema.getImplementations(type);
  return [type, ...objects, ...interfaces].map(({ name }) => `${name}.${field}`);
}

function add<One extends Pin>(
  pins: Map<string, One[]>,
  field: string,
  pin: One,
  refuse: Refuse,
): void {
  const known = pins.get(field) ?? [];
  const other = known.find(({ coordinate }) => coordinate === pin.coordinate);
  if (other !== undefined) {
    const { name, source } = other.rule;
    const by = `by rule ${name} (${source.file}:${source.line})`;
    refuse('conflict', `${pin.coordinate} is pinned already ${by}`);
    return;
  }
  pins.set(field, [...known, pin]);
}

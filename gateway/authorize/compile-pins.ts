/**
 * Which arguments rules fix from the token, at boot. A pin on an interface's field is one on every
 * implementation. What the schema does not have, what is pinned twice and what no claim can be are
 * problems, with their place.
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
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import type { Problem, ProblemCode } from '../files/config-error.ts';
import { nearest } from '../files/nearest.ts';
import type { PinnedClaim, PinnedKind } from '../plan/pinned.ts';
import type { AccessRule, RulePin } from './access/access-file.ts';

/** One argument of one field of an object or interface type. */
export interface Pin extends PinnedClaim {
  /** `Type.field(argument:)` */
  readonly coordinate: string;
  readonly argument: GraphQLArgument;
  readonly rule: AccessRule;
}

export interface CompiledPins {
  /** By `Type.field`. */
  readonly pins: ReadonlyMap<string, readonly Pin[]>;
  readonly problems: Problem[];
}

export function compilePins(schema: GraphQLSchema, rules: readonly AccessRule[]): CompiledPins {
  const pins = new Map<string, Pin[]>();
  const problems: Problem[] = [];
  for (const rule of rules) {
    for (const written of rule.pins) {
      const refuse = (code: ProblemCode, message: string): void => {
        problems.push({ ...written.source, path: '', code, message });
      };
      const argument = findArgument(schema, written, refuse);
      if (argument === undefined) continue;
      const fit = toFit(argument.type);
      if (fit === undefined) {
        const message = `${toText(written)} is ${String(argument.type)}: pins are for String, ID, Int, Float, Boolean, enums, and lists of these`;
        refuse('wrong-type', message);
        continue;
      }
      for (const field of fieldsOf(schema, written)) {
        const pin = { ...fit, claim: written.claim, argument, rule };
        add(pins, field, { ...pin, coordinate: `${field}(${argument.name}:)` }, refuse);
      }
    }
  }
  return { pins, problems };
}

type Refuse = (code: ProblemCode, message: string) => void;

const toText = ({ type, field, argument }: RulePin): string => `${type}.${field}(${argument}:)`;

function findArgument(
  schema: GraphQLSchema,
  written: RulePin,
  refuse: Refuse,
): GraphQLArgument | undefined {
  const unknown = (near: string | undefined): undefined => {
    const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
    refuse('unknown-name', `the schema has no ${toText(written)}${hint}`);
    return undefined;
  };
  const { type: typeName, field: fieldName } = written;
  const [name = '', ...path] = written.argument.split('.');
  const type = schema.getType(typeName);
  if (!isObjectType(type) && !isInterfaceType(type)) {
    const known = Object.values(schema.getTypeMap()).filter(
      (one) => (isObjectType(one) || isInterfaceType(one)) && !one.name.startsWith('__'),
    );
    const near = nearest(
      typeName,
      known.map((one) => one.name),
    );
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
    const near = nearest(
      name,
      field.args.map((one) => one.name),
    );
    return unknown(near && `${type.name}.${fieldName}(${near}:)`);
  }
  if (path.length === 0) return argument;
  refuse(
    'not-supported',
    `${toText(written)} is inside an input object: only whole arguments can be pinned`,
  );
  return undefined;
}

/** Undefined where no claim can be such a value. */
function toFit(type: GraphQLInputType): { of: PinnedKind; isList: boolean } | undefined {
  const nullable = getNullableType(type);
  const isList = isListType(nullable);
  const item = getNullableType(isList ? nullable.ofType : nullable) as GraphQLInputType;
  if (isListType(item)) return undefined;
  const named = getNamedType(item);
  if (isEnumType(named)) return { of: named.getValues().map(({ name }) => name), isList };
  return isSpecifiedScalarType(named) ? { of: named.name as PinnedKind, isList } : undefined;
}

/** The field itself, and what implements it. */
function fieldsOf(schema: GraphQLSchema, { type: typeName, field }: RulePin): string[] {
  const type = schema.getType(typeName);
  if (!isInterfaceType(type)) return [`${typeName}.${field}`];
  const { objects, interfaces } = schema.getImplementations(type);
  return [type, ...objects, ...interfaces].map(({ name }) => `${name}.${field}`);
}

function add(pins: Map<string, Pin[]>, field: string, pin: Pin, refuse: Refuse): void {
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

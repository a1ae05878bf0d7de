/**
 * Finds which rules match which coordinates, and how closely.
 *
 * `named` (the coordinate itself) is closer than `interface` (its field on an interface that the
 * type implements), which is closer than `broad` (a wildcard, or `types:`). A closer match of
 * another rule keeps a broader grant away (compile-policy.ts). Names that the schema lacks are
 * problems, reported with the nearest match.
 */
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
} from 'graphql';
import type { Problem } from '../../files/config-error.ts';
import { nearest, suggestion } from '../../files/nearest.ts';
import type { SourceLocation } from '../../files/source-location.ts';
import {
  type FieldOwner,
  isFieldOwner,
  type OutputField,
  outputFieldsOf,
} from '../../graph/output-fields.ts';
import type { AccessRule } from './access-file.ts';

export const closeness = { broad: 1, interface: 2, named: 3 } as const;
export type Closeness = (typeof closeness)[keyof typeof closeness];

export interface Match {
  readonly rule: AccessRule;
  readonly closeness: Closeness;
  /** If false, the rule's `allow` does not open it; `require`, `forbid` and `class` still apply. */
  readonly opens: boolean;
  /** Matched by the rule's `types`. */
  readonly byTypes?: true;
}

export interface Matches {
  /** `Type.field` of object and interface types. */
  readonly fields: Map<string, Match[]>;
  /** `Type.field(arg:)`, `Input.field`, `Enum.VALUE`. */
  readonly inputs: Map<string, Match[]>;
  readonly problems: Problem[];
}

/** The rule that is matched, and where its matches go. */
interface Matching {
  readonly schema: GraphQLSchema;
  readonly rule: AccessRule;
  readonly matches: Matches;
}

interface NamedTarget {
  readonly name: string;
  readonly source: SourceLocation;
}

export function matchRules(schema: GraphQLSchema, rules: readonly AccessRule[]): Matches {
  const matches: Matches = { fields: new Map(), inputs: new Map(), problems: [] };
  let all: readonly OutputField[] | undefined;
  for (const rule of rules) {
    const matching: Matching = { schema, rule, matches };
    for (const target of rule.fields) matchField(matching, target);
    for (const target of rule.types) {
      // Listed once: a large schema has tens of thousands of fields, and rules name many types.
      all ??= outputFieldsOf(schema);
      matchType(matching, target, all);
    }
  }
  return matches;
}

function matchField(matching: Matching, target: NamedTarget & { readonly type: string }): void {
  const { schema, matches } = matching;
  const type = schema.getType(target.type);
  if (type === undefined || target.type.startsWith('__')) {
    matches.problems.push(unknown(target.source, target.type, nearestType(schema, target.type)));
  } else if (isFieldOwner(type)) {
    matchOutputField(matching, type, target);
  } else if (isInputObjectType(type)) {
    matchMember(matching, { type: type.name, members: Object.keys(type.getFields()) }, target);
  } else if (isEnumType(type)) {
    const values = type.getValues().map((value) => value.name);
    matchMember(matching, { type: type.name, members: values }, target);
  } else {
    matches.problems.push({
      ...target.source,
      path: '',
      code: 'wrong-type',
      message: `${target.type} has no fields of its own; name it under "types" instead`,
    });
  }
}

const rootsElsewhere = /^(?:root_?)?(query|mutation)(?:_?root)?(?:_?type)?$/i;

function nearestType(schema: GraphQLSchema, name: string): string | undefined {
  const known = Object.keys(schema.getTypeMap()).filter((one) => !one.startsWith('__'));
  // The roots of upstreams (`query_root`) are one in the graph.
  const root = rootsElsewhere.exec(name)?.[1]?.toLowerCase();
  // A type of an OpenAPI document has this name in the graph when it is an input.
  const input = `${name}Input`;
  return known.find((one) => one === input || one.toLowerCase() === root) ?? nearest(name, known);
}

function matchOutputField(matching: Matching, type: FieldOwner, target: NamedTarget): void {
  const { problems } = matching.matches;
  const fields = type.getFields();
  if (target.name === '*') {
    for (const name of Object.keys(fields)) addField(matching, type, name, 'broad');
    return;
  }
  const [, name = '', argument] = /^([^(]*)(?:\((.*):\))?$/.exec(target.name) ?? [];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) {
    const near = nearest(name, Object.keys(fields));
    problems.push(
      unknown(target.source, `${type.name}.${target.name}`, near && `${type.name}.${near}`),
    );
  } else if (argument === undefined) {
    addField(matching, type, name, 'named');
  } else if (field.args.some((arg) => arg.name === argument)) {
    addArgument(matching, type, { field: name, argument });
  } else {
    const near = nearest(
      argument,
      field.args.map((arg) => arg.name),
    );
    const suggestion = near && `${type.name}.${name}(${near}:)`;
    problems.push(unknown(target.source, `${type.name}.${target.name}`, suggestion));
  }
}

/** Input fields and enum values, which have no interfaces. */
function matchMember(
  { rule, matches }: Matching,
  { type, members }: { readonly type: string; readonly members: readonly string[] },
  target: NamedTarget,
): void {
  if (target.name === '*') {
    for (const name of members) {
      push(matches.inputs, `${type}.${name}`, { rule, closeness: closeness.broad });
    }
  } else if (members.includes(target.name)) {
    push(matches.inputs, `${type}.${target.name}`, { rule, closeness: closeness.named });
  } else {
    const near = nearest(target.name, members);
    matches.problems.push(
      unknown(target.source, `${type}.${target.name}`, near && `${type}.${near}`),
    );
  }
}

function addField(
  { schema, rule, matches }: Matching,
  type: GraphQLNamedType,
  name: string,
  how: 'broad' | 'named',
): void {
  push(matches.fields, `${type.name}.${name}`, { rule, closeness: closeness[how] });
  const onImplementations = how === 'broad' ? closeness.broad : closeness.interface;
  for (const implementation of implementationsOf(schema, type)) {
    push(matches.fields, `${implementation}.${name}`, { rule, closeness: onImplementations });
  }
}

function addArgument(
  { schema, rule, matches: { inputs } }: Matching,
  type: GraphQLNamedType,
  { field, argument }: { readonly field: string; readonly argument: string },
): void {
  const on = (owner: string): string => `${owner}.${field}(${argument}:)`;
  push(inputs, on(type.name), { rule, closeness: closeness.named });
  for (const implementation of implementationsOf(schema, type)) {
    push(inputs, on(implementation), { rule, closeness: closeness.interface });
  }
}

/** `types: [T]` matches every field that returns T and every field of T. */
function matchType(
  { schema, rule, matches }: Matching,
  target: NamedTarget,
  all: readonly OutputField[],
): void {
  const type = schema.getType(target.name);
  if (type === undefined || target.name.startsWith('__') || isInputObjectType(type)) {
    const known = Object.values(schema.getTypeMap()).filter((known) => !isInputObjectType(known));
    const names = known.map((known) => known.name).filter((name) => !name.startsWith('__'));
    matches.problems.push(unknown(target.source, target.name, nearest(target.name, names)));
    return;
  }
  const covered = new Set([type.name, ...implementationsOf(schema, type)]);
  for (const { coordinate, owner, field } of all) {
    const returned = covered.has(getNamedType(field.type).name);
    if (!returned && !covered.has(owner.name)) continue;
    // A mutation is opened by its name, not by what it returns.
    const opens = owner !== schema.getMutationType() && (returned || isFieldOf(type, field.name));
    push(matches.fields, coordinate, { rule, closeness: closeness.broad, opens, byTypes: true });
  }
}

/**
 * Whether the named type itself has the field: fields that an implementation adds to its interface
 * are not opened.
 */
function isFieldOf(type: GraphQLNamedType, name: string): boolean {
  return isFieldOwner(type) && Object.hasOwn(type.getFields(), name);
}

function implementationsOf(schema: GraphQLSchema, type: GraphQLNamedType): string[] {
  if (!isInterfaceType(type)) return [];
  const { objects, interfaces } = schema.getImplementations(type);
  return [...objects, ...interfaces].map((implementation) => implementation.name);
}

function push(
  into: Map<string, Match[]>,
  coordinate: string,
  found: Omit<Match, 'opens'> & Partial<Pick<Match, 'opens'>>,
): void {
  const match: Match = { opens: true, ...found };
  const list = into.get(coordinate);
  if (list === undefined) into.set(coordinate, [match]);
  else list.push(match);
}

function unknown(source: SourceLocation, name: string, near: string | undefined): Problem {
  const message = `the schema has no ${name}${suggestion(near)}`;
  return { ...source, path: '', code: 'unknown-name', message };
}

/**
 * Compiles access rules against one schema, at boot; a rule that fits nothing prevents the start.
 *
 * How rules combine: any `allow` grants; every matching `require` must also hold; `forbid` refuses
 * every caller. A grant through a wildcard, `types:` or an interface never reaches a coordinate
 * that another rule names more closely or puts into a class. A filter on a guarded field that no
 * rule names needs the grant of what it filters on (lock-filter.ts).
 */
import {
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { ConfigError, type Problem } from '../files/config-error.ts';
import { isFieldOwner, outputFieldsOf } from '../graph/output-fields.ts';
import type { AccessRule } from './access/access-file.ts';
import { WhenChecker, type WhenPlace } from './access/check-when.ts';
import { closeness, type Matches, matchRules } from './access/match-rules.ts';
import { createWriteRules, type WriteRules } from './bind-reads.ts';
import { CoordinateCompiler } from './compile-coordinate.ts';
import type { InputPin } from './compile-input-pins.ts';
import { compilePins, type Pin } from './compile-pins.ts';
import { compileReads } from './compile-reads.ts';
import { compileShadows } from './compile-shadows.ts';
import { ConditionNumbers } from './condition-numbers.ts';
import { compileFilters } from './filters/compile-filters.ts';
import { compileObjects, keepsBackOf } from './object-clauses.ts';
import type { CoordinatePolicy, Policy } from './policy.ts';

/**
 * Throws ConfigError with every problem found. Rules in shadow mode decide nothing here
 * (compile-shadows.ts).
 */
export function compilePolicy(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  options: { anonymousAllowed: boolean },
): Policy {
  const numbers = new ConditionNumbers();
  const compile = (some: readonly AccessRule[]) => compileRules(schema, some, options, numbers);
  const policy = compile(rules.filter(({ shadow }) => shadow === undefined));
  const shadows = compileShadows(schema, rules, { policy, compile });
  Object.freeze(numbers.conditions);
  return Object.freeze(shadows.length === 0 ? policy : { ...policy, shadows });
}

/** The policy that the given rules make. */
function compileRules(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  options: { anonymousAllowed: boolean },
  numbers: ConditionNumbers,
): Policy {
  const matches = matchRules(schema, rules);
  const { pins, inputPins, problems } = compilePins(schema, rules);
  const pinned = pinnedInputs(pins, inputPins);
  const reads = compileReads(schema, rules, { pins, inputPins });
  const checker = new WhenChecker(schema, pins, inputPins);
  for (const { type, given } of [...reads.reads.values()].flat()) {
    for (const { stated } of given) if (stated) checker.looked.add(`${type.name}.${stated}`);
  }
  const compiler = new CoordinateCompiler(
    options.anonymousAllowed,
    [...matches.problems, ...problems, ...refuseAllowed(pinned, matches), ...reads.problems],
    checker,
    numbers,
  );
  const writeRules = createWriteRules(schema, rules, reads);
  const fields = compileFields(schema, compiler, { matches, pins, inputPins, writeRules });
  const writable = inputTypesOfMutations(schema);
  const filters = compileFilters(schema, matches, {
    fields,
    inputs: compileInputs(schema, compiler, { matches, inputPins }),
    writable,
    pinned: new Set(pinned.map(({ coordinate }) => coordinate)),
    compiler,
  });
  const objects = compileObjects(schema, rules, {
    numberOf: (condition) => compiler.id(condition),
    check: (rule, object) =>
      checker.check(rule, rule.require, { coordinate: object.name, object, field: undefined }),
    complain: (rule, message) => compiler.complain(rule, 'conflict', message),
  });
  const found = [...compiler.problems, ...checker.problems];
  if (found.length > 0) throw new ConfigError(found);
  return {
    conditions: numbers.conditions,
    inForce: numbers.conditions.length,
    perUse: numbers.perUse,
    objects,
    keepsBack: keepsBackOf(schema, objects),
    looked: checker.looked,
    fields,
    ...filters,
    writable,
    pins,
    inputPins,
    writes: reads.reads,
    makes: reads.makes,
    shadows: [],
  };
}

/** Every field of every object and interface type. */
function compileFields(
  schema: GraphQLSchema,
  compiler: CoordinateCompiler,
  about: {
    matches: Matches;
    pins: ReadonlyMap<string, readonly Pin[]>;
    inputPins: ReadonlyMap<string, readonly InputPin[]>;
    writeRules: (coordinate: string) => WriteRules;
  },
): Map<string, CoordinatePolicy> {
  const { matches, pins, inputPins, writeRules } = about;
  const fields = new Map<string, CoordinatePolicy>();
  for (const { coordinate, owner, field } of outputFieldsOf(schema)) {
    const found = matches.fields.get(coordinate) ?? [];
    const about = {
      output: field.type,
      pins: [...(pins.get(coordinate) ?? []), ...(inputPins.get(coordinate) ?? [])],
      place: isObjectType(owner) ? { coordinate, object: owner, field } : undefined,
      write: owner === schema.getMutationType() ? writeRules(coordinate) : undefined,
    };
    fields.set(coordinate, compiler.coordinate(coordinate, found, about));
  }
  return fields;
}

/** Every input that a rule matches, except pinned ones: a wildcard does not grant these. */
function compileInputs(
  schema: GraphQLSchema,
  compiler: CoordinateCompiler,
  { matches, inputPins }: { matches: Matches; inputPins: Policy['inputPins'] },
): Map<string, CoordinatePolicy> {
  const inputs = new Map<string, CoordinatePolicy>();
  for (const [coordinate, found] of matches.inputs) {
    inputs.set(coordinate, compiler.coordinate(coordinate, found, inputAt(schema, coordinate)));
  }
  for (const { hides } of [...inputPins.values()].flat()) inputs.delete(hides);
  return inputs;
}

interface PinnedInput {
  /** Of the argument, or of the field inside an input object. */
  readonly coordinate: string;
  readonly rule: AccessRule;
}

const pinnedInputs = (
  pins: Policy['pins'],
  inputPins: Policy['inputPins'],
): readonly PinnedInput[] => [
  ...[...pins.values()].flat(),
  ...[...inputPins.values()].flat().map(({ hides, rule }) => ({ coordinate: hides, rule })),
];

/** A grant that no caller can use is a mistake; only a wildcard may cover a pinned input. */
function refuseAllowed(pinned: readonly PinnedInput[], { inputs }: Matches): readonly Problem[] {
  return pinned.flatMap(({ coordinate, rule }): Problem[] => {
    const allowing = inputs
      .get(coordinate)
      ?.find((match) => match.closeness > closeness.broad && match.rule.allow !== undefined)?.rule;
    if (allowing === undefined) return [];
    const { file, line } = allowing.source;
    const message = `${coordinate} is pinned, so nobody can give it: rule ${allowing.name} (${file}:${line}) allows it`;
    return [{ ...rule.source, path: '', code: 'conflict', message }];
  });
}

/**
 * An input's type (undefined for an enum value), and the place whose other arguments conditions can
 * look at.
 */
function inputAt(
  schema: GraphQLSchema,
  coordinate: string,
): { input: GraphQLType | undefined; place: WhenPlace | undefined } {
  const [, typeName = '', name = '', argument] =
    /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  const nowhere = { coordinate, object: undefined, field: undefined };
  if (isInputObjectType(type)) return { input: type.getFields()[name]?.type, place: nowhere };
  if (!isFieldOwner(type)) return { input: undefined, place: nowhere };
  const field = type.getFields()[name];
  const input = field?.args.find((one) => one.name === argument)?.type;
  return { input, place: isObjectType(type) ? { ...nowhere, field } : undefined };
}

function inputTypesOfMutations(schema: GraphQLSchema): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (type: GraphQLType): void => {
    const named = getNamedType(type);
    if (!isInputObjectType(named) || reached.has(named.name)) return;
    reached.add(named.name);
    for (const field of Object.values(named.getFields())) visit(field.type);
  };
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    for (const argument of field.args) visit(argument.type);
  }
  return reached;
}

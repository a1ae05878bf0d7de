/**
 * Compiles access rules against one schema, at boot: rules that fit nothing refuse to start.
 *
 * How rules combine: any `allow` grants; every matching `require` must hold as well; `forbid` is
 * nobody. A grant through a wildcard, `types:` or an interface never reaches a coordinate that
 * another rule names more closely, or that another rule puts into a class. A filter on a guarded
 * field that no rule names needs the grant of what it filters on (lock-filter.ts).
 */
import {
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import type { Condition } from '../conditions/condition.ts';
import { holdsForAll } from '../conditions/criterion.ts';
import { ConfigError, type Problem } from '../config-error.ts';
import type { AccessRule } from './access-file.ts';
import { compilePins, type Pin } from './compile-pins.ts';
import { findFilters } from './implied-locks.ts';
import { lockFilter } from './lock-filter.ts';
import { closeness, type Match, type Matches, matchRules } from './match-rules.ts';
import { isOpaqueName } from './opaque.ts';
import type { Clause, CoordinatePolicy, ImpliedLock, Policy } from './policy.ts';

/** Throws ConfigError with every problem found. */
export function compilePolicy(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  options: { anonymousAllowed: boolean },
): Policy {
  const matches = matchRules(schema, rules);
  const { pins, problems } = compilePins(schema, rules);
  problems.push(...refuseAllowed(pins, matches));
  const compiler = new Compiler(options.anonymousAllowed, [...matches.problems, ...problems]);
  const fields = new Map<string, CoordinatePolicy>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const found = matches.fields.get(coordinate) ?? [];
      const about = { output: field.type, pins: pins.get(coordinate) };
      fields.set(coordinate, compiler.coordinate(coordinate, found, about));
    }
  }
  const inputs = new Map<string, CoordinatePolicy>();
  for (const [coordinate, found] of matches.inputs) {
    inputs.set(
      coordinate,
      compiler.coordinate(coordinate, found, { input: inputTypeOf(schema, coordinate) }),
    );
  }
  const writable = inputTypesOfMutations(schema);
  const { locks, free } = findFilters(schema, fields);
  const filters = new Map<string, ImpliedLock>();
  // What nobody can write is no filter.
  const pinned = new Set([...pins.values()].flat().map(({ coordinate }) => coordinate));
  for (const match of locks.values()) {
    const { coordinate } = match;
    if (pinned.has(coordinate)) continue;
    const named = namedBy(matches, coordinate);
    const own = inputs.get(coordinate);
    const isWritten = writable.has(coordinate.split('.', 1)[0] ?? '');
    // Closed until a rule lists it, for queries too.
    if (isWritten && own === undefined) continue;
    filters.set(coordinate, { ...match, named });
    if (named !== undefined) continue;
    inputs.set(coordinate, lockFilter(match, { fields, own, isWritten, compiler }));
  }
  if (compiler.problems.length > 0) throw new ConfigError(compiler.problems);
  return Object.freeze({
    conditions: Object.freeze(compiler.conditions),
    fields,
    inputs,
    filters,
    freeFilters: new Map([...free].filter(([one]) => !pinned.has(one) && !namedBy(matches, one))),
    writable,
    pins,
  });
}

/** The rule that names an input itself; a wildcard is too wide to speak of what a class protects. */
function namedBy({ inputs }: Matches, coordinate: string): AccessRule | undefined {
  return inputs.get(coordinate)?.find((match) => match.closeness > closeness.broad)?.rule;
}

class Compiler {
  readonly conditions: Condition[] = [];
  readonly problems: Problem[];
  private readonly ids = new Map<string, number>();
  private readonly anonymousAllowed: boolean;

  constructor(anonymousAllowed: boolean, problems: Problem[]) {
    this.anonymousAllowed = anonymousAllowed;
    this.problems = problems;
  }

  coordinate(
    coordinate: string,
    matches: readonly Match[],
    of: {
      output?: GraphQLType;
      input?: GraphQLType | undefined;
      pins?: readonly Pin[] | undefined;
    },
  ): CoordinatePolicy {
    const type = of.output ?? of.input;
    const reaching = matches.filter((match) => match.opens && reaches(match, matches, type));
    const granting = reaching.filter((match) => match.rule.allow !== undefined);
    // Never asked without its value: who has none is refused like who fails a requirement.
    const requires = [
      ...this.clauses(matches, (rule) => rule.require),
      ...(of.pins ?? []).map((pin) => this.pinned(pin)),
    ];
    const forbid = matches.find((match) => match.rule.forbid)?.rule;
    const otherwise = this.otherwise(coordinate, reaching, of.output);
    const grants = this.clauses(granting, (rule) => rule.allow);
    const forAll = (clause: Clause) => this.forAll(clause);
    const broadOnly = reaching.every((match) => match.closeness === closeness.broad);
    return Object.freeze({
      coordinate,
      classes: [...new Set(matches.flatMap((match) => match.rule.classes))].sort(),
      grants,
      requires,
      forbid,
      ...otherwise,
      listed: granting.length > 0 || matches.some((match) => match.closeness > closeness.broad),
      guaranteed:
        forbid === undefined &&
        requires.every(forAll) &&
        grants.some(forAll) &&
        !(broadOnly && type !== undefined && isCustomScalar(type)),
      broadOnly,
    });
  }

  private otherwise(
    coordinate: string,
    reaching: readonly Match[],
    type: GraphQLType | undefined,
  ): Pick<CoordinatePolicy, 'masks' | 'outcome'> {
    const [first, second] = distinctRules(reaching).filter((rule) => rule.otherwise !== undefined);
    if (second?.otherwise !== undefined && first !== undefined) {
      this.problems.push({
        ...second.otherwise.source,
        path: '',
        code: 'conflict',
        message: `${coordinate} has an "otherwise" from rule ${first.name} already (${first.source.file}:${first.source.line})`,
      });
    }
    const { masks = [], outcome = 'deny' } = first?.otherwise ?? {};
    if (first !== undefined && masks.length > 0 && !holdsText(type)) {
      const what = type === undefined ? '' : `, which is ${String(type)},`;
      this.problems.push({
        ...(masks[0] ?? first).source,
        path: '',
        code: 'wrong-type',
        message: `${coordinate}${what} cannot hold a masked value: masks are for String and ID`,
      });
    }
    return {
      outcome,
      masks: masks.map((mask) => ({
        mask: mask.mask,
        condition: this.id(mask.allow),
        rule: first as AccessRule,
      })),
    };
  }

  private clauses(
    matches: readonly Match[],
    pick: (rule: AccessRule) => Condition | undefined,
  ): Clause[] {
    return distinctRules(matches).flatMap((rule) => {
      const condition = pick(rule);
      return condition === undefined ? [] : [{ condition: this.id(condition), rule }];
    });
  }

  private pinned({ claim, of, isList, rule }: Pin): Clause {
    return { condition: this.id({ kind: 'pinned', pinned: { claim, of, isList } }), rule };
  }

  /** Equal conditions share a number, so that the bit set stays small. */
  id(condition: Condition): number {
    const text = JSON.stringify(condition);
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    this.ids.set(text, this.conditions.length);
    return this.conditions.push(condition) - 1;
  }

  forAll(clause: Clause): boolean {
    const condition = this.conditions[clause.condition];
    return condition !== undefined && holdsForAll(condition, this.anonymousAllowed);
  }
}

/** A grant that nobody can use was meant otherwise. */
function refuseAllowed(
  pins: ReadonlyMap<string, readonly Pin[]>,
  { inputs }: Matches,
): readonly Problem[] {
  return [...pins.values()].flat().flatMap(({ coordinate, rule }): Problem[] => {
    const allowing = inputs.get(coordinate)?.find((match) => match.rule.allow !== undefined)?.rule;
    if (allowing === undefined) return [];
    const { file, line } = allowing.source;
    const message = `${coordinate} is pinned, so nobody can give it: rule ${allowing.name} (${file}:${line}) allows it`;
    return [{ ...rule.source, path: '', code: 'conflict', message }];
  });
}

function reaches(match: Match, all: readonly Match[], type: GraphQLType | undefined): boolean {
  if (match.closeness === closeness.named) return true;
  if (match.closeness === closeness.broad && type !== undefined && isOpaque(type)) return false;
  return !all.some(
    (other) =>
      other.rule !== match.rule &&
      (other.closeness > match.closeness || other.rule.classes.length > 0),
  );
}

/** The type of an input field or an argument; undefined for an enum value. */
function inputTypeOf(schema: GraphQLSchema, coordinate: string): GraphQLType | undefined {
  const [, typeName = '', name = '', argument] =
    /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  if (isInputObjectType(type)) return type.getFields()[name]?.type;
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
  return type.getFields()[name]?.args.find((one) => one.name === argument)?.type;
}

function isOpaque(type: GraphQLType): boolean {
  const named = getNamedType(type);
  return isScalarType(named) && isOpaqueName(named.name);
}

/** A structured value of one is refused where the grant is broad, so not everybody has it. */
function isCustomScalar(type: GraphQLType): boolean {
  const named = getNamedType(type);
  return isScalarType(named) && !isSpecifiedScalarType(named);
}

function holdsText(type: GraphQLType | undefined): boolean {
  if (type === undefined) return false;
  const { name } = getNamedType(type);
  return name === 'String' || name === 'ID';
}

function distinctRules(matches: readonly Match[]): AccessRule[] {
  return [...new Set(matches.map((match) => match.rule))];
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

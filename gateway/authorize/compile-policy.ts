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
import { asksForRows, type Condition, isPerUse } from '../conditions/condition.ts';
import { holdsForAll } from '../conditions/criterion.ts';
import { ConfigError, type Problem } from '../files/config-error.ts';
import type { AccessRule } from './access/access-file.ts';
import { WhenChecker, type WhenPlace } from './access/check-when.ts';
import { closeness, type Match, type Matches, matchRules } from './access/match-rules.ts';
import { bindTo, createWriteRules, type WriteRules, withoutRows } from './bind-reads.ts';
import type { InputPin } from './compile-input-pins.ts';
import { compilePins, type Pin } from './compile-pins.ts';
import { compileReads } from './compile-reads.ts';
import { compileTrials } from './compile-trials.ts';
import { ConditionNumbers } from './condition-numbers.ts';
import { findFilters } from './filters/implied-locks.ts';
import { lockDefaults } from './filters/lock-defaults.ts';
import { lockFilter } from './filters/lock-filter.ts';
import { compileObjects, keepsBackOf } from './object-clauses.ts';
import { isOpaqueName } from './opaque.ts';
import type { Clause, CoordinatePolicy, ImpliedLock, Policy } from './policy.ts';

/** Throws ConfigError with every problem found. Rules on trial decide nothing of it (compile-trials.ts). */
export function compilePolicy(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  options: { anonymousAllowed: boolean },
): Policy {
  const numbers = new ConditionNumbers();
  const compile = (some: readonly AccessRule[]) => compileRules(schema, some, options, numbers);
  const policy = compile(rules.filter(({ shadow }) => shadow === undefined));
  const trials = compileTrials(schema, rules, { policy, compile });
  Object.freeze(numbers.conditions);
  return Object.freeze(trials.length === 0 ? policy : { ...policy, trials });
}

/** The policy that some rules make. */
function compileRules(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  options: { anonymousAllowed: boolean },
  numbers: ConditionNumbers,
): Policy {
  const matches = matchRules(schema, rules);
  const { pins, inputPins, problems } = compilePins(schema, rules);
  problems.push(...refuseAllowed(pins, matches), ...refuseAllowedInputs(inputPins, matches));
  const reads = compileReads(schema, rules, { pins, inputPins });
  problems.push(...reads.problems);
  const checker = new WhenChecker(schema, pins, inputPins);
  const compiler = new Compiler(
    options.anonymousAllowed,
    [...matches.problems, ...problems],
    checker,
    numbers,
  );
  for (const { type, given } of [...reads.reads.values()].flat()) {
    for (const { stated } of given) if (stated) checker.looked.add(`${type.name}.${stated}`);
  }
  const writeRules = createWriteRules(schema, rules, reads);
  const fields = compileFields(schema, compiler, { matches, pins, inputPins, writeRules });
  const inputs = new Map<string, CoordinatePolicy>();
  for (const [coordinate, found] of matches.inputs) {
    inputs.set(coordinate, compiler.coordinate(coordinate, found, inputAt(schema, coordinate)));
  }
  // A wildcard is no grant of what nobody can give.
  for (const { hides } of [...inputPins.values()].flat()) inputs.delete(hides);
  const writable = inputTypesOfMutations(schema);
  const { locks, free, byDefault } = findFilters(schema, fields);
  const filters = new Map<string, ImpliedLock>();
  // What nobody can write is no filter.
  const pinned = new Set([
    ...[...pins.values()].flat().map(({ coordinate }) => coordinate),
    ...[...inputPins.values()].flat().map(({ hides }) => hides),
  ]);
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
  const defaults = lockDefaults(schema, {
    fields,
    inputs,
    filters,
    byDefault,
    pinned,
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
    inputs,
    filters,
    defaults,
    hasServiceDefaults: [...defaults.values()].some((all) => all.some((one) => one.isOfService)),
    freeFilters: new Map([...free].filter(([one]) => !pinned.has(one) && !namedBy(matches, one))),
    writable,
    pins,
    inputPins,
    writes: reads.reads,
    makes: reads.makes,
    trials: [],
  };
}

/** Every field of every object and interface type. */
function compileFields(
  schema: GraphQLSchema,
  compiler: Compiler,
  about: {
    matches: Matches;
    pins: ReadonlyMap<string, readonly Pin[]>;
    inputPins: ReadonlyMap<string, readonly InputPin[]>;
    writeRules: (coordinate: string) => WriteRules;
  },
): Map<string, CoordinatePolicy> {
  const { matches, pins, inputPins, writeRules } = about;
  const fields = new Map<string, CoordinatePolicy>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const found = matches.fields.get(coordinate) ?? [];
      const about = {
        output: field.type,
        pins: [...(pins.get(coordinate) ?? []), ...(inputPins.get(coordinate) ?? [])],
        place: isObjectType(type) ? { coordinate, object: type, field } : undefined,
        write: type === schema.getMutationType() ? writeRules(coordinate) : undefined,
      };
      fields.set(coordinate, compiler.coordinate(coordinate, found, about));
    }
  }
  return fields;
}

/** The rule that names an input itself; a wildcard is too wide to speak of what a class protects. */
function namedBy({ inputs }: Matches, coordinate: string): AccessRule | undefined {
  return inputs.get(coordinate)?.find((match) => match.closeness > closeness.broad)?.rule;
}

class Compiler {
  readonly conditions: readonly Condition[];
  readonly problems: Problem[];
  private readonly numbers: ConditionNumbers;
  private readonly anonymousAllowed: boolean;
  private readonly checker: WhenChecker;

  constructor(
    anonymousAllowed: boolean,
    problems: Problem[],
    checker: WhenChecker,
    numbers: ConditionNumbers,
  ) {
    this.anonymousAllowed = anonymousAllowed;
    this.problems = problems;
    this.checker = checker;
    this.numbers = numbers;
    this.conditions = numbers.conditions;
  }

  complain({ source, name }: AccessRule, code: Problem['code'], message: string): void {
    this.problems.push({ ...source, path: '', code, message: `rule ${name}: ${message}` });
  }

  coordinate(
    coordinate: string,
    matches: readonly Match[],
    of: {
      output?: GraphQLType;
      input?: GraphQLType | undefined;
      pins?: readonly Pin[] | undefined;
      /** Where conditions can look at something; undefined where nothing is decided, on interfaces. */
      place: WhenPlace | undefined;
      /** Of a field of the mutation type. */
      write?: WriteRules | undefined;
    },
  ): CoordinatePolicy {
    const type = of.output ?? of.input;
    const reaching = matches.filter((match) => match.opens && reaches(match, matches, type));
    const granting = reaching.filter((match) => match.rule.allow !== undefined);
    // Never asked without its value: who has none is refused like who fails a requirement.
    const { write } = of;
    const requires = [
      ...this.required(matches, write),
      ...(of.pins ?? []).map((pin) => this.pinned(pin)),
    ];
    const forbid = matches.find((match) => match.rule.forbid)?.rule;
    const otherwise = this.otherwise(coordinate, reaching, of);
    const grants = this.clauses(granting, (rule) => rule.allow, write);
    const forAll = (clause: Clause) => this.forAll(clause);
    const isListed =
      granting.length > 0 || matches.some((match) => match.closeness > closeness.broad);
    if (of.place !== undefined) {
      this.checkWhens(of.place, { requires, grants, ...otherwise }, write);
      const behind = requires.find(({ ofObjects }) => ofObjects);
      if (write !== undefined && isListed && behind !== undefined) {
        this.complain(behind.rule, 'missing-key', write.wanted(behind.rule));
      }
    }
    const broadOnly = reaching.every((match) => match.closeness === closeness.broad);
    return Object.freeze({
      coordinate,
      classes: [...new Set(matches.flatMap((match) => match.rule.classes))].sort(),
      grants,
      requires,
      forbid,
      ...otherwise,
      listed: isListed,
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
    { output: type, write }: { output?: GraphQLType; write?: WriteRules | undefined },
  ): Pick<CoordinatePolicy, 'masks' | 'outcome'> {
    const [first, second] = distinctRules(reaching).filter(
      ({ otherwise }) => otherwise !== undefined && otherwise.outcome !== 'drop',
    );
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
      outcome: outcome === 'drop' ? 'deny' : outcome,
      masks: masks.map((mask) => ({
        mask: mask.mask,
        condition: this.id(this.bound(mask.allow, first, write)),
        rule: first as AccessRule,
      })),
    };
  }

  private clauses(
    matches: readonly Match[],
    pick: (rule: AccessRule) => Condition | undefined,
    write?: WriteRules | undefined,
  ): Clause[] {
    return distinctRules(matches).flatMap((rule) => {
      const condition = pick(rule);
      if (condition === undefined) return [];
      return [{ condition: this.id(this.bound(condition, rule, write)), rule }];
    });
  }

  /** Before a write, what `types` require is asked of what is read, where something is. */
  private required(matches: readonly Match[], write: WriteRules | undefined): Clause[] {
    const own = this.clauses(matches, (rule) => rule.require, write).map((clause) =>
      this.ofObjects(clause, matches),
    );
    if (write === undefined) return own;
    const read = new Set(write.required.map(({ rule }) => rule));
    return [
      ...own
        .filter(({ rule, ofObjects }) => !(ofObjects && read.has(rule)))
        .map((clause) => (clause.ofObjects && write.makes ? this.known(clause) : clause)),
      ...write.required.map(({ rule, condition }): Clause => {
        return { condition: this.id(condition), rule, ofRead: true };
      }),
    ];
  }

  /** What is known of it before there is an object; the object is judged when it is delivered. */
  private known({ condition, rule }: Clause): Clause {
    const written = this.conditions[condition] ?? { kind: 'any', of: [] };
    return { condition: this.id(withoutRows(written)), rule };
  }

  /** What a rule asks of an object, it asks of what it reads before a write. */
  private bound(
    condition: Condition,
    rule: AccessRule | undefined,
    write: WriteRules | undefined,
  ): Condition {
    const read = rule && write?.readOf(rule);
    return read === undefined ? condition : bindTo(condition, [read.read.text]);
  }

  private pinned({ claim, of, isList, rule }: Pin): Clause {
    return { condition: this.id({ kind: 'pinned', pinned: { claim, of, isList } }), rule };
  }

  /** What a rule asks of objects through its `types` alone. */
  private ofObjects(clause: Clause, matches: readonly Match[]): Clause {
    const condition = this.conditions[clause.condition];
    if (condition === undefined || !asksForRows(condition)) return clause;
    const own = matches.filter(({ rule }) => rule === clause.rule);
    return own.every(({ byTypes }) => byTypes) ? { ...clause, ofObjects: true } : clause;
  }

  private checkWhens(
    place: WhenPlace,
    policy: Pick<CoordinatePolicy, 'requires' | 'grants' | 'masks' | 'outcome'>,
    write: WriteRules | undefined,
  ): void {
    const { requires, grants, masks, outcome } = policy;
    for (const { condition, rule, ofObjects, ofRead } of [...requires, ...grants, ...masks]) {
      const written = this.conditions[condition];
      // Those of objects are checked where these are.
      if (written === undefined || !isPerUse(written) || ofObjects || ofRead) continue;
      const before = write?.readOf(rule)?.type;
      // One that does not fit is told of already.
      if (write !== undefined && rule.object && rule.object.read !== 'new' && !before) continue;
      this.checker.check(rule, written, before === undefined ? place : { ...place, before });
    }
    if (outcome === 'deny') return;
    for (const { condition, rule } of [...grants, ...masks]) {
      const written = this.conditions[condition];
      if (written === undefined || !isPerUse(written)) continue;
      if (outcome === 'reject' && !asksForRows(written)) continue;
      const message = `what arguments or objects decide can \`deny\` or mask ${place.coordinate}, and not \`${outcome}\` it`;
      this.complain(rule, 'conflict', message);
    }
  }

  id(condition: Condition): number {
    return this.numbers.of(condition);
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

/** The same of what is inside an input object. */
function refuseAllowedInputs(
  inputPins: ReadonlyMap<string, readonly InputPin[]>,
  { inputs }: Matches,
): readonly Problem[] {
  return [...inputPins.values()].flat().flatMap(({ hides, rule }): Problem[] => {
    const allowing = inputs
      .get(hides)
      ?.find((match) => match.closeness > closeness.broad && match.rule.allow !== undefined)?.rule;
    if (allowing === undefined) return [];
    const { file, line } = allowing.source;
    const message = `${hides} is pinned, so nobody can give it: rule ${allowing.name} (${file}:${line}) allows it`;
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

/** An input and its type, undefined for an enum value; conditions can look at other arguments. */
function inputAt(
  schema: GraphQLSchema,
  coordinate: string,
): { input: GraphQLType | undefined; place: WhenPlace | undefined } {
  const [, typeName = '', name = '', argument] =
    /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  const nowhere = { coordinate, object: undefined, field: undefined };
  if (isInputObjectType(type)) return { input: type.getFields()[name]?.type, place: nowhere };
  if (!isObjectType(type) && !isInterfaceType(type)) return { input: undefined, place: nowhere };
  const field = type.getFields()[name];
  const input = field?.args.find((one) => one.name === argument)?.type;
  return { input, place: isObjectType(type) ? { ...nowhere, field } : undefined };
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

/**
 * Compiles the policy of one coordinate from the rules that match it: who is granted it, what must
 * also hold, which masks apply, and what a refusal looks like.
 */
import { type GraphQLType, getNamedType, isScalarType, isSpecifiedScalarType } from 'graphql';
import { asksForRows, type Condition, isPerUse } from '../conditions/condition.ts';
import { holdsForAll } from '../conditions/criterion.ts';
import type { Problem } from '../files/config-error.ts';
import type { AccessRule } from './access/access-file.ts';
import type { WhenChecker, WhenPlace } from './access/check-when.ts';
import { closeness, type Match } from './access/match-rules.ts';
import { bindTo, type WriteRules, withoutRows } from './bind-reads.ts';
import type { Pin } from './compile-pins.ts';
import type { ConditionNumbers } from './condition-numbers.ts';
import type { Clause, CoordinatePolicy } from './policy.ts';
import { distinctRules, reaches } from './reaching-rules.ts';

/** Compiles coordinates one at a time and collects what is wrong with rules in `problems`. */
export class CoordinateCompiler {
  readonly conditions: readonly Condition[];
  readonly problems: Problem[];
  readonly #numbers: ConditionNumbers;
  readonly #anonymousAllowed: boolean;
  readonly #checker: WhenChecker;

  constructor(
    anonymousAllowed: boolean,
    problems: Problem[],
    checker: WhenChecker,
    numbers: ConditionNumbers,
  ) {
    this.#anonymousAllowed = anonymousAllowed;
    this.problems = problems;
    this.#checker = checker;
    this.#numbers = numbers;
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
      /** The place at which conditions look things up; undefined on interfaces, which decide nothing. */
      place: WhenPlace | undefined;
      /** Present for fields of the mutation type. */
      write?: WriteRules | undefined;
    },
  ): CoordinatePolicy {
    const type = of.output ?? of.input;
    const reaching = matches.filter((match) => match.opens && reaches(match, matches, type));
    const granting = reaching.filter((match) => match.rule.allow !== undefined);
    // A field is never fetched without its pinned value: a caller without the claim is refused as
    // by an unmet requirement.
    const { write } = of;
    const requires = [
      ...this.#required(matches, write),
      ...(of.pins ?? []).map((pin) => this.#pinned(pin)),
    ];
    const forbid = matches.find((match) => match.rule.forbid)?.rule;
    const otherwise = this.#otherwise(coordinate, reaching, of);
    const grants = this.#clauses(granting, (rule) => rule.allow, write);
    const forAll = (clause: Clause) => this.forAll(clause);
    const isListed =
      granting.length > 0 || matches.some((match) => match.closeness > closeness.broad);
    if (of.place !== undefined) {
      this.#checkWhens(of.place, { requires, grants, ...otherwise }, write);
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

  #otherwise(
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
      const message =
        type === undefined
          ? `${coordinate} is an input, which callers give: masks are for what is answered`
          : `${coordinate}, which is ${String(type)}, cannot hold a masked value: masks are for String and ID`;
      const { source } = masks[0] ?? first;
      this.problems.push({ ...source, path: '', code: 'wrong-type', message });
    }
    return {
      outcome: outcome === 'drop' ? 'deny' : outcome,
      masks: masks.map((mask) => ({
        mask: mask.mask,
        condition: this.id(this.#bound(mask.allow, first, write)),
        rule: first as AccessRule,
      })),
    };
  }

  #clauses(
    matches: readonly Match[],
    pick: (rule: AccessRule) => Condition | undefined,
    write?: WriteRules | undefined,
  ): Clause[] {
    return distinctRules(matches).flatMap((rule) => {
      const condition = pick(rule);
      if (condition === undefined) return [];
      return [{ condition: this.id(this.#bound(condition, rule, write)), rule }];
    });
  }

  /** Before a write, what `types` require is checked on the objects read, if any. */
  #required(matches: readonly Match[], write: WriteRules | undefined): Clause[] {
    const own = this.#clauses(matches, (rule) => rule.require, write).map((clause) =>
      this.#ofObjects(clause, matches),
    );
    if (write === undefined) return own;
    const read = new Set(write.required.map(({ rule }) => rule));
    return [
      ...own
        .filter(({ rule, ofObjects }) => !(ofObjects && read.has(rule)))
        .map((clause) => (clause.ofObjects && write.makes ? this.#known(clause) : clause)),
      ...write.required.map(({ rule, condition }): Clause => {
        return { condition: this.id(condition), rule, ofRead: true };
      }),
    ];
  }

  /** The part that is known before the object exists; the object itself is judged on delivery. */
  #known({ condition, rule }: Clause): Clause {
    const written = this.conditions[condition] ?? { kind: 'any', of: [] };
    return { condition: this.id(withoutRows(written)), rule };
  }

  /** Binds a rule's condition on an object to what the rule reads before a write. */
  #bound(
    condition: Condition,
    rule: AccessRule | undefined,
    write: WriteRules | undefined,
  ): Condition {
    const read = rule && write?.readOf(rule);
    return read === undefined ? condition : bindTo(condition, [read.read.text]);
  }

  #pinned({ claim, of, isList, rule }: Pin): Clause {
    return { condition: this.id({ kind: 'pinned', pinned: { claim, of, isList } }), rule };
  }

  /** Marks what a rule requires of objects through its `types` alone. */
  #ofObjects(clause: Clause, matches: readonly Match[]): Clause {
    const condition = this.conditions[clause.condition];
    if (condition === undefined || !asksForRows(condition)) return clause;
    const own = matches.filter(({ rule }) => rule === clause.rule);
    return own.every(({ byTypes }) => byTypes) ? { ...clause, ofObjects: true } : clause;
  }

  #checkWhens(
    place: WhenPlace,
    policy: Pick<CoordinatePolicy, 'requires' | 'grants' | 'masks' | 'outcome'>,
    write: WriteRules | undefined,
  ): void {
    const { requires, grants, masks, outcome } = policy;
    for (const { condition, rule, ofObjects, ofRead } of [...requires, ...grants, ...masks]) {
      const written = this.conditions[condition];
      // Conditions of objects are checked in compileObjects.
      if (written === undefined || !isPerUse(written) || ofObjects || ofRead) continue;
      const before = write?.readOf(rule)?.type;
      // A read that does not fit has already been reported.
      if (write !== undefined && rule.object && rule.object.read !== 'new' && !before) continue;
      this.#checker.check(rule, written, before === undefined ? place : { ...place, before });
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
    return this.#numbers.of(condition);
  }

  forAll(clause: Clause): boolean {
    const condition = this.conditions[clause.condition];
    return condition !== undefined && holdsForAll(condition, this.#anonymousAllowed);
  }
}

/** A broad grant does not open a structured value of such a scalar, so not every caller has it. */
function isCustomScalar(type: GraphQLType): boolean {
  const named = getNamedType(type);
  return isScalarType(named) && !isSpecifiedScalarType(named);
}

function holdsText(type: GraphQLType | undefined): boolean {
  if (type === undefined) return false;
  const { name } = getNamedType(type);
  return name === 'String' || name === 'ID';
}

/**
 * One of the two compared policies: what it shows of a coordinate to a caller. Uses the decision of
 * a request, plus what a request meets elsewhere: coordinates missing from the public schema, and
 * anonymous callers who are refused.
 */
import {
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import type { AccessRule } from '../../authorize/access/access-file.ts';
import { decide } from '../../authorize/decide.ts';
import { Grants } from '../../authorize/grants.ts';
import type { Clause, CoordinatePolicy, Policy } from '../../authorize/policy.ts';
import { coordinatesIn } from '../../authorize/schema-coordinates.ts';
import type { Condition } from '../../conditions/condition.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import type { MaskName } from '../../plan/plan.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { ExampleCaller } from './diff-callers.ts';

export interface Shown {
  /** `absent`: not in the graph. `dropped`: silently left out of its list with its object. */
  readonly verdict: 'allow' | 'mask' | 'deny' | 'hidden' | 'reject' | 'dropped' | 'absent';
  readonly mask?: MaskName;
  /** A custom scalar's plain values, but no structured ones. */
  readonly plainAlone?: true;
  /** An anonymous caller who is refused, and so does not even learn what exists. */
  readonly outside?: true;
  readonly rule?: AccessRule;
}

/** What a coordinate shows, as a function of the caller. */
export interface Judged {
  /** Equal keys mean equal functions. */
  readonly key: string;
  /** All conditions that `of` evaluates. */
  readonly conditions: readonly Condition[];
  of(caller: ExampleCaller): Shown;
}

export interface Side {
  readonly policy: Policy;
  readonly anonymousAllowed: boolean;
  readonly executable: GraphQLSchema;
  /** The schema of callers from whom nothing is hidden. */
  readonly view: GraphQLSchema;
  /** Coordinates of `executable`. */
  readonly there: ReadonlySet<string>;
  readonly seen: ReadonlySet<string>;
}

export function toSide(
  { policy, executable, public: { schema } }: Pick<Snapshot, 'policy' | 'executable' | 'public'>,
  anonymousAllowed: boolean,
): Side {
  return {
    policy,
    anonymousAllowed,
    executable,
    view: schema,
    there: new Set(coordinatesIn(executable)),
    seen: new Set(coordinatesIn(schema)),
  };
}

/** Whether an input has rules of its own, or from a field that it filters on. */
export const isRuled = ({ policy }: Side, coordinate: string): boolean =>
  policy.inputs.has(coordinate);

/** The field of an argument coordinate. */
export const fieldOf = (coordinate: string): string | undefined =>
  coordinate.endsWith(')') ? coordinate.slice(0, coordinate.indexOf('(')) : undefined;

export function judgedOn(side: Side, coordinate: string): Judged {
  if (!side.there.has(coordinate)) return always({ verdict: 'absent' });
  if (!side.seen.has(coordinate)) return always({ verdict: 'hidden' });
  const own = ownOf(side, coordinate);
  return side.anonymousAllowed ? own : withoutStrangers(own);
}

const always = (shown: Shown): Judged => ({ key: 'closed', conditions: [], of: () => shown });

const allowed: Judged = { key: 'allow', conditions: [], of: () => ({ verdict: 'allow' }) };

const withoutStrangers = ({ key, conditions, of }: Judged): Judged => ({
  key: `known ${key}`,
  conditions,
  of: (caller) => (caller.authenticated ? of(caller) : { verdict: 'deny', outside: true }),
});

function ownOf(side: Side, coordinate: string): Judged {
  const field = side.policy.fields.get(coordinate);
  if (field !== undefined) return judgedField(side, field);
  const rule = side.policy.inputs.get(coordinate);
  const own = rule === undefined ? allowed : judgedInput(side, rule);
  const above = side.policy.fields.get(fieldOf(coordinate) ?? '');
  return above === undefined ? own : behind(own, judgedField(side, above));
}

/** Requires both: `gate`, the field, must not be refused for its argument `own` to be open. */
function behind(own: Judged, gate: Judged): Judged {
  return {
    key: `${own.key} behind ${gate.key}`,
    conditions: [...own.conditions, ...gate.conditions],
    of(caller) {
      const [first, shown] = [gate.of(caller), own.of(caller)];
      if (isRefused(first)) return shown.verdict === 'hidden' ? shown : first;
      return shown.rule === undefined && first.rule ? { ...shown, rule: first.rule } : shown;
    },
  };
}

/** A mask never permits the use of an input, and only rows can be dropped. */
function judgedInput(side: Side, about: CoordinatePolicy): Judged {
  const { key, conditions, of } = judgedRules(side, about);
  return {
    key: `input ${key}`,
    conditions,
    of(caller) {
      const shown = of(caller);
      if (shown.verdict !== 'mask' && shown.verdict !== 'dropped') return shown;
      const { rule } = shown;
      return { verdict: about.outcome === 'hide' ? 'hidden' : 'deny', ...(rule && { rule }) };
    },
  };
}

function judgedField(side: Side, about: CoordinatePolicy): Judged {
  const own = judgedRules(side, about);
  if (!about.broadOnly || !isCustomScalar(side.executable, about.coordinate)) return own;
  return {
    key: `plain ${own.key}`,
    conditions: own.conditions,
    of(caller) {
      const shown = own.of(caller);
      return shown.verdict === 'allow' ? { ...shown, plainAlone: true } : shown;
    },
  };
}

/** The decision of a request, reduced to the conditions of this coordinate. */
function judgedRules({ policy }: Side, about: CoordinatePolicy): Judged {
  const conditions: Condition[] = [];
  const numbers = new Map<number, number>();
  const renumber = <One extends Clause>(clause: One): One => {
    const asked = policy.conditions[clause.condition];
    if (asked === undefined) throw new Error(`the policy has no condition ${clause.condition}`);
    const number = numbers.get(clause.condition) ?? conditions.push(asked) - 1;
    numbers.set(clause.condition, number);
    return { ...clause, condition: number };
  };
  const short: CoordinatePolicy = {
    ...about,
    grants: about.grants.map(renumber),
    requires: about.requires.map(renumber),
    masks: about.masks.map(renumber),
  };
  const textOf = ({ condition }: Clause) => JSON.stringify(conditions[condition]);
  const key = JSON.stringify({
    forbid: about.forbid !== undefined,
    hides: about.outcome === 'hide',
    grants: short.grants.map(textOf).sort(),
    requires: short.requires.map((clause) => `${textOf(clause)} ${drops(clause)}`).sort(),
    masks: short.masks.map((clause) => [clause.mask, textOf(clause)]),
  });
  return {
    key,
    conditions,
    of: (caller) => toShown(short, new Grants(conditions.map((one) => caller.holds(one)))),
  };
}

function toShown(about: CoordinatePolicy, grants: Grants): Shown {
  const verdict = decide(about, grants);
  if (verdict.kind === 'allow') return { verdict: 'allow', rule: verdict.rule };
  if (verdict.kind === 'mask') return { verdict: 'mask', mask: verdict.mask, rule: verdict.rule };
  // Unreachable: example callers answer every expression with yes or no.
  if (verdict.kind === 'depends') throw new Error('an answer is open');
  const dropping = verdict.forbid === undefined ? verdict.missing.find(drops)?.rule : undefined;
  if (dropping !== undefined) return { verdict: 'dropped', rule: dropping };
  const rule = verdict.forbid ?? verdict.missing[0]?.rule;
  const { outcome } = verdict;
  return { verdict: outcome === 'hide' ? 'hidden' : outcome, ...(rule && { rule }) };
}

/** A failed condition on a write's read refuses the write; it drops no rows. */
const drops = ({ rule, ofRead }: Pick<Clause, 'rule' | 'ofRead'>): boolean =>
  rule.otherwise?.outcome === 'drop' && ofRead !== true;

/** How much is shown: 0 if it seems not to exist, 1 if its name shows but it is refused. */
export function rankOf({ verdict, plainAlone }: Shown): number {
  switch (verdict) {
    case 'absent':
    case 'hidden':
    case 'dropped':
      return 0;
    case 'deny':
    case 'reject':
      return 1;
    case 'mask':
      return 2;
    case 'allow':
      return plainAlone ? 3 : 4;
  }
}

const isRefused = (shown: Shown): boolean => rankOf(shown) <= 1;

function isCustomScalar(schema: GraphQLSchema, coordinate: string): boolean {
  const [owner, name] = splitCoordinate(coordinate);
  const type = schema.getType(owner);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = type.getFields()[name];
  const named = field && getNamedType(field.type);
  return isScalarType(named) && !isSpecifiedScalarType(named);
}

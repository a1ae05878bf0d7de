/**
 * Walks all coordinates of an operation with a plan that permits everything and runs the real
 * decision on each, so that coordinates below a refused field are explained too.
 */
import type { GraphQLSchema } from 'graphql';
import type { AccessRule } from '../../authorize/access/access-file.ts';
import { createAuthorize, type Question } from '../../authorize/authorize.ts';
import { decide, type Verdict } from '../../authorize/decide.ts';
import { type Answers, Grants } from '../../authorize/grants.ts';
import type { Clause, CoordinatePolicy, Policy } from '../../authorize/policy.ts';
import { hasCoordinate } from '../../authorize/schema-coordinates.ts';
import { createConditionRules } from '../../authorize/shield-rules.ts';
import { stepUpOf } from '../../authorize/step-up-of.ts';
import { type Denial, Refusal } from '../../decision.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { toStepUpExtensions } from '../../step-up.ts';
import { toConditionText } from './explain-condition.ts';

export interface RulePlace {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

export interface ExplainedCoordinate {
  readonly coordinate: string;
  /** `hidden`: does not exist for this caller. `depends`: on arguments or objects. */
  readonly verdict: 'allow' | 'mask' | 'depends' | 'deny' | 'hidden' | 'reject';
  /** With `depends`: the mask that applies if no missing `allow` holds. */
  readonly mask?: string;
  /** The rule that granted, masked or forbade it. */
  readonly rule?: RulePlace;
  /**
   * Conditions that fail or depend on use: each `require` is needed, and any one `allow`; without
   * one, the mask needs its own (`mask`), unless it applies to all uses.
   */
  readonly missing?: readonly MissingCondition[];
  /** The fields that a filter without a rule of its own reads, whose grants it needs. */
  readonly filtersOn?: readonly string[];
  /** Set if a new sign-in alone would grant it. */
  readonly stepUp?: { readonly acr_values?: string; readonly max_age?: number };
}

export interface MissingCondition {
  readonly needs: 'allow' | 'require' | 'mask';
  readonly condition: string;
  readonly rule: RulePlace;
}

/**
 * Returns coordinates in order of first appearance. `schema` is what the question was checked
 * against; `seen` is the caller's view, undefined if there is none; `introspection` tells whether
 * the operation asks for the schema.
 */
export async function walkCoordinates(
  {
    policy,
    executable,
    schema,
  }: Pick<Snapshot, 'policy' | 'executable'> & {
    readonly schema: GraphQLSchema;
  },
  question: Question,
  seen: GraphQLSchema | undefined,
): Promise<{ coordinates: ExplainedCoordinate[]; introspection: boolean }> {
  const found = new Map<string, ExplainedCoordinate>();
  const settled = new Set<string>();
  const walk = createAuthorize({
    publicSchema: schema,
    executable,
    upstreamTypes: new Map(),
    // Rules in shadow mode give no verdicts.
    policy: { ...policy, shadows: [] },
    rules: createConditionRules(policy.conditions),
    introspection: 'everyone',
    decide: (about, answers) => {
      const { coordinate } = about;
      const verdict = decide(about, answers);
      // A verdict that depends on arguments is decided again once they are known.
      const isOpen = verdict.kind === 'depends' && answers instanceof Grants;
      const explained = toExplained(about, answers, policy);
      const known = found.get(coordinate);
      if (known === undefined || (!isOpen && !settled.has(coordinate))) {
        found.set(coordinate, explained);
      } else if (!isOpen && known.verdict !== explained.verdict) {
        // One use is allowed and another refused.
        const { mask: _, rule: __, ...rest } = known;
        found.set(coordinate, { ...rest, verdict: 'depends' });
      }
      if (!isOpen) settled.add(coordinate);
      return isOpen ? verdict : letThrough(about);
    },
  });
  const plan = await walk(question);
  const introspection = !(plan instanceof Refusal) && plan.introspection !== undefined;
  const coordinates = [...found.values()].map((one) => asSeen(one, seen));
  return { coordinates, introspection };
}

/** Removes step-ups that the served refusal would not ask for: it knows the arguments. */
export function asDenied(
  coordinates: readonly ExplainedCoordinate[],
  denials: readonly Denial[],
): ExplainedCoordinate[] {
  const closed = new Set(denials.flatMap((one) => (one.stepUp ? [] : [one.coordinate])));
  return coordinates.map(({ stepUp, ...one }) =>
    stepUp === undefined || closed.has(one.coordinate) ? one : { ...one, stepUp },
  );
}

/** Explains one coordinate by its own rules and the caller's view alone. */
export const explainCoordinate = (
  about: CoordinatePolicy,
  grants: Grants,
  { policy, seen }: { policy: Policy; seen: GraphQLSchema | undefined },
): ExplainedCoordinate => asSeen(toExplained(about, grants, policy), seen);

/** A coordinate outside of the caller's view is hidden, whatever its own rules say. */
function asSeen(one: ExplainedCoordinate, seen: GraphQLSchema | undefined): ExplainedCoordinate {
  if (seen !== undefined && hasCoordinate(seen, one.coordinate)) return one;
  const { coordinate, missing, filtersOn } = one;
  return {
    coordinate,
    verdict: 'hidden',
    ...(missing && { missing }),
    ...(filtersOn && { filtersOn }),
  };
}

const noRule: AccessRule = {
  name: '',
  source: { file: '', line: 0, column: 0 },
  classes: [],
  fields: [],
  types: [],
  pins: [],
  allow: undefined,
  require: undefined,
  forbid: false,
  otherwise: undefined,
};

/** Any rule will do, because the plan of the walk is never run. */
function letThrough({ grants: [first] }: CoordinatePolicy): Verdict {
  return { kind: 'allow', rule: first?.rule ?? noRule };
}

function toExplained(
  about: CoordinatePolicy,
  grants: Answers,
  policy: Policy,
): ExplainedCoordinate {
  const filter = policy.filters.get(about.coordinate);
  const isImplied = filter !== undefined && filter.named === undefined;
  const explained = toVerdict(about, grants, policy);
  return isImplied ? { ...explained, filtersOn: filter.means } : explained;
}

function toVerdict(about: CoordinatePolicy, grants: Answers, policy: Policy): ExplainedCoordinate {
  const { coordinate } = about;
  const verdict = decide(about, grants);
  if (verdict.kind === 'allow') {
    return { coordinate, verdict: 'allow', rule: toRulePlace(verdict.rule) };
  }
  const missing = verdict.kind === 'refuse' && verdict.forbid ? [] : unmet(about, grants, policy);
  if (verdict.kind === 'refuse') {
    const { outcome, forbid } = verdict;
    const said = outcome === 'hide' ? 'hidden' : outcome;
    const stepUp = toStepUp(about, grants);
    return {
      coordinate,
      verdict: said,
      ...(forbid && { rule: toRulePlace(forbid) }),
      missing,
      ...stepUp,
    };
  }
  if (verdict.kind === 'depends') {
    // Arguments cannot depend on objects: only fixed grants or conditions on arguments open them.
    if (policy.inputs.has(coordinate) && !hangsOnArguments(about, policy)) {
      return { coordinate, verdict: 'deny', missing };
    }
    const { choices } = verdict;
    const masked = choices.find((one) => one.mask !== undefined);
    const isMaskedAtMost = choices.every((one) => one.mask !== undefined);
    return {
      coordinate,
      verdict: 'depends',
      ...(masked?.mask !== undefined && { mask: masked.mask }),
      missing: [
        ...missing.filter(({ needs }) => needs === 'require' || !isMaskedAtMost),
        ...(masked?.isCertain === false ? [toMissing('mask', masked.clause, policy)] : []),
      ],
    };
  }
  // A mask never permits filtering.
  if (policy.inputs.has(coordinate)) {
    const hides = about.outcome === 'hide';
    const stepUp = toStepUp(about, grants);
    return { coordinate, verdict: hides ? 'hidden' : 'deny', missing, ...stepUp };
  }
  const { mask, rule } = verdict;
  return { coordinate, verdict: 'mask', mask, rule: toRulePlace(rule), missing };
}

/** Hidden coordinates reveal no step-up. */
function toStepUp(about: CoordinatePolicy, grants: Answers): Pick<ExplainedCoordinate, 'stepUp'> {
  const needed = about.outcome === 'hide' ? undefined : stepUpOf([about], grants);
  return needed === undefined ? {} : { stepUp: toStepUpExtensions(needed) };
}

/** An implied filter needs the grants of its fields, whatever arguments are used. */
const hangsOnArguments = (
  { grants, requires, isImplied }: CoordinatePolicy,
  { perUse }: Policy,
): boolean =>
  !isImplied &&
  [...grants, ...requires].some(({ condition }) => perUse.get(condition)?.asksForArguments);

function unmet(about: CoordinatePolicy, grants: Answers, policy: Policy): MissingCondition[] {
  const isUnmet = ({ condition }: Clause) => !grants.holds(condition);
  const allows = about.grants.every(isUnmet) ? about.grants : [];
  return [
    ...about.requires.filter(isUnmet).map((clause) => toMissing('require', clause, policy)),
    ...allows.map((clause) => toMissing('allow', clause, policy)),
  ];
}

function toMissing(
  needs: MissingCondition['needs'],
  { condition, rule }: Clause,
  { conditions }: Policy,
): MissingCondition {
  const asked = conditions[condition];
  if (asked === undefined) throw new Error(`the policy has no condition ${condition}`);
  return { needs, condition: toConditionText(asked), rule: toRulePlace(rule) };
}

export function toRulePlace({ name, source: { file, line } }: AccessRule): RulePlace {
  return { name, file, line };
}

/**
 * Decides on one selected field: its own coordinate and every governed input that its arguments
 * use. The answer does not depend on how the inputs are written.
 */
import type { FieldNode, GraphQLField, GraphQLSchema } from 'graphql';
import { type Condition, partsOf } from '../conditions/condition.ts';
import type { Denial } from '../decision.ts';
import type { StepUp } from '../step-up.ts';
import { type Decide, toCertain, type Verdict } from './decide.ts';
import type { Grants } from './grants.ts';
import type { VariableUse } from './operation/empty-inputs.ts';
import { type AskArguments, type FieldUse, wholeField } from './operation/plan-arguments.ts';
import { inputsOf, isHiddenDefault, policyOfUsed } from './operation/used-inputs.ts';
import type { Clause, CoordinatePolicy, Policy } from './policy.ts';
import { stepUpOf, stepUpOfEach } from './step-up-of.ts';

export interface FieldQuestion {
  readonly policy: Policy;
  /** The schema that the engines run. */
  readonly executable: GraphQLSchema;
  readonly decide: Decide;
  readonly grants: Grants;
  readonly variables: ReadonlyMap<string, VariableUse>;
  /** Decides conditions on arguments. */
  readonly askArguments: AskArguments;
}

/** A verdict; `byArguments` if the arguments of this use granted it and others might not. */
type Settled = Verdict & { readonly byArguments?: true };
type Granted = Exclude<Settled, { kind: 'refuse' }>;

/** Allowed, masked, or to be decided at each object. */
export type GrantedField = Granted & {
  /** Inputs that are open because of the arguments. */
  readonly inputsByArguments?: readonly string[];
  /** If objects decide: the sign-in that alone would grant the field at each of them. */
  readonly stepUp?: StepUp | undefined;
};

export type FieldVerdict =
  | GrantedField
  | {
      readonly kind: 'refuse';
      /** The field, or the input that the caller may not use. */
      readonly coordinate: string;
      readonly outcome: 'deny' | 'hide' | 'reject';
      readonly denial: Denial;
      /** The sign-in that alone would grant the field with all inputs used. */
      readonly stepUp: StepUp | undefined;
    };

export function decideField(
  about: FieldQuestion,
  coordinate: string,
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): FieldVerdict {
  const own = about.policy.fields.get(coordinate);
  const at = () => ({ definition: wholeField(about, coordinate, definition), node });
  const verdict = ask(about, own, at);
  const used = () => inputsOf(about, coordinate, definition, node.arguments ?? []);
  const judged =
    verdict.kind === 'refuse'
      ? []
      : [...used()].sort().map((input) => {
          const policy = policyOfUsed(about.policy, input);
          return { input, policy, verdict: ask(about, policy, at) };
        });
  const refused =
    verdict.kind === 'refuse'
      ? {
          coordinate,
          outcome: verdict.outcome,
          denial: toDenial(about.policy, coordinate, verdict),
        }
      : refusedInput(about, judged);
  const { grants } = about;
  const toStepUp = (ask: typeof stepUpOfEach): StepUp | undefined => {
    const given = [...used()];
    if (!grants.asksForSignIn || given.some((one) => isHiddenDefault(about.policy, one))) {
      return undefined;
    }
    const inputs = given.map((one) => policyOfUsed(about.policy, one));
    return ask([own, ...inputs], grants, about.askArguments(grants, at()));
  };
  if (refused === undefined) {
    const granted = withOpened(verdict as Granted, judged);
    return verdict.kind === 'depends' ? { ...granted, stepUp: toStepUp(stepUpOfEach) } : granted;
  }
  const stepUp = toStepUp(stepUpOf);
  const denial: Denial = { ...refused.denial, ...(stepUp && { stepUp: true }) };
  return { kind: 'refuse', ...refused, denial, stepUp };
}

interface JudgedInput {
  readonly input: string;
  readonly policy: CoordinatePolicy | undefined;
  readonly verdict: Settled;
}

/** Adds the inputs that only the arguments of this use have opened. */
function withOpened(verdict: Granted, judged: readonly JudgedInput[]): GrantedField {
  const opened = judged.flatMap((one) => (one.verdict.byArguments ? [one.input] : []));
  return opened.length === 0 ? verdict : { ...verdict, inputsByArguments: opened };
}

/** Refuses a coordinate that the policy does not know. */
function ask(
  about: FieldQuestion,
  policy: CoordinatePolicy | undefined,
  at: () => FieldUse,
): Settled {
  if (policy === undefined) {
    return { kind: 'refuse', outcome: 'deny', missing: [], forbid: undefined };
  }
  const verdict = about.decide(policy, about.grants);
  if (verdict.kind !== 'depends' || policy.isImplied) return verdict;
  const settled = about.decide(policy, about.askArguments(about.grants, at()));
  if (settled.kind === 'allow' || settled.kind === 'mask') return { ...settled, byArguments: true };
  // The coordinate is in this caller's view, so its existence is no secret.
  const isHidden = settled.kind === 'refuse' && settled.outcome === 'hide';
  return isHidden ? { ...settled, outcome: 'deny' } : settled;
}

/** `reject` before `deny`, then the first by name, so that the order of writing does not matter. */
function refusedInput(
  about: FieldQuestion,
  judged: readonly JudgedInput[],
): Pick<FieldVerdict & { kind: 'refuse' }, 'coordinate' | 'outcome' | 'denial'> | undefined {
  const refused = judged.flatMap(({ input, policy, verdict }) => {
    if (verdict.kind === 'allow') return [];
    const coordinate = policy?.coordinate ?? input;
    const outcome = verdict.kind === 'refuse' ? verdict.outcome : 'deny';
    const denial = toDenial(about.policy, coordinate, verdict, policy);
    return [{ coordinate, outcome, denial }];
  });
  return refused.find((one) => one.outcome === 'reject') ?? refused[0];
}

/**
 * A refusal as recorded: the rule, and what the caller would have had to be. Policies with a mask
 * on an input do not load; should such a verdict occur, it is a refusal here too.
 */
export function toDenial(
  { fields, inputs, conditions }: Policy,
  coordinate: string,
  verdict: Exclude<Verdict, { kind: 'allow' }>,
  own = fields.get(coordinate) ?? inputs.get(coordinate),
): Denial {
  const missing = missingOf(verdict);
  const forbid = verdict.kind === 'refuse' ? verdict.forbid : undefined;
  const rule = verdict.kind === 'mask' ? verdict.rule : (forbid ?? missing[0]?.rule);
  const parts = missing.flatMap(({ condition }) => {
    const asked = conditions[condition];
    return asked === undefined ? [] : [...partsOf(asked)];
  });
  const scopes = [...new Set(parts.flatMap(scopesOf))];
  const asks = forbid === undefined ? otherKinds(parts) : ['nobody'];
  const { classes = [] } = own ?? {};
  return {
    ...{ coordinate, classes, rule: rule?.name, scopes },
    ...(asks.length > 0 && { asks }),
  };
}

const otherKinds = (parts: readonly Condition[]): string[] => [
  ...new Set(parts.flatMap(({ kind }) => (kind === 'scopes' ? [] : [kind]))),
];

/**
 * Clauses the caller has not met. If objects decide: the requirements on them or, without any, what
 * would grant.
 */
function missingOf(verdict: Exclude<Verdict, { kind: 'allow' }>): readonly Clause[] {
  if (verdict.kind === 'refuse') return verdict.missing;
  if (verdict.kind === 'mask') return [];
  const { requires, choices } = verdict;
  return requires.length > 0 ? requires : choices.map(({ clause }) => clause);
}

/**
 * The verdict without what rules require of whole objects by their `types`: that is checked where
 * the object is selected (planObjectGuard), once for all of its fields.
 */
export function withoutObjects(verdict: GrantedField): GrantedField {
  if (verdict.kind !== 'depends') return verdict;
  const requires = verdict.requires.filter(({ ofObjects }) => ofObjects !== true);
  const [first] = verdict.choices;
  return requires.length === 0 && first.isCertain ? toCertain(first) : { ...verdict, requires };
}

const scopesOf = (part: Condition): readonly string[] =>
  part.kind === 'scopes' ? part.scopes : [];

/**
 * The decision on one selected field: its own coordinate, and every governed input that its
 * arguments use. The same answer however the inputs are spelled.
 */
import type { FieldNode, GraphQLField } from 'graphql';
import { type Condition, partsOf } from '../conditions/condition.ts';
import type { Denial } from '../decision.ts';
import type { StepUp } from '../step-up.ts';
import type { Decide, Verdict } from './decide.ts';
import type { Grants } from './grants.ts';
import type { CoordinatePolicy, Policy } from './policy.ts';
import { stepUpOf } from './step-up-of.ts';
import { inputsOf, type VariableUse } from './used-inputs.ts';

export interface FieldQuestion {
  readonly policy: Policy;
  readonly decide: Decide;
  readonly grants: Grants;
  readonly variables: ReadonlyMap<string, VariableUse>;
}

/** Allowed, or behind a mask. */
export type GrantedField = Exclude<Verdict, { kind: 'refuse' }>;

export type FieldVerdict =
  | GrantedField
  | {
      readonly kind: 'refuse';
      /** The field, or the input that it may not use. */
      readonly coordinate: string;
      readonly outcome: 'deny' | 'hide' | 'reject';
      readonly denial: Denial;
      /** The sign-in that alone would grant the field with all that it uses. */
      readonly stepUp: StepUp | undefined;
    };

export function decideField(
  about: FieldQuestion,
  coordinate: string,
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): FieldVerdict {
  const own = about.policy.fields.get(coordinate);
  const verdict = ask(about, own);
  const used = () => inputsOf(about, coordinate, definition, node.arguments ?? []);
  const refused =
    verdict.kind === 'refuse'
      ? {
          coordinate,
          outcome: verdict.outcome,
          denial: toDenial(about.policy, coordinate, verdict),
        }
      : refusedInput(about, used());
  if (refused === undefined) return verdict as GrantedField;
  if (!about.grants.asksForSignIn) return { kind: 'refuse', ...refused, stepUp: undefined };
  const { inputs } = about.policy;
  const stepUp = stepUpOf([own, ...[...used()].map((one) => inputs.get(one))], about.grants);
  const denial: Denial = { ...refused.denial, ...(stepUp && { stepUp: true }) };
  return { kind: 'refuse', ...refused, denial, stepUp };
}

/** A coordinate that the policy does not know is refused. */
function ask(about: FieldQuestion, policy: CoordinatePolicy | undefined): Verdict {
  if (policy !== undefined) return about.decide(policy, about.grants);
  return { kind: 'refuse', outcome: 'deny', missing: [], forbid: undefined };
}

/** The first by name, and `reject` before `deny`: neither may hang on the order of writing. */
function refusedInput(
  about: FieldQuestion,
  used: ReadonlySet<string>,
): Pick<FieldVerdict & { kind: 'refuse' }, 'coordinate' | 'outcome' | 'denial'> | undefined {
  const refused = [...used].sort().flatMap((coordinate) => {
    const verdict = ask(about, about.policy.inputs.get(coordinate));
    if (verdict.kind === 'allow') return [];
    const outcome = verdict.kind === 'refuse' ? verdict.outcome : 'deny';
    const denial = toDenial(about.policy, coordinate, verdict);
    return [{ coordinate, outcome, denial }];
  });
  return refused.find((one) => one.outcome === 'reject') ?? refused[0];
}

/** A mask on an input refuses it: what may not be seen whole may not be asked about. */
function toDenial(
  { fields, inputs, conditions }: Policy,
  coordinate: string,
  verdict: Exclude<Verdict, { kind: 'allow' }>,
): Denial {
  const missing = verdict.kind === 'refuse' ? verdict.missing : [];
  const rule = verdict.kind === 'refuse' ? (verdict.forbid ?? missing[0]?.rule) : verdict.rule;
  const scopes = missing.flatMap(({ condition }) => {
    const asked = conditions[condition];
    return asked === undefined ? [] : [...partsOf(asked)].flatMap(scopesOf);
  });
  const { classes = [] } = fields.get(coordinate) ?? inputs.get(coordinate) ?? {};
  return { coordinate, classes, rule: rule?.name, scopes: [...new Set(scopes)] };
}

const scopesOf = (part: Condition): readonly string[] =>
  part.kind === 'scopes' ? part.scopes : [];

/** Decides on one coordinate for one caller: pure, from the compiled policy and the bit set. */
import type { MaskName } from '../plan/plan.ts';
import type { AccessRule } from './access/access-file.ts';
import type { Answers } from './grants.ts';
import type { Clause, CoordinatePolicy } from './policy.ts';

/** Grants the coordinate if the clause holds; masked if it names a mask. */
export interface Choice {
  readonly clause: Clause;
  readonly mask: MaskName | undefined;
  /** Whether it holds for all arguments and objects. */
  readonly isCertain: boolean;
}

export type Verdict =
  | { readonly kind: 'allow'; readonly rule: AccessRule }
  | { readonly kind: 'mask'; readonly rule: AccessRule; readonly mask: MaskName }
  /**
   * Arguments or objects decide: what must also hold, and the choices in order; a certain one is
   * last.
   */
  | {
      readonly kind: 'depends';
      readonly requires: readonly Clause[];
      readonly choices: readonly [Choice, ...Choice[]];
    }
  | {
      readonly kind: 'refuse';
      readonly outcome: 'deny' | 'hide' | 'reject';
      /** Conditions of which one more is needed, or all (`require`), for `explain`. */
      readonly missing: readonly { readonly condition: number; readonly rule: AccessRule }[];
      readonly forbid: AccessRule | undefined;
    };

export type Decide = (policy: CoordinatePolicy, answers: Answers) => Verdict;

export const decide: Decide = (policy, answers) => {
  const { forbid, requires, grants, outcome } = policy;
  const unmet = requires.filter(({ condition }) => !answers.mayHold(condition));
  if (forbid === undefined && unmet.length === 0) {
    const [first, ...more] = choicesOf(policy, answers);
    const open = requires.filter(({ condition }) => !answers.holds(condition));
    if (first?.isCertain && open.length === 0) return toCertain(first);
    if (first !== undefined) return { kind: 'depends', requires: open, choices: [first, ...more] };
  }
  return { kind: 'refuse', outcome, forbid, missing: unmet.length > 0 ? unmet : grants };
};

/** The verdict of a choice that holds for all arguments and objects. */
export function toCertain({
  clause: { rule },
  mask,
}: Choice): Verdict & { kind: 'allow' | 'mask' } {
  return mask === undefined ? { kind: 'allow', rule } : { kind: 'mask', rule, mask };
}

/**
 * Up to the first choice that holds for all arguments and objects; a certain grant precedes all
 * masks.
 */
function choicesOf(policy: CoordinatePolicy, answers: Answers): Choice[] {
  const granted = policy.grants.find(({ condition }) => answers.holds(condition));
  if (granted !== undefined) return [{ clause: granted, mask: undefined, isCertain: true }];
  const choices: Choice[] = [];
  for (const clause of [...policy.grants, ...policy.masks]) {
    if (!answers.mayHold(clause.condition)) continue;
    const isCertain = answers.holds(clause.condition);
    const mask = 'mask' in clause ? (clause.mask as MaskName) : undefined;
    choices.push({ clause, mask, isCertain });
    if (isCertain) break;
  }
  return choices;
}

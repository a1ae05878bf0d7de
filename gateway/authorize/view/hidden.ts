/**
 * Finds which coordinates are hidden from a caller, by their answers: those with the outcome
 * `hide`, including filters that mean a hidden field (lock-filter.ts) and would reveal it. Pure;
 * runs before parsing.
 */
import type { Decide } from '../decide.ts';
import { Grants, toSignature } from '../grants.ts';
import type { CoordinatePolicy, Policy } from '../policy.ts';

export interface Hidden {
  /**
   * One bit per coordinate that can be hidden: equal text means equal sets. Empty if nothing is
   * hidden.
   */
  readonly key: string;
  readonly coordinates: ReadonlySet<string>;
}

export const nothingHidden: Hidden = { key: '', coordinates: new Set() };

/** Every coordinate that is hidden from some callers. */
function hideable(policy: Policy): readonly CoordinatePolicy[] {
  const listed = [...policy.fields.values()].filter((one) => one.listed);
  return [...listed, ...policy.inputs.values()].filter((one) => one.outcome === 'hide');
}

/** Everything hidden from callers without any grant, including filters. */
export function hiddenFromSome(policy: Policy): ReadonlySet<string> {
  const refuse: Decide = () => ({
    kind: 'refuse',
    outcome: 'hide',
    missing: [],
    forbid: undefined,
  });
  return createHiddenOf(policy, refuse)(new Grants([])).coordinates;
}

export function createHiddenOf(policy: Policy, decide: Decide): (grants: Grants) => Hidden {
  const asked = hideable(policy);
  return (grants) => {
    const answers = asked.map((one) => isHidden(policy, one, decide, grants));
    if (!answers.includes(true)) return nothingHidden;
    const coordinates = new Set(
      asked.flatMap(({ coordinate }, index) => (answers[index] ? [coordinate] : [])),
    );
    return { key: toSignature(answers), coordinates };
  };
}

/** Masks and grants that depend on objects show a field; neither permits the use of an input. */
function isHidden(policy: Policy, one: CoordinatePolicy, decide: Decide, grants: Grants): boolean {
  const { kind } = decide(one, grants);
  if (kind === 'refuse') return true;
  if (!policy.inputs.has(one.coordinate)) return false;
  return kind === 'mask' || (kind === 'depends' && one.isImplied === true);
}

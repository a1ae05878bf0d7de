/**
 * Plans what rules in shadow mode would have made of an operation: once more with each rule in
 * force, if the operation touches what it changes, to compare with the plan that runs. These plans
 * never run. The result is cached with the plan, by the same answers.
 *
 * All of them together may plan as many fields as one operation: a caller with the largest allowed
 * operation must not make planning twenty times as expensive. What was cut off is reported as
 * unknown.
 */
import { Refusal } from '../../decision.ts';
import type { AuthorizedOperation } from '../../plan/plan.ts';
import { type ShadowEffect, shadowCoordinatesMax } from '../../shadow.ts';
import type { Decide } from '../decide.ts';
import type { ShadowRule } from '../policy.ts';
import type { VariableUse } from './empty-inputs.ts';
import type { PlanInput } from './plan-input.ts';
import { planOperation } from './plan-operation.ts';
import { toKey, usesOfVariables } from './used-inputs.ts';

type Planned = AuthorizedOperation | Refusal;
export type ShadowUses = ReadonlyMap<ShadowRule, ReadonlyMap<string, VariableUse>>;

/**
 * By rule in shadow mode, for those to which the contents of variables may matter; undefined if there are no
 * such rules.
 */
export function usesOfShadows(
  shadows: readonly ShadowRule[],
  { schema, operation }: Pick<PlanInput, 'schema' | 'operation'>,
  raw: Readonly<Record<string, unknown>>,
): ShadowUses | undefined {
  if (shadows.length === 0) return undefined;
  return new Map(
    shadows
      .filter(({ asksForInputs }) => asksForInputs)
      .map((shadow) => [shadow, usesOfVariables(schema, shadow.policy, operation, raw)]),
  );
}

/** The part of a plan's cache key that belongs to rules in shadow mode. */
export function keyOfShadows(uses: ShadowUses | undefined): string {
  if (uses === undefined) return '';
  return [...uses.values()].map((use) => `\n${toKey(use)}`).join('');
}

/** Undefined if no rule in shadow mode would have changed anything. */
export function planShadows(
  planned: Planned,
  input: PlanInput,
  uses: ShadowUses,
): readonly ShadowEffect[] | undefined {
  const room = { fields: input.fieldsMax };
  const effects = input.policy.shadows.flatMap((shadow) => {
    if (!isTouched(planned, shadow)) return [];
    const shadowed = planShadow(shadow, { ...input, room }, uses);
    if (shadowed === undefined) return wholeEffect(shadow, 'refuse');
    const isCutOff = shadowed instanceof Refusal && shadowed.reason === 'limits/too-many-fields';
    return isCutOff ? wholeEffect(shadow, 'unknown') : compare(planned, shadowed, shadow);
  });
  return effects.length === 0 ? undefined : effects;
}

function isTouched(planned: Planned, { touches }: ShadowRule): boolean {
  if (planned instanceof Refusal) return planned.coordinates.some((one) => touches.has(one));
  const { allowed, masked, denied, rowDenials } = planned;
  return [allowed, masked, denied, [...rowDenials.keys()]].some((some) =>
    some.some((one) => touches.has(one)),
  );
}

/** Undefined if planning throws: in force the rule would refuse, in shadow mode it must not. */
function planShadow(shadow: ShadowRule, input: PlanInput, uses: ShadowUses): Planned | undefined {
  try {
    return planOperation({
      ...input,
      policy: shadow.policy,
      decide: softened(input.decide),
      variables: uses.get(shadow) ?? input.variables,
    });
  } catch {
    return undefined;
  }
}

/** `hide` and `reject` become `deny`, so that planning continues and reports the rest too. */
function softened(decide: Decide): Decide {
  return (policy, answers) => {
    const verdict = decide(policy, answers);
    return verdict.kind === 'refuse' ? { ...verdict, outcome: 'deny' } : verdict;
  };
}

const wholeEffect = (
  { rule: { name } }: ShadowRule,
  effect: ShadowEffect['effect'],
): ShadowEffect[] => [{ kind: 'access', rule: name, effect, coordinates: [] }];

function compare(was: Planned, is: Planned, shadow: ShadowRule): ShadowEffect[] {
  const before = standingOf(was);
  const after = standingOf(is);
  const found = new Map<ShadowEffect['effect'], string[]>();
  for (const coordinate of new Set([...before.keys(), ...after.keys()])) {
    const [had, has] = [before.get(coordinate), after.get(coordinate)];
    if (had === has) continue;
    const effect = shadow.policy.fields.has(coordinate)
      ? effectOnField(coordinate, [had, has], shadow)
      : effectOnInput(coordinate, { was, is, has }, shadow);
    if (effect !== undefined) found.set(effect, [...(found.get(effect) ?? []), coordinate]);
  }
  const { name: rule } = shadow.rule;
  return [...found].map(([effect, coordinates]) => {
    const told = coordinates.slice(0, shadowCoordinatesMax);
    return { kind: 'access', rule, effect, coordinates: told };
  });
}

/**
 * A coordinate that only one plan has is below a field that the other refuses: nothing to report.
 */
function effectOnField(
  coordinate: string,
  [had, has]: readonly [Standing | undefined, Standing | undefined],
  { touches }: ShadowRule,
): ShadowEffect['effect'] | undefined {
  if (had === undefined || has === undefined || !touches.has(coordinate)) return undefined;
  if (ranks[has] > ranks[had]) return 'grant';
  return has === 'masked' ? 'mask' : 'refuse';
}

/**
 * Plans name only the inputs that they refuse; a refusal of the whole operation may name only some
 * of those.
 */
function effectOnInput(
  coordinate: string,
  { was, is, has }: { was: Planned; is: Planned; has: Standing | undefined },
  { touches }: ShadowRule,
): ShadowEffect['effect'] | undefined {
  if (!touches.has(coordinate)) return undefined;
  if (has === undefined) return is instanceof Refusal ? undefined : 'grant';
  return was instanceof Refusal ? undefined : 'refuse';
}

type Standing = 'denied' | 'rows' | 'masked' | 'allowed';

/** A coordinate that is refused anywhere counts as refused. */
const ranks: Readonly<Record<Standing, number>> = { denied: 0, rows: 1, masked: 2, allowed: 3 };

function standingOf(planned: Planned): Map<string, Standing> {
  if (planned instanceof Refusal) {
    return new Map(planned.coordinates.map((one) => [one, 'denied'] as const));
  }
  const { allowed, masked, denied, rowDenials } = planned;
  return new Map<string, Standing>([
    ...allowed.map((one) => [one, 'allowed'] as const),
    ...masked.map((one) => [one, 'masked'] as const),
    ...[...rowDenials.keys()].map((one) => [one, 'rows'] as const),
    ...denied.map((one) => [one, 'denied'] as const),
  ]);
}

/** Builds the refusal of a whole operation. */
import { allOf } from '../../conditions/step-up.ts';
import { type Denial, Refusal } from '../../decision.ts';
import type { StepUp } from '../../step-up.ts';

/** A coordinate that refuses the whole operation. */
export interface Rejected {
  readonly coordinate: string;
  readonly denial: Denial | undefined;
  readonly stepUp: StepUp | undefined;
}

/** Asks for the sign-in that would open all of them; a plain refusal if there is none. */
export function refuseWhole(rejected: readonly Rejected[]): Refusal {
  const [stepUp] = allOf(rejected.map((one) => (one.stepUp === undefined ? [] : [one.stepUp])));
  // The caller is told the first one: preferably one that no sign-in opens.
  const order = (one: Rejected): number => (one.stepUp === undefined ? 0 : 1);
  const sorted = rejected.toSorted((one, other) => order(one) - order(other));
  const coordinates = sorted.map(({ coordinate }) => coordinate);
  const denials = sorted.flatMap(({ denial }) => denial ?? []);
  if (stepUp === undefined) return new Refusal('authorize/denied', { coordinates, denials });
  return new Refusal('authorize/step-up', { coordinates, denials, stepUp });
}

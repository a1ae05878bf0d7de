/** The sign-in that a caller is asked for who has everything else that a rule wants (RFC 9470). */

/** Nothing of a policy but this is said to the caller. */
export interface StepUp {
  /** Any of them, in order of preference; undefined: as it is. */
  readonly acr: readonly string[] | undefined;
  /** How long ago at most, in whole seconds; undefined: whenever. */
  readonly maxAgeS: number | undefined;
}

/** What meets both; undefined where no sign-in can. */
export function joinStepUps(one: StepUp, other: StepUp): StepUp | undefined {
  const acr =
    one.acr === undefined || other.acr === undefined
      ? (one.acr ?? other.acr)
      : one.acr.filter((value) => other.acr?.includes(value));
  if (acr?.length === 0) return undefined;
  const ages = [one.maxAgeS, other.maxAgeS].filter((age) => age !== undefined);
  return { acr, maxAgeS: ages.length === 0 ? undefined : Math.min(...ages) };
}

/** By the names that an authorisation request takes them by: `acr_values` as one text. */
export function toStepUpExtensions({ acr, maxAgeS }: StepUp): {
  acr_values?: string;
  max_age?: number;
} {
  return {
    ...(acr === undefined ? {} : { acr_values: acr.join(' ') }),
    ...(maxAgeS === undefined ? {} : { max_age: maxAgeS }),
  };
}

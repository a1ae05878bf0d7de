/** The sign-in required of a caller who meets every other part of a rule (RFC 9470). */

/** The only part of a policy that a caller is told. */
export interface StepUp {
  /** Any of these, in order of preference; undefined for any. */
  readonly acr: readonly string[] | undefined;
  /** Greatest age in whole seconds; undefined for any. */
  readonly maxAgeS: number | undefined;
}

/** The sign-in that meets both; undefined if there is none. */
export function joinStepUps(one: StepUp, other: StepUp): StepUp | undefined {
  const acr =
    one.acr === undefined || other.acr === undefined
      ? (one.acr ?? other.acr)
      : one.acr.filter((value) => other.acr?.includes(value));
  if (acr?.length === 0) return undefined;
  const ages = [one.maxAgeS, other.maxAgeS].filter((age) => age !== undefined);
  return { acr, maxAgeS: ages.length === 0 ? undefined : Math.min(...ages) };
}

/** Named like the parameters of an authorisation request; `acr_values` is one text. */
export function toStepUpExtensions({ acr, maxAgeS }: StepUp): {
  acr_values?: string;
  max_age?: number;
} {
  return {
    ...(acr === undefined ? {} : { acr_values: acr.join(' ') }),
    ...(maxAgeS === undefined ? {} : { max_age: maxAgeS }),
  };
}

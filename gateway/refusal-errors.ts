/**
 * The errors of what an answer keeps back: FORBIDDEN, STEP_UP_REQUIRED and RATE_LIMITED at their
 * places, so many of each, and one more that counts the rest.
 */
import type { PublicError } from './decision.ts';
import { publicFaces } from './errors.ts';
import { type StepUp, toStepUpExtensions } from './step-up.ts';

/** Listed one by one, of each code. */
export const forbiddenErrorsMax = 100;

const reasons = ['authorize/denied', 'authorize/step-up', 'rates/limited'] as const;

/** Why one place of an answer is empty: the last asks for this sign-in. */
export type WhyEmpty = 'authorize/denied' | 'rates/limited' | StepUp;

export class RefusalErrors {
  readonly #errors: PublicError[] = [];
  readonly #refused = { 'authorize/denied': 0, 'authorize/step-up': 0, 'rates/limited': 0 };

  /** `toPath` is asked only where the error is listed. */
  refuse(
    coordinate: string,
    toPath: () => (string | number)[],
    why: WhyEmpty = 'authorize/denied',
  ): void {
    const reason = typeof why === 'string' ? why : 'authorize/step-up';
    this.#refused[reason] += 1;
    if (this.#refused[reason] > forbiddenErrorsMax) return;
    const { code, message } = publicFaces[reason];
    const asked = typeof why === 'string' ? {} : toStepUpExtensions(why);
    this.#errors.push({ message, path: toPath(), extensions: { code, coordinate, ...asked } });
  }

  list(): readonly PublicError[] {
    const counts = reasons.flatMap((reason) => {
      const omitted = this.#refused[reason] - forbiddenErrorsMax;
      const { code, message } = publicFaces[reason];
      return omitted > 0 ? [{ message, extensions: { code, omitted } }] : [];
    });
    return [...this.#errors, ...counts];
  }
}

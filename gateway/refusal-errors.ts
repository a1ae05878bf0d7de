/**
 * The errors of what an answer keeps back: FORBIDDEN and RATE_LIMITED at their places, so many of
 * each, and one more that counts the rest.
 */
import type { PublicError } from './decision.ts';
import { publicFaces } from './errors.ts';

/** Listed one by one, of each of the two. */
export const forbiddenErrorsMax = 100;

const reasons = ['authorize/denied', 'rates/limited'] as const;

export class RefusalErrors {
  readonly #errors: PublicError[] = [];
  readonly #refused = { 'authorize/denied': 0, 'rates/limited': 0 };

  /** `toPath` is asked only where the error is listed. */
  refuse(
    coordinate: string,
    toPath: () => (string | number)[],
    reason: (typeof reasons)[number] = 'authorize/denied',
  ): void {
    this.#refused[reason] += 1;
    if (this.#refused[reason] > forbiddenErrorsMax) return;
    const { code, message } = publicFaces[reason];
    this.#errors.push({ message, path: toPath(), extensions: { code, coordinate } });
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

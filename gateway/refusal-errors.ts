/**
 * The errors for withheld parts of an answer: FORBIDDEN, STEP_UP_REQUIRED and RATE_LIMITED at their
 * paths, up to a maximum of each code, and one more that counts the rest.
 */
import { publicFaces } from './errors.ts';
import { type StepUp, toStepUpExtensions } from './step-up.ts';

/** Most errors listed per code. */
export const forbiddenErrorsMax = 100;

const reasons = ['authorize/denied', 'authorize/step-up', 'rates/limited'] as const;

/** Why one place of an answer is empty; a StepUp is the sign-in that is required. */
export type WhyEmpty = 'authorize/denied' | 'rates/limited' | StepUp;

type Keys = readonly (string | number)[];

/**
 * Builds JSON text directly: a field refused in each row repeats the same message, and serialising
 * it each time costs as much as the rows themselves.
 */
export class RefusalErrors {
  readonly #texts: string[] = [];
  readonly #refused = { 'authorize/denied': 0, 'authorize/step-up': 0, 'rates/limited': 0 };
  readonly #extensions = new Map<WhyEmpty, Map<string, string>>();

  /** Calls `toPath` only if the error is listed; its keys are GraphQL names and indexes. */
  refuse(coordinate: string, toPath: () => Keys, why: WhyEmpty = 'authorize/denied'): void {
    const reason = typeof why === 'string' ? why : 'authorize/step-up';
    this.#refused[reason] += 1;
    if (this.#refused[reason] > forbiddenErrorsMax) return;
    const extensions = this.#extensionsOf(coordinate, why);
    this.#texts.push(`${openings[reason]},"path":${toPathText(toPath())},${extensions}}`);
  }

  /** Each error as JSON. */
  list(): readonly string[] {
    const counts = reasons.flatMap((reason) => {
      const omitted = this.#refused[reason] - forbiddenErrorsMax;
      const { code } = publicFaces[reason];
      return omitted > 0 ? [`${openings[reason]},${toExtensionsText({ code, omitted })}}`] : [];
    });
    return counts.length === 0 ? this.#texts : [...this.#texts, ...counts];
  }

  #extensionsOf(coordinate: string, why: WhyEmpty): string {
    let texts = this.#extensions.get(why);
    if (texts === undefined) {
      texts = new Map();
      this.#extensions.set(why, texts);
    }
    let text = texts.get(coordinate);
    if (text === undefined) {
      const { code } = publicFaces[typeof why === 'string' ? why : 'authorize/step-up'];
      const asked = typeof why === 'string' ? {} : toStepUpExtensions(why);
      text = toExtensionsText({ code, coordinate, ...asked });
      texts.set(coordinate, text);
    }
    return text;
  }
}

const toOpening = (reason: (typeof reasons)[number]): string =>
  `{"message":${JSON.stringify(publicFaces[reason].message)}`;

const openings = {
  'authorize/denied': toOpening('authorize/denied'),
  'authorize/step-up': toOpening('authorize/step-up'),
  'rates/limited': toOpening('rates/limited'),
} as const;

const toExtensionsText = (extensions: object): string =>
  `"extensions":${JSON.stringify(extensions)}`;

/** GraphQL names contain no character that JSON escapes. */
function toPathText(keys: Keys): string {
  let text = '[';
  for (const key of keys) {
    if (text.length > 1) text += ',';
    text += typeof key === 'number' ? key : `"${key}"`;
  }
  return `${text}]`;
}

/**
 * A caller's answers to every condition of a policy, as a bit set: all that decisions need to know
 * about the caller. Asked once per caller and policy. The text form holds the exact bits, no hash,
 * and is part of the plan cache's key. It also holds the step-ups that would meet the conditions on
 * sign-in, because they decide what a refusal says.
 *
 * Fails closed: a condition that throws does not hold.
 */
import type { Situation } from '../conditions/situation.ts';
import type { StepUpsOf } from '../conditions/step-up.ts';
import type { Caller } from '../request.ts';
import type { StepUp } from '../step-up.ts';
import type { ConditionRule } from './shield-rules.ts';

/** The part of a caller's answers that decisions read. */
export interface Answers {
  /** For all arguments and objects. */
  holds(condition: number): boolean;
  /** For some arguments or objects; true whenever `holds` is. */
  mayHold(condition: number): boolean;
  /** Step-ups that would meet the condition; undefined if it asks for no sign-in. */
  stepUps(condition: number): readonly StepUp[] | undefined;
  /** The same, for some arguments or objects. */
  stepUpsAtMost(condition: number): readonly StepUp[] | undefined;
}

export class Grants implements Answers {
  /** One character per six conditions: equal text means equal answers. */
  readonly signature: string;
  readonly #bits: Uint8Array;
  readonly #upperBits: Uint8Array;
  readonly #ways: StepUps;
  readonly #waysAtMost: StepUps;

  /** `upper` and `waysAtMost` are given if conditions look at arguments or objects. */
  constructor(
    answers: readonly boolean[],
    ways: StepUps = noStepUps,
    upper?: readonly boolean[] | undefined,
    waysAtMost: StepUps = ways,
  ) {
    this.#bits = Uint8Array.from(answers, Number);
    this.#upperBits = upper === undefined ? this.#bits : Uint8Array.from(upper, Number);
    this.#ways = ways;
    this.#waysAtMost = waysAtMost;
    const atMost = upper === undefined ? '' : `|${toSignature(upper)}`;
    const said = ways.size === 0 ? '' : ` ${JSON.stringify([...ways])}`;
    const more = waysAtMost === ways ? '' : ` ${JSON.stringify([...waysAtMost])}`;
    this.signature = `${toSignature(answers)}${atMost}${said}${more}`;
  }

  /** Whether any condition asks for a sign-in. */
  get asksForSignIn(): boolean {
    return this.#ways.size > 0;
  }

  stepUps(condition: number): readonly StepUp[] | undefined {
    return this.#ways.get(condition);
  }

  stepUpsAtMost(condition: number): readonly StepUp[] | undefined {
    return this.#waysAtMost.get(condition);
  }

  holds(condition: number): boolean {
    return this.#bits[condition] === 1;
  }

  mayHold(condition: number): boolean {
    return this.#upperBits[condition] === 1;
  }
}

/** By condition; only conditions that ask for a sign-in. */
export type StepUps = ReadonlyMap<number, readonly StepUp[]>;

const noStepUps: StepUps = new Map();

/** Synchronous if the answers are known. */
export type GrantsOf = (caller: Caller, situation?: Situation) => Grants | Promise<Grants>;

/**
 * Asks the policy's shield rules, the same objects that form the second lock on the schema.
 * Conditions on the caller alone are asked once per caller, those on place and time at each
 * request.
 */
export function createGrantsOf(rules: readonly ConditionRule[]): GrantsOf {
  const steady = new WeakMap<Caller, Promise<readonly boolean[]>>();
  const whole = new WeakMap<Caller, Grants | Promise<Grants>>();
  const isSteady = !rules.some((rule) => rule.situational);
  const waysOf = toWaysOf(rules.map((rule) => rule.stepUps));
  const isPerUse = rules.some((rule) => rule.perUse);
  const isBoth = rules.some((rule) => rule.perUse && rule.stepUps !== undefined);
  const waysAtMostOf = isBoth ? toWaysOf(rules.map((rule) => rule.stepUpsAtMost)) : undefined;
  const steadyOf = (caller: Caller): Promise<readonly boolean[]> => {
    const found = steady.get(caller);
    if (found !== undefined) return found;
    const asked = Promise.all(rules.map((rule) => !rule.situational && rule.holds(caller)));
    steady.set(caller, asked);
    return asked;
  };
  const ask = async (caller: Caller, situation: Situation | undefined): Promise<Grants> => {
    const known = await steadyOf(caller);
    const asked = rules.map((rule, index) =>
      rule.situational ? rule.holds(caller, situation) : known[index] === true,
    );
    const answers = await Promise.all(asked);
    const upper = isPerUse
      ? rules.map((rule, index) =>
          rule.perUse ? rule.mayHold(caller, situation) : answers[index] === true,
        )
      : undefined;
    const ways = waysOf(caller, situation);
    return new Grants(answers, ways, upper, waysAtMostOf?.(caller, situation));
  };
  return (caller, situation) => {
    const found = isSteady ? whole.get(caller) : undefined;
    if (found !== undefined) return found;
    const asked = ask(caller, situation);
    if (isSteady) {
      whole.set(caller, asked);
      // The request that asked gets the failure; the next one asks anew.
      asked.then(
        (grants) => whole.set(caller, grants),
        () => whole.delete(caller),
      );
    }
    return asked;
  };
}

/** Collects the step-ups of the conditions that ask for a sign-in, by their numbers. */
function toWaysOf(
  of: readonly (StepUpsOf | undefined)[],
): (caller: Caller, situation: Situation | undefined) => StepUps {
  const asking = of.flatMap((stepUps, index) =>
    stepUps === undefined ? [] : [[index, stepUps] as const],
  );
  if (asking.length === 0) return () => noStepUps;
  return (caller, situation) =>
    new Map(asking.map(([index, stepUps]) => [index, stepUps(caller, situation)]));
}

/** Equal text means equal answers. */
export function toSignature(answers: readonly boolean[]): string {
  let text = '';
  for (let start = 0; start < answers.length; start += 6) {
    let bits = 0;
    for (let offset = 0; offset < 6; offset += 1)
      bits = bits * 2 + (answers[start + offset] === true ? 1 : 0);
    text += String.fromCharCode(48 + bits);
  }
  return text;
}

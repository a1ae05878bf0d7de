/**
 * A caller's answers to every condition of a policy, as a bit set: all that a decision needs to
 * know of who is calling. Asked once per caller and policy; its text form is part of the plan
 * cache's key, the exact bits and no hash of them. Beside the bits stands in which ways a new sign-in
 * would meet a condition that asks for one, which the text form has too: it decides what is said of a
 * refusal.
 *
 * Fails closed: a condition that throws does not hold.
 */
import type { Situation } from '../conditions/situation.ts';
import type { StepUpsOf } from '../conditions/step-up.ts';
import type { Caller } from '../request.ts';
import type { StepUp } from '../step-up.ts';
import type { ConditionRule } from './shield-rules.ts';

/** What a decision asks of a caller's answers. */
export interface Answers {
  /** Whatever is used. */
  holds(condition: number): boolean;
  /** With some arguments or for some objects; always where it holds. */
  mayHold(condition: number): boolean;
  /** Ways in which signing in anew meets the condition; undefined where it asks for no sign-in. */
  stepUps(condition: number): readonly StepUp[] | undefined;
  /** The same with some arguments or for some objects. */
  stepUpsAtMost(condition: number): readonly StepUp[] | undefined;
}

export class Grants implements Answers {
  /** One character for six conditions: equal text, equal answers. */
  readonly signature: string;
  private readonly bits: Uint8Array;
  private readonly upperBits: Uint8Array;
  private readonly ways: StepUps;
  private readonly waysAtMost: StepUps;

  /** `upper` and `waysAtMost` where conditions look at arguments or objects. */
  constructor(
    answers: readonly boolean[],
    ways: StepUps = noStepUps,
    upper?: readonly boolean[] | undefined,
    waysAtMost: StepUps = ways,
  ) {
    this.bits = Uint8Array.from(answers, Number);
    this.upperBits = upper === undefined ? this.bits : Uint8Array.from(upper, Number);
    this.ways = ways;
    this.waysAtMost = waysAtMost;
    const atMost = upper === undefined ? '' : `|${toSignature(upper)}`;
    const said = ways.size === 0 ? '' : ` ${JSON.stringify([...ways])}`;
    const more = waysAtMost === ways ? '' : ` ${JSON.stringify([...waysAtMost])}`;
    this.signature = `${toSignature(answers)}${atMost}${said}${more}`;
  }

  /** Whether any condition asks for a sign-in. */
  get asksForSignIn(): boolean {
    return this.ways.size > 0;
  }

  /** Ways in which signing in anew meets the condition; undefined where it asks for no sign-in. */
  stepUps(condition: number): readonly StepUp[] | undefined {
    return this.ways.get(condition);
  }

  stepUpsAtMost(condition: number): readonly StepUp[] | undefined {
    return this.waysAtMost.get(condition);
  }

  holds(condition: number): boolean {
    return this.bits[condition] === 1;
  }

  mayHold(condition: number): boolean {
    return this.upperBits[condition] === 1;
  }
}

/** By condition; of those alone that ask for a sign-in. */
export type StepUps = ReadonlyMap<number, readonly StepUp[]>;

const noStepUps: StepUps = new Map();

/** At once where the answers are known. */
export type GrantsOf = (caller: Caller, situation?: Situation) => Grants | Promise<Grants>;

/**
 * Asks the shield rules of the policy, the same objects that stand on the schema as second lock.
 * What depends on the caller alone is asked once per caller; on where and when, at each request.
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
      // A failure is told to who asked; the next one asks anew.
      asked.then(
        (grants) => whole.set(caller, grants),
        () => whole.delete(caller),
      );
    }
    return asked;
  };
}

/** Of those that ask for a sign-in, by their numbers. */
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

/** Equal text, equal answers. */
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

/**
 * Decides conditions on a field's arguments while a plan is made: for each use of the field, with
 * the arguments really given. The plan depends on these answers alone, so it is cached by them, and
 * they are computed anew at each request.
 */
import { type FieldNode, type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';
import type { Condition } from '../../conditions/condition.ts';
import type { Situation } from '../../conditions/situation.ts';
import { specialise, type Use } from '../../conditions/use.ts';
import { describeFault } from '../../errors.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import { filledAs, wholeArguments } from '../../plan/whole-arguments.ts';
import { type Caller, noteFault, type RequestRecord } from '../../request.ts';
import type { StepUp } from '../../step-up.ts';
import type { Pin } from '../compile-pins.ts';
import type { Answers } from '../grants.ts';
import type { Policy } from '../policy.ts';

/** One use of a field in a document. */
export interface FieldUse {
  /** From `wholeField`. */
  readonly definition: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
}

/**
 * A field with its arguments as the upstream has them: hidden arguments keep their defaults. Pinned
 * arguments are left out, because their value comes from the token and no condition looks at it.
 */
export function wholeField(
  { policy, executable }: { policy: Policy; executable: GraphQLSchema },
  coordinate: string,
  seen: GraphQLField<unknown, unknown>,
): GraphQLField<unknown, unknown> {
  const [typeName, name] = splitCoordinate(coordinate);
  const type = executable.getType(typeName);
  const whole = isObjectType(type) ? type.getFields()[name] : undefined;
  if (whole === undefined) return seen;
  const pins = policy.pins.get(coordinate) ?? [];
  const inside = policy.inputPins.get(coordinate) ?? [];
  if (pins.length + inside.length === 0) return whole;
  const isIn = (list: readonly Pick<Pin, 'argument'>[], argument: string) =>
    list.some((pin) => pin.argument.name === argument);
  const args = whole.args.filter((one) => !isIn(pins, one.name));
  // A caller's object lacks the fields that are pinned into it, which may be required; other hidden
  // fields keep their defaults.
  const toSeen = (argument: (typeof args)[number]) => {
    const own = isIn(inside, argument.name)
      ? seen.args.find((one) => one.name === argument.name)
      : undefined;
    return own === undefined ? argument : filledAs(own, argument.type);
  };
  return { ...whole, args: args.map(toSeen) };
}

/** A condition at one use of a field; holds no value. */
export class ArgumentQuestion {
  readonly condition: number;
  readonly use: FieldUse;
  /** Asks for the step-ups that would meet the condition instead of whether it holds. */
  readonly ofSignIn: boolean;

  constructor(condition: number, use: FieldUse, ofSignIn = false) {
    this.condition = condition;
    this.use = use;
    this.ofSignIn = ofSignIn;
  }
}

/** `2` means that it depends on objects. */
type ArgumentAnswer = '0' | '1' | '2';

/** Replaces a caller's answers to conditions on arguments by those for one use of a field. */
export type AskArguments = (answers: Answers, use: FieldUse) => Answers;

/** What the answers of one request depend on. */
interface ArgumentsOf {
  readonly policy: Policy;
  readonly caller: Caller;
  readonly situation: Situation | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Receives faults: a condition that threw would otherwise look like one that does not hold. */
  readonly record?: Pick<RequestRecord, 'faults'> | undefined;
}

export class ArgumentAnswers {
  /** In the order of asking. */
  readonly given: { readonly question: ArgumentQuestion; readonly answer: string }[] = [];
  readonly #about: ArgumentsOf;
  readonly #args = new Map<FieldUse, Use['args']>();

  constructor(about: ArgumentsOf) {
    this.#about = about;
  }

  /** As text that delimits itself, because it becomes part of a key. */
  answer(question: ArgumentQuestion): string {
    return question.ofSignIn ? JSON.stringify(this.#ways(question)) : this.#holds(question);
  }

  /** Fails closed: a condition that throws does not hold. */
  #holds({ condition, use }: ArgumentQuestion): ArgumentAnswer {
    const { policy, caller, situation } = this.#about;
    const asked: Condition | undefined = policy.conditions[condition];
    if (asked === undefined) return '0';
    try {
      const args = this.#argumentsOf(use);
      const residual = specialise(asked, { caller, situation, args });
      if (typeof residual === 'function') return '2';
      return residual ? '1' : '0';
    } catch (error) {
      if (this.#about.record !== undefined) noteFault(this.#about.record, describeFault(error));
      return '0';
    }
  }

  /** Fails closed: no step-up if the arguments cannot be read. */
  #ways({ condition, use }: ArgumentQuestion): readonly StepUp[] {
    const { policy, caller, situation } = this.#about;
    try {
      const args = this.#argumentsOf(use);
      return policy.perUse.get(condition)?.stepUps?.(caller, situation, args) ?? [];
    } catch {
      return [];
    }
  }

  /** Shared by all conditions of a use; the arguments may be as large as a body. */
  #argumentsOf(use: FieldUse): Use['args'] {
    const known = this.#args.get(use);
    if (known !== undefined) return known;
    const args = wholeArguments(use.definition, use.node, this.#about.variables);
    this.#args.set(use, args);
    return args;
  }

  readonly ask: AskArguments = (answers, use) => {
    const known = new Map<number, ArgumentAnswer>();
    const settle = (condition: number): ArgumentAnswer | undefined => {
      const { perUse } = this.#about.policy;
      if (perUse.get(condition)?.asksForArguments !== true) return undefined;
      if (answers.holds(condition) || !answers.mayHold(condition)) return undefined;
      const found = known.get(condition);
      if (found !== undefined) return found;
      const question = new ArgumentQuestion(condition, use);
      const answer = this.#holds(question);
      known.set(condition, answer);
      this.given.push({ question, answer });
      return answer;
    };
    const ways = (condition: number): readonly StepUp[] | undefined => {
      const atMost = answers.stepUpsAtMost(condition);
      const { perUse } = this.#about.policy;
      const hangs = perUse.get(condition)?.asksForArguments === true;
      if (!hangs || atMost === undefined || atMost.length === 0) return atMost;
      const question = new ArgumentQuestion(condition, use, true);
      const found = this.#ways(question);
      this.given.push({ question, answer: JSON.stringify(found) });
      return found;
    };
    return {
      holds: (condition) => {
        const answer = settle(condition);
        return answer === undefined ? answers.holds(condition) : answer === '1';
      },
      mayHold: (condition) => {
        const answer = settle(condition);
        return answer === undefined ? answers.mayHold(condition) : answer !== '0';
      },
      stepUps: (condition) => answers.stepUps(condition),
      stepUpsAtMost: ways,
    };
  };
}

/**
 * Enumerates all callers that a set of conditions can tell apart: one for every possible
 * combination of answers to their questions. Anonymous callers have nothing.
 */
import { type Condition, partsOf } from '../../conditions/condition.ts';
import { type Answer, type Part, type Question, questionsOf } from './diff-questions.ts';

export interface ExampleCaller {
  readonly authenticated: boolean;
  /** What the caller has, worded as in `explain`; everything else is absent. */
  readonly words: readonly string[];
  /** Accepts only the condition objects that the callers were made from. */
  holds(condition: Condition): boolean;
}

/** Limit on the enumeration: twelve independent answers. */
export const callersMax = 4_096;

/**
 * Returns the callers, those who have least first; undefined if there are too many.
 *
 * @param strangers whether anonymous callers are allowed
 */
export function callersOf(
  conditions: readonly Condition[],
  strangers: boolean,
): readonly ExampleCaller[] | undefined {
  const { numbers, parts } = numbered(conditions);
  const questions = questionsOf(parts);
  const size = questions.reduce((product, { answers }) => product * answers.length, 1);
  if (size > callersMax) return undefined;
  const needed = parts.map(({ condition, number }) =>
    condition.kind === 'scopes' || condition.kind === 'auth'
      ? questions.filter(({ answers }) => answers.some(({ meets }) => meets.includes(number)))
          .length
      : 1,
  );
  const kinds = strangers ? [false, true] : [true];
  const callers = kinds.flatMap((authenticated) => {
    const asked = authenticated ? questions : questions.map(asStranger);
    return combined(asked).map((chosen) =>
      toCaller(chosen, { authenticated, strangers, numbers, needed }),
    );
  });
  return callers.sort((one, other) => one.words.length - other.words.length);
}

const asStranger = (question: Question): Question =>
  question.ofIdentity ? { ...question, answers: question.answers.slice(0, 1) } : question;

/** Equal conditions share a number, also if they are different objects. */
function numbered(conditions: readonly Condition[]) {
  const byText = new Map<string, number>();
  const numbers = new Map<Condition, number>();
  const parts: Part[] = [];
  for (const part of conditions.flatMap((one) => [...partsOf(one)])) {
    const text = JSON.stringify(part);
    const number = byText.get(text) ?? parts.length;
    if (number === parts.length) parts.push({ number, condition: part });
    byText.set(text, number);
    numbers.set(part, number);
  }
  return { numbers, parts };
}

/** All combinations of one answer per question. */
function combined(questions: readonly Question[]): readonly Answer[][] {
  let all: Answer[][] = [[]];
  for (const { answers } of questions) {
    const before = all;
    all = answers.flatMap((one) => before.map((chosen) => [...chosen, one]));
  }
  return all;
}

function toCaller(
  chosen: readonly Answer[],
  about: {
    readonly authenticated: boolean;
    readonly strangers: boolean;
    readonly numbers: ReadonlyMap<Condition, number>;
    readonly needed: readonly number[];
  },
): ExampleCaller {
  const { authenticated, strangers, numbers, needed } = about;
  const met = needed.map(() => 0);
  for (const { meets } of chosen) for (const number of meets) met[number] = (met[number] ?? 0) + 1;
  const isMet = (part: Condition): boolean => {
    if (part.kind === 'everyone') return true;
    if (part.kind === 'authenticated') return authenticated;
    const number = numbers.get(part);
    if (number === undefined) throw new Error(`these callers were not made for ${part.kind}`);
    return (met[number] ?? 0) >= (needed[number] ?? 1);
  };
  const holds = (condition: Condition): boolean => {
    if (condition.kind === 'any') return condition.of.some(holds);
    if (condition.kind === 'all') return condition.of.length > 0 && condition.of.every(holds);
    return isMet(condition);
  };
  const has = chosen.flatMap(({ words }) => words ?? []);
  return { authenticated, words: [...whoText(authenticated, strangers, has), ...has], holds };
}

/** Omits what the other words imply. */
function whoText(authenticated: boolean, strangers: boolean, has: readonly string[]): string[] {
  if (!authenticated) return ['anonymous'];
  const isPlain = has.some((words) => /^(?:scopes|roles|claims|clients|auth)\b/.test(words));
  return isPlain || (!strangers && has.length > 0) ? [] : ['authenticated'];
}

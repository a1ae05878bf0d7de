/**
 * Keeps the plans of one snapshot. A plan that depends on arguments is stored behind the questions
 * about them: the answer to each question leads to the next, and the last to the plan. No entry
 * holds a value. Bounded in bytes.
 */
import { LRUCache } from 'lru-cache';
import { createSeenBefore } from '../caches/seen-before.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import { type ArgumentAnswers, ArgumentQuestion } from './operation/plan-arguments.ts';
import { bytesOf } from './operation/plan-bytes.ts';

const bytesMax = 64 * 1024 * 1024;
/** A plan that asks more questions about arguments is not cached. */
const questionsKeptMax = 100;

export class PlanCache {
  readonly #entries = new LRUCache<string, AuthorizedOperation | ArgumentQuestion>({
    maxSize: bytesMax,
    sizeCalculation: (entry, key) => 2 * key.length + bytesOf(entry),
  });
  readonly #seenBefore = createSeenBefore();

  /** The plan, or the first question on the way to it. */
  get(base: string): AuthorizedOperation | ArgumentQuestion | undefined {
    return this.#entries.get(base);
  }

  /** The plan to which the answers to `first` and all further questions lead. */
  follow(
    base: string,
    first: ArgumentQuestion,
    answers: ArgumentAnswers,
  ): AuthorizedOperation | undefined {
    let key = firstStep(base);
    let found: AuthorizedOperation | ArgumentQuestion | undefined = first;
    while (found instanceof ArgumentQuestion) {
      key += answers.answer(found);
      found = this.#entries.get(key);
    }
    return found;
  }

  /** From the second time that the plan is made with these answers. */
  keep(base: string, { given }: ArgumentAnswers, plan: AuthorizedOperation): void {
    if (given.length > questionsKeptMax) return;
    const keys = [base];
    let key = firstStep(base);
    for (const { answer } of given) {
      key += answer;
      keys.push(key);
    }
    const last = keys.pop() ?? base;
    if (!this.#seenBefore(last)) return;
    for (const [index, { question }] of given.entries()) {
      this.#entries.set(keys[index] ?? base, question);
    }
    this.#entries.set(last, plan);
  }
}

/** The key to which answers are appended; the line break keeps them apart from the base. */
const firstStep = (base: string): string => `${base}\n`;

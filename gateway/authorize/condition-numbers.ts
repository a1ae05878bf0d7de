/**
 * Numbers the conditions of one policy. Rules in shadow mode share the numbers with the rules in
 * force, so one bit set answers both, and what is cached by it depends on the answers of both.
 */
import { type Condition, isPerUse } from '../conditions/condition.ts';
import { toPerUse } from './per-use.ts';
import type { PerUse } from './policy.ts';

export class ConditionNumbers {
  readonly conditions: Condition[] = [];
  readonly perUse = new Map<number, PerUse>();
  readonly #ids = new Map<string, number>();

  /** Equal conditions share a number, which keeps the bit set small. */
  of(condition: Condition): number {
    const text = JSON.stringify(condition);
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.conditions.push(condition) - 1;
    this.#ids.set(text, id);
    if (isPerUse(condition)) this.perUse.set(id, toPerUse(condition));
    return id;
  }
}

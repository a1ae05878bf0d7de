/**
 * The numbers of the conditions of one policy. Rules on trial share them with those in force, so that
 * one bit set answers both, and what is kept by it is kept by all that either asks.
 */
import { asksForArguments, type Condition, isPerUse } from '../conditions/condition.ts';
import { expressionsIn } from './access/access-file.ts';
import type { PerUse } from './policy.ts';

export class ConditionNumbers {
  readonly conditions: Condition[] = [];
  readonly perUse = new Map<number, PerUse>();
  private readonly ids = new Map<string, number>();

  /** Equal conditions share a number, so that the bit set stays small. */
  of(condition: Condition): number {
    const text = JSON.stringify(condition);
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.conditions.push(condition) - 1;
    this.ids.set(text, id);
    if (isPerUse(condition)) {
      const reads = expressionsIn(condition).map((one) => one.reads);
      this.perUse.set(id, {
        asksForArguments: asksForArguments(condition),
        object: [...new Set(reads.flatMap(({ object }) => object))],
        parent: [...new Set(reads.flatMap(({ parent }) => parent))],
      });
    }
    return id;
  }
}

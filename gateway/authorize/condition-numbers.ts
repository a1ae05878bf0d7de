/**
 * The numbers of the conditions of one policy. Rules on trial share them with those in force, so that
 * one bit set answers both, and what is kept by it is kept by all that either asks.
 */
import { type Condition, isPerUse } from '../conditions/condition.ts';
import { toPerUse } from './per-use.ts';
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
    if (isPerUse(condition)) this.perUse.set(id, toPerUse(condition));
    return id;
  }
}

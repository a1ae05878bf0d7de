/** Compiles what a condition that is decided per use looks at, whatever the place. */
import { asksForArguments, type Condition, partsOf, readsRows } from '../conditions/condition.ts';
import { compileStepUpsAtUse } from '../conditions/step-up.ts';
import type { PerUse } from './policy.ts';

export function toPerUse(condition: Condition): PerUse {
  const object = new Set<string>();
  const parent = new Set<string>();
  const before = new Map<string, readonly string[]>();
  for (const part of partsOf(condition)) {
    if (part.kind !== 'when') continue;
    const { reads } = part.expression;
    if (part.before !== undefined && readsRows(part)) {
      const names = [...(before.get(part.before) ?? []), ...reads.object];
      before.set(part.before, [...new Set(names)]);
      continue;
    }
    for (const name of reads.object) object.add(name);
    for (const name of reads.parent) parent.add(name);
  }
  const byArguments = asksForArguments(condition);
  const stepUps = byArguments ? compileStepUpsAtUse(condition) : undefined;
  return {
    asksForArguments: byArguments,
    ...(stepUps && { stepUps }),
    object: [...object],
    parent: [...parent],
    ...(before.size > 0 && { before }),
  };
}

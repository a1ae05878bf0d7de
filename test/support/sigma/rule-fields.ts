/** What Sigma rules name: fields, and the values that they want there. */
import { type CorrelationRule, type EventRule, isCorrelation } from './sigma-document.ts';

type Rule = EventRule | CorrelationRule;

/** Items of all selections, with their modifiers. */
function itemsOf(rule: Rule): [string, unknown][] {
  if (isCorrelation(rule)) return [];
  const { condition: _, ...selections } = rule.detection;
  return Object.values(selections)
    .flatMap((selection) => [selection].flat() as object[])
    .flatMap((map) => Object.entries(map));
}

const nameOf = (item: string): string => item.split('|')[0] ?? '';

/** Paths into an event, each once. */
export function fieldsOf(rule: Rule): string[] {
  const own = itemsOf(rule).map(([item]) => nameOf(item));
  if (!isCorrelation(rule)) return [...new Set(own)];
  const { condition } = rule.correlation;
  return [
    ...(rule.correlation['group-by'] ?? []),
    ...('field' in condition ? [condition.field] : []),
  ];
}

/** Values that are wanted at a path as they are. */
export const valuesOf = (rule: Rule, path: string): unknown[] =>
  itemsOf(rule).flatMap(([item, wanted]) => (item === path ? [wanted].flat() : []));

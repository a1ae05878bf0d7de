/**
 * Which rules events raise. A correlation counts the events of the rules that it names, by group, in
 * any span of its length; an event that lacks what it is grouped by belongs to no group, as in the
 * query languages that rules are converted to. Other types and other comparisons throw.
 */
import type { AuditEvent } from '../audit-rows.ts';
import { matchesEvent, valuesAt } from './match-event.ts';
import { type CorrelationRule, type EventRule, isCorrelation } from './sigma-document.ts';

type Rule = EventRule | CorrelationRule;

const unitsMs: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

export function toMilliseconds(timespan: string): number {
  const [, count, unit = ''] = /^([1-9]\d*)([smhd])$/.exec(timespan) ?? [];
  const unitMs = unitsMs[unit];
  if (unitMs === undefined) throw new Error(`no timespan: ${timespan}`);
  return Number(count) * unitMs;
}

/** Titles of the rules that events raise; of those that a correlation counts, only the correlation's. */
export function raisedBy(events: readonly AuditEvent[], rules: readonly Rule[]): string[] {
  const counted = new Set(rules.filter(isCorrelation).flatMap((rule) => rule.correlation.rules));
  return rules
    .filter(({ name, id }) => !counted.has(name ?? id))
    .filter((rule) =>
      isCorrelation(rule)
        ? correlates(events, rule, rules)
        : events.some((event) => matchesEvent(event, rule.detection)),
    )
    .map(({ title }) => title);
}

function correlates(
  events: readonly AuditEvent[],
  { correlation, title }: CorrelationRule,
  rules: readonly Rule[],
): boolean {
  const counted = correlation.rules.map((name) => {
    const rule = rules.find((one) => one.name === name || one.id === name);
    if (rule === undefined || isCorrelation(rule)) throw new Error(`${title} counts no ${name}`);
    return rule.detection;
  });
  const matching = events.filter((event) => counted.some((one) => matchesEvent(event, one)));
  return group(matching, correlation['group-by'] ?? []).some((some) =>
    isReached(some, correlation),
  );
}

function group(events: readonly AuditEvent[], by: readonly string[]): AuditEvent[][] {
  const groups = new Map<string, AuditEvent[]>();
  for (const event of events) {
    const found = by.map((path) => valuesAt(event, path));
    if (found.some((values) => values.length !== 1)) continue;
    const key = JSON.stringify(found);
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups.values()];
}

function isReached(
  events: readonly AuditEvent[],
  { type, timespan, condition }: CorrelationRule['correlation'],
): boolean {
  const { gte, ...more } = condition;
  const spanMs = toMilliseconds(timespan);
  return events.some((first) => {
    const within = events.filter(({ time }) => time >= first.time && time < first.time + spanMs);
    if (type === 'event_count' && Object.keys(more).length === 0) return within.length >= gte;
    if (type !== 'value_count' || !('field' in more)) throw new Error(`not evaluated: ${type}`);
    const values = within.flatMap((event) => valuesAt(event, String(more.field)));
    return new Set(values).size >= gte;
  });
}

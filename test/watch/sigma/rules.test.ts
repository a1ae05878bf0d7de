/**
 * The Sigma rules that ship, against the events that a gateway really writes: each is raised by the
 * situation that it is about, none by ordinary traffic, and none names a field or a word that the
 * event code does not have.
 */
import { describe, expect, it } from 'vitest';
import { reasons } from '../../../gateway/decision.ts';
import { auditDecisions } from '../../../gateway/watch/audit-event/decision-of.ts';
import type { AuditEvent } from '../../support/audit-rows.ts';
import { raisedBy } from '../../support/sigma/match-correlation.ts';
import { valuesAt } from '../../support/sigma/match-event.ts';
import { fieldsOf, valuesOf } from '../../support/sigma/rule-fields.ts';
import { isCorrelation, loadSigmaRules } from '../../support/sigma/sigma-document.ts';
import { situations } from '../../support/sigma/situations.ts';

const rules = loadSigmaRules();
const titleOf = (name: string) => `Fieldgate ${name}`;
const seen: AuditEvent[] = [];

describe('rules are raised by', () => {
  it.each(situations)('$name: $raises', async ({ events, raises }) => {
    const happened = await events();
    expect(happened).not.toEqual([]);
    seen.push(...happened);
    expect(raisedBy(happened, rules).sort()).toEqual(raises.map(titleOf).sort());
  });

  it('each rule by one situation at least', () => {
    const counted = new Set(rules.filter(isCorrelation).flatMap((rule) => rule.correlation.rules));
    const own = rules.filter(({ name, id }) => !counted.has(name ?? id)).map(({ title }) => title);
    const raised = situations.flatMap(({ raises }) => raises.map(titleOf));
    expect([...new Set(raised)].sort()).toEqual(own.sort());
  });
});

describe('a rule names nothing that is never written', () => {
  it.each([...new Set(rules.flatMap(fieldsOf))].sort())('the field %s', (field) => {
    expect(seen.length).toBeGreaterThan(500);
    expect(seen.some((event) => valuesAt(event, field).length > 0)).toBe(true);
  });

  it('reasons are those of the closed list', () => {
    const named = rules.flatMap((rule) => valuesOf(rule, 'unmapped.gateway.reason'));
    expect(named.length).toBeGreaterThan(25);
    expect(named.filter((one) => !(reasons as readonly unknown[]).includes(one))).toEqual([]);
  });

  it('decisions are those of the trail and of its log', () => {
    const written: readonly unknown[] = [...auditDecisions, 'audit_recovered', 'audit_gap'];
    const named = rules.flatMap((rule) => valuesOf(rule, 'unmapped.gateway.decision'));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((one) => !written.includes(one))).toEqual([]);
  });
});

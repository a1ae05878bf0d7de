/**
 * What the shipped configuration for Elastic makes of each decision: its statements, run on the
 * names and severities that the forwarder sends. What was refused is no success there.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { auditDecisions, outcomes } from '../../../gateway/watch/audit-event/decision-of.ts';
import { type EventName, toEventName } from '../../../gateway/watch/forward/event-name.ts';

const file = new URL('../../../gateway/watch/collector/elastic.yaml', import.meta.url);
const { processors, exporters } = parse(readFileSync(fileURLToPath(file), 'utf8'));
const [ofLog, ofScope] = processors['transform/ecs'].log_statements;
const statements: string[] = ofLog.statements;

const levels: Readonly<Record<string, number>> = {
  SEVERITY_NUMBER_WARN: 13,
  SEVERITY_NUMBER_ERROR: 17,
};

/** One comparison of the few kinds that the file uses. */
function holds(text: string, { name, severity }: EventName): boolean {
  const named = /^log\.event_name (==|!=) "([\w.]+)"$/.exec(text);
  if (named !== null) return (named[2] === name) === (named[1] === '==');
  const level = /^log\.severity_number >= (\w+)$/.exec(text)?.[1] ?? '';
  const least = levels[level];
  if (least === undefined) throw new Error(`no comparison: ${text}`);
  return severity >= least;
}

/** `event.*` attributes that are set to what is written there. */
function toEcs(event: EventName): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  for (const statement of statements) {
    const [, name, value = '', condition] =
      /^set\(log\.attributes\["(event\.\w+)"\], (["[].*?)\)(?: where (.+))?$/.exec(statement) ?? [];
    if (name === undefined) continue;
    const alternatives = condition?.split(' or ').map((one) => one.split(' and ')) ?? [[]];
    if (alternatives.some((all) => all.every((one) => holds(one, event))))
      set[name] = JSON.parse(value);
  }
  return set;
}

const ecsOf = (decision: (typeof auditDecisions)[number]) =>
  toEcs(toEventName(decision, outcomes[decision].severity));

/** Of `2h`, `5m` and `1s`. */
const secondsOf = (text: string): number =>
  Number.parseInt(text, 10) * ({ h: 3_600, m: 60, s: 1 }[text.slice(-1)] ?? Number.NaN);

describe('in Elastic', () => {
  it('all attempts have room in the time of one request, and no pause overflows', () => {
    const { timeout, retry } = exporters.elasticsearch;
    const pauses = Array.from(
      { length: retry.max_retries },
      (_, nth) => secondsOf(retry.initial_interval) * 2 ** nth,
    );
    expect(pauses.at(-1)).toBeLessThan(2 ** 63 / 1e9);
    const longest = secondsOf(retry.max_interval);
    const sum = pauses.reduce((seconds, pause) => seconds + Math.min(pause, longest), 0);
    expect(sum).toBeLessThan(secondsOf(timeout));
  });

  it('what comes twice is stored once: a record has the id that the exporter takes', () => {
    expect(exporters.elasticsearch.logs_dynamic_id.enabled).toBe(true);
    expect(statements).toContain(
      'set(log.attributes["elasticsearch.document_id"], log.attributes["log.record.uid"])',
    );
  });

  it('names are those of ECS: the exporter is told by the data, and heeds its configuration no more', () => {
    expect(ofScope).toEqual({
      context: 'scope',
      statements: ['set(scope.attributes["elastic.mapping.mode"], "ecs")'],
    });
    expect(exporters.elasticsearch.mapping).toBeUndefined();
  });

  it('an Elasticsearch that is away for a while is asked again', () => {
    const { retry } = exporters.elasticsearch;
    expect(retry.retry_on_status).toEqual(expect.arrayContaining([429, 500, 502, 503, 504]));
  });

  it.each(auditDecisions)('%s is a success exactly where the audit trail says so', (decision) => {
    const isSuccess = outcomes[decision].status === 1;
    expect(ecsOf(decision)['event.outcome']).toBe(isSuccess ? 'success' : 'failure');
  });

  it.each(auditDecisions)('%s is not allowed where the audit trail denies it', (decision) => {
    const { action } = outcomes[decision];
    const types = ecsOf(decision)['event.type'];
    if (action === 2) expect(types).not.toContain('allowed');
    else expect(types).not.toContain('denied');
  });

  it('an alert is one, and nothing else is', () => {
    const alerts = auditDecisions.filter((one) => ecsOf(one)['event.kind'] === 'alert');
    expect(alerts).toEqual(['detection']);
  });

  it('no statement waits for a name that is never sent', () => {
    const sent = new Set(auditDecisions.map((one) => toEventName(one, 1).name));
    const named = statements.flatMap((one) =>
      [...one.matchAll(/event_name [!=]= "([\w.]+)"/g)].map(([, name]) => name),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name = '') => !sent.has(name))).toEqual([]);
  });
});

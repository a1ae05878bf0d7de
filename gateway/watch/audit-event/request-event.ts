/**
 * A request's record as OCSF 1.8.0 events: one for its outcome, one per refused coordinate, and one
 * for what happened after the answer began.
 *
 * Holds the caller, the application, the address, the coordinates, how many values, whose (as keyed
 * ids), and why. Holds no value, variable, literal, token, header or error text.
 *
 * Written as text in one pass, since every request writes one or two: an object and JSON.stringify
 * would cost a multiple. Tests say what the text must equal.
 */
import type { Denial } from '../../decision.ts';
import { exhaustedRates } from '../../exhausted-rates.ts';
import type { Delivered } from '../../plan/tally.ts';
import type { Caller, RequestRecord } from '../../request.ts';
import { toMicros } from '../../time/to-micros.ts';
import { type AuditDecision, decisionOf } from './decision-of.ts';
import { type EventContext, toEvent } from './event-frame.ts';
import { toWholeGateway } from './flat-event.ts';
import { keepLate, quoteName, quoteNames, toNumber } from './json-text.ts';
import { groupSubjects, type SubjectGroup, splitGroups } from './subject-groups.ts';
import { describe } from './whole-request.ts';

/** Ids in one event; the rest go into events that continue it. */
const subjectsPerEventMax = 1_000;
/** Events about single coordinates of one request; the first event has all the counts. */
export const childEventsMax = 20;
/** Scopes listed in one event. */
const listedMax = 50;

const noGroups: readonly SubjectGroup[] = [];

/**
 * JSON texts, each ending in `}}}` after `unmapped.gateway`; the first is about the whole request.
 */
export function toRequestEvents(record: RequestRecord, context: EventContext): string[] {
  const decision = decisionOf(record);
  const { tally } = record;
  const { groups, unknown } =
    tally === undefined || context.toSubjectId === undefined
      ? { groups: noGroups, unknown: tally?.slots.length ?? 0 }
      : groupSubjects(tally, context.toSubjectId);
  const parts = groups.length === 0 ? [noGroups] : splitGroups(groups, subjectsPerEventMax);
  const slots = groups.length === 0 ? [] : toSlots(record);
  const first = parts[0] ?? noGroups;
  const unattributed = unknown === 0 ? '' : `,"subject_unknown":${unknown}`;
  const events = [
    toEvent(record, context, {
      decision,
      suffix: '',
      rule: ruleOf(record),
      about: `${describe(record)},"delivered":[${toDelivered(record.delivered)}],"subjects":[${toListed(first, slots)}]${unattributed}`,
      resources: first,
      flat: context.flat && toWholeGateway(record),
    }),
  ];
  for (let at = 1; at < parts.length; at += 1) {
    events.push(toContinued(record, context, { decision, at, part: parts[at] ?? [], slots }));
  }
  const { denials } = record;
  const children = Math.min(denials.length, childEventsMax);
  for (let at = 0; at < children; at += 1) {
    const denial = denials[at];
    if (denial !== undefined) events.push(toDenialEvent(record, context, denial, at));
  }
  return events;
}

/**
 * The event for what followed the answer: the bytes it had, its duration, whether it was aborted.
 */
export function toClosingEvent(record: RequestRecord, context: EventContext): string {
  const durationMs = toMicros(record.durationMs);
  return toEvent(record, context, {
    decision: record.aborted ? 'abandoned' : decisionOf(record),
    suffix: '.end',
    rule: undefined,
    about: `,"closing":true,"aborted":${record.aborted},"bytes":${toNumber(record.responseBytes)},"duration_ms":${toNumber(durationMs)}`,
    resources: noGroups,
    flat: { request: record.id },
  });
}

/** Subjects that did not fit into the first event. */
function toContinued(
  record: RequestRecord,
  context: EventContext,
  more: {
    decision: AuditDecision;
    at: number;
    part: readonly SubjectGroup[];
    slots: readonly number[];
  },
): string {
  const fields = record.delivered
    .map((one) => `{"field":${quoteName(one.coordinate)},"classes":${quoteNames(one.classes)}}`)
    .join();
  return toEvent(record, context, {
    decision: more.decision,
    suffix: `.s${more.at}`,
    rule: undefined,
    about: `,"continues":true,"delivered":[${fields}],"subjects":[${toListed(more.part, more.slots)}]`,
    resources: more.part,
    flat: {
      request: record.id,
      delivered: record.delivered.map(({ classes: its }) => ({ classes: its })),
    },
  });
}

function toDenialEvent(
  record: RequestRecord,
  context: EventContext,
  denial: Denial,
  at: number,
): string {
  const { coordinate, classes, rule, stepUp } = denial;
  const missing = missingScopes(denial, record.caller).map(quoteName).join();
  return toEvent(record, context, {
    decision: 'field_denied',
    suffix: `.d${at + 1}`,
    rule,
    about: `,"field":${quoteName(coordinate)},"classes":${quoteNames(classes)},"missing_scopes":[${missing}]${stepUp ? ',"step_up":true' : ''}`,
    resources: noGroups,
    flat: { request: record.id, field: coordinate },
  });
}

function toDelivered(delivered: readonly Delivered[]): string {
  let text = '';
  for (const { coordinate, classes, rule, count, masked } of delivered) {
    if (text !== '') text += ',';
    text += `${toField(coordinate, classes, rule)}${toNumber(count)},"masked":${toNumber(masked)}}`;
  }
  return text;
}

const toField = keepLate((coordinate: string, classes: readonly string[], rule: string) => [
  `{"field":${quoteName(coordinate)},"classes":${quoteNames(classes)},`,
  `"rule":${quoteName(rule)},"count":`,
]);

/**
 * Maps slots of the tally to indexes of `delivered`: several rules may have granted a coordinate.
 */
function toSlots({ classified, delivered }: RequestRecord): number[] {
  return classified.map(({ coordinate, rule, mask }) =>
    delivered.findIndex(
      (one) =>
        one.coordinate === coordinate &&
        one.rule === rule &&
        one.masked > 0 === (mask !== undefined),
    ),
  );
}

/** Keyed ids need no escape: base64url after an epoch id of small letters and digits. */
function toListed(groups: readonly SubjectGroup[], slots: readonly number[]): string {
  let text = '';
  for (const { type, fields, ids } of groups) {
    if (text !== '') text += ',';
    const places = fields.map((slot) => slots[slot] ?? -1).join();
    text += `{"type":${quoteName(type)},"fields":[${places}],"ids":["${ids.join('","')}"]}`;
  }
  return text;
}

/** What decided: the exhausted rate, the rule that refused, or the rule that granted. */
function ruleOf(record: RequestRecord): string | undefined {
  const { refusal, denials, delivered } = record;
  if (refusal === undefined) return delivered[0]?.rule;
  if (refusal.reason !== 'rates/limited') return denials[0]?.rule;
  return exhaustedRates(record).at(-1);
}

function missingScopes({ scopes }: Denial, caller: Caller | undefined): readonly string[] {
  return scopes.filter((scope) => caller?.scopes.has(scope) !== true).slice(0, listedMax);
}

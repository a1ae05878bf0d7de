/**
 * The explanation of an operation, and its text form: a table of coordinates, then the requests to
 * upstreams.
 */
import type { Reason } from '../../decision.ts';
import type { AssumedList } from '../../limits/cost/assumed-lists.ts';
import type { ShadowEffect } from '../../shadow.ts';
import { toColumns } from '../columns.ts';
import type { ExplainedCoordinate, RulePlace } from './explain-coordinates.ts';
import type { RecordedRequest } from './explain-recorder.ts';

/** What one rate counts of the operation, out of `limit` per window. */
export interface ExplainedCharge {
  readonly rate: string;
  readonly amount: number;
  readonly limit: number;
  /** Set for shadow mode: it refuses nothing. */
  readonly inShadow?: true;
}

/** An argument whose value is taken from a claim. */
export interface ExplainedPin {
  readonly coordinate: string;
  /** For example `claims.tenant_id as ID`. */
  readonly claim: string;
  readonly rule: RulePlace;
}

/** A read made right before a write, which is sent only if the result grants it. */
export interface ExplainedRead {
  readonly coordinate: string;
  /** For example `Query.employee(id: args.id)`. */
  readonly read: string;
}

export interface Explanation {
  readonly outcome: 'runs' | 'refused';
  readonly reason?: Reason;
  /** Estimated before anything is fetched; the operation is refused above `limit`. */
  readonly cost?: {
    readonly estimated: number;
    readonly limit: number;
    /** Lists of unknown length, reported if the cost is too high. */
    readonly assumed?: readonly AssumedList[];
  };
  /** Charged before anything is fetched; absent if the operation is refused earlier. */
  readonly charges?: readonly ExplainedCharge[];
  /** In order of first appearance, including those below a refused parent. */
  readonly coordinates: readonly ExplainedCoordinate[];
  /** Arguments of these fields that are fixed from the token; absent if there are none. */
  readonly pins?: readonly ExplainedPin[];
  /** What rules in shadow mode would do; absent if nothing. */
  readonly shadows?: readonly ShadowEffect[];
  /** Reads before writes that depend on an object; absent if there are none. */
  readonly reads?: readonly ExplainedRead[];
  readonly upstreams: readonly RecordedRequest[];
  /** Upstream calls that could not be made, or not be continued with placeholder answers. */
  readonly failures: readonly string[];
  /** Whether the operation asks for the schema. */
  readonly introspection: boolean;
}

export function toText(explanation: Explanation): string {
  const { outcome, reason, coordinates, upstreams, failures, introspection, cost } = explanation;
  const { charges = [], pins = [], reads = [], shadows = [] } = explanation;
  const lines = [reason === undefined ? outcome : `${outcome} (${reason})`];
  if (cost !== undefined) lines.push(`cost ${cost.estimated} of at most ${cost.limit}`);
  if (cost?.assumed?.length) lines.push(toAssumedLine(cost.assumed));
  if (charges.length > 0) lines.push(`rates ${charges.map(toChargeText).join(', ')}`);
  if (introspection) lines.push('asks for the schema');
  if (coordinates.length > 0) lines.push('', ...toTable(coordinates));
  if (pins.length > 0) lines.push('', ...pins.map(toPinLine));
  if (reads.length > 0) lines.push('', ...reads.map(toReadLine));
  if (shadows.length > 0) lines.push('', ...shadows.map(toShadowLine));
  lines.push('', upstreams.length === 0 ? 'upstreams: nothing is sent' : 'upstreams:');
  lines.push(...upstreams.flatMap(toRequestLines));
  lines.push(...failures.map((why) => `  not followed: ${why}`));
  return `${lines.join('\n')}\n`;
}

const toAssumedLine = (lists: readonly AssumedList[]): string =>
  `  assumed lengths: ${lists.map(({ coordinate, entries }) => `${coordinate} ${entries}`).join(', ')} (write what you know under listSizes)`;

const toPinLine = ({ coordinate, claim, rule: { name, file, line } }: ExplainedPin): string =>
  `pinned ${coordinate} to ${claim} (${name}, ${file}:${line})`;

const toReadLine = ({ coordinate, read }: ExplainedRead): string =>
  `${read} is read right before ${coordinate}, which is sent only where what comes back grants it`;

const toShadowLine = ({ kind, rule, effect, coordinates }: ShadowEffect): string =>
  effect === 'unknown'
    ? `in shadow mode: ${kind} ${rule}: the operation is too large to tell`
    : `in shadow mode: ${kind} ${rule} would ${effect} ${coordinates.join(', ') || 'the request'}`;

const toChargeText = ({ rate, amount, limit, inShadow }: ExplainedCharge): string =>
  `${rate} ${amount} of ${limit}${inShadow ? ' (in shadow mode)' : ''}`;

function toTable(coordinates: readonly ExplainedCoordinate[]): string[] {
  return toColumns([['coordinate', 'verdict', 'rule', 'missing'], ...coordinates.map(toRow)]);
}

function toRow(one: ExplainedCoordinate): string[] {
  const { coordinate, verdict, rule, stepUp } = one;
  const isOpen = verdict === 'allow' || verdict === 'mask' || verdict === 'depends';
  return [
    coordinate,
    verdict + toMaskText(one),
    rule === undefined ? '-' : toRuleText(rule),
    (stepUp === undefined ? '' : 'step-up: ') + toAllNeeds(one) ||
      (isOpen || rule !== undefined ? '-' : 'a rule that allows it'),
  ];
}

/** Formats ` last4`, or `, else last4` if the whole value may be delivered too. */
export const toMaskText = (
  one: Pick<ExplainedCoordinate, 'verdict' | 'mask' | 'missing'>,
): string => {
  const { verdict, mask } = one;
  if (mask === undefined) return '';
  return verdict === 'depends' && mayBeWhole(one) ? `, else ${mask}` : ` ${mask}`;
};

/** Whether a coordinate that depends may be delivered unmasked. */
export const mayBeWhole = ({ missing = [] }: Pick<ExplainedCoordinate, 'missing'>): boolean =>
  missing.some(({ needs }) => needs === 'allow');

export const toRuleText = ({ name, file, line }: RulePlace): string => `${name} (${file}:${line})`;

/** The failed conditions in one line, without those of a mask; empty if there are none. */
export function toNeeds({
  missing = [],
  filtersOn,
}: Pick<ExplainedCoordinate, 'missing' | 'filtersOn'>): string {
  const allows = missing.filter(({ needs }) => needs === 'allow');
  const requires = missing.filter(({ needs }) => needs === 'require');
  const any = allows.length === 0 ? [] : [allows.map(toMissingText).join(', or ')];
  const needs = [...requires.map(toMissingText), ...any].join(', and ');
  return needs === '' || filtersOn === undefined
    ? needs
    : `${needs}, to filter on ${filtersOn.join(' and ')}`;
}

/** What the mask of a coordinate needs, if objects or arguments decide on it; empty if not. */
export const toMaskNeeds = ({ missing = [] }: Pick<ExplainedCoordinate, 'missing'>): string =>
  missing
    .filter(({ needs }) => needs === 'mask')
    .map(toMissingText)
    .join();

/** The same with the mask's own conditions: `…, else last4 needs …`. */
export function toAllNeeds(one: Pick<ExplainedCoordinate, 'missing' | 'filtersOn' | 'mask'>) {
  const [needs, ofMask] = [toNeeds(one), toMaskNeeds(one)];
  if (needs === '' || ofMask === '') return needs + ofMask;
  return mayBeWhole(one) ? `${needs}, else ${one.mask} needs ${ofMask}` : `${needs}, and ${ofMask}`;
}

function toMissingText({ condition, rule }: NonNullable<ExplainedCoordinate['missing']>[number]) {
  return `${condition} (${rule.name}, ${rule.file}:${rule.line})`;
}

function toRequestLines({ upstream, request, variables, body }: RecordedRequest): string[] {
  const [first = '', ...rest] = request.split('\n');
  const lines = [`  ${upstream}: ${first}`, ...rest.map((line) => `    ${line}`)];
  if (variables !== undefined) lines.push(`    variables ${JSON.stringify(variables)}`);
  if (body !== undefined) lines.push(`    body ${JSON.stringify(body)}`);
  return lines;
}

/**
 * The notes that the walk makes in a request's record: charges, faults and failures, all bounded.
 */
import type { EngineError } from '../engine.ts';
import { describeFault } from '../errors.ts';
import type { GatewayOptions } from '../gateway-options.ts';
import type { Judge } from '../plan/judge.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import type { ChargeResult } from '../rates/charge-result.ts';
import { keepNote, noteFault, type RequestRecord } from '../request.ts';
import { type ShadowEffect, shadowCoordinatesMax } from '../shadow.ts';

/** Most rules in shadow mode noted per kind: as many access rules as may be in shadow mode. */
const shadowRulesMax = 20;

/** Notes what rules in shadow mode would have done: each rule and effect once, with coordinates. */
export function noteShadows(
  record: Pick<RequestRecord, 'shadows'>,
  effects: readonly ShadowEffect[] | undefined,
): void {
  if (effects === undefined) return;
  for (const { kind, rule, effect, coordinates } of effects) {
    record.shadows ??= [];
    const { shadows } = record;
    const at = shadows.findIndex(
      (one) => one.kind === kind && one.rule === rule && one.effect === effect,
    );
    if (at === -1 && !hasRoom(shadows, kind, rule)) continue;
    const known = shadows[at]?.coordinates ?? [];
    const all = [...new Set([...known, ...coordinates])].slice(0, shadowCoordinatesMax);
    shadows[at === -1 ? shadows.length : at] = { kind, rule, effect, coordinates: all };
  }
}

/** A full kind must not displace other kinds, nor another effect of a noted rule. */
function hasRoom(
  shadows: readonly ShadowEffect[],
  kind: ShadowEffect['kind'],
  rule: string,
): boolean {
  const rules = new Set(shadows.flatMap((one) => (one.kind === kind ? [one.rule] : [])));
  return rules.has(rule) || rules.size < shadowRulesMax;
}

/** Adds the charges to earlier ones. */
export function noteCharges(record: RequestRecord, result: ChargeResult): void {
  const { charged, local, shadowed } = result;
  for (const { rate, amount, remaining, limit, exhausted } of charged) {
    const near = remaining * 10 < limit;
    record.charges.push({ rate, amount, remaining, near, ...(exhausted && { exhausted }) });
  }
  record.localRates ||= local;
  noteShadowed(record, shadowed);
}

/** Notes rates in shadow mode that would have refused. */
export function noteShadowed(
  record: Pick<RequestRecord, 'shadows'>,
  shadowed: ChargeResult['shadowed'] = [],
): void {
  for (const { rate, exhausted, coordinates } of shadowed) {
    if (exhausted)
      noteShadows(record, [{ kind: 'rate', rule: rate, effect: 'refuse', coordinates }]);
  }
}

/** Notes a place of the answer that stays empty. */
export function noteFailure(record: RequestRecord, { code, why }: EngineError): void {
  // An argument refused before it was sent must not look like an upstream that is down.
  if (code !== 'ARGUMENT_REFUSED') record.upstreamFailures += 1;
  record.failures ??= [];
  keepNote(record.failures, why);
}

/**
 * Notes what objects refused of coordinates that the plan allowed: a coordinate refused at any
 * object counts as refused.
 */
export function noteKeptBack(
  record: RequestRecord,
  { allowed, masked, depends, rowDenials }: AuthorizedOperation,
  judge: Pick<Judge, 'keptBack'> | undefined,
): void {
  const { verdicts } = record;
  if (verdicts === undefined || judge === undefined) return;
  const { keptBack } = judge;
  const counted = new Set([...allowed, ...masked, ...keptBack]);
  // Fields only; arguments are counted with their field.
  const more = depends.filter((one) => !counted.has(one) && !one.endsWith(')')).length;
  const denied = [...new Set([...verdicts.denied, ...keptBack])];
  record.verdicts = { ...verdicts, allowed: verdicts.allowed + more, denied };
  const told = new Set(record.denials.map(({ coordinate }) => coordinate));
  const untold = [...keptBack].filter((coordinate) => !told.has(coordinate));
  record.denials = [...record.denials, ...untold.flatMap((one) => rowDenials.get(one) ?? [])];
}

/** Shows a decision to those who watch. Fails open: what throws there is a fault in the record. */
export function showDecided(record: RequestRecord, { decided }: GatewayOptions): void {
  try {
    decided?.(record);
  } catch (error) {
    noteFault(record, describeFault(error));
  }
}

/**
 * Decides whether a write may happen: reads what its conditions need, by means of the engine, and
 * judges it. Shared by both engines, so that they cannot differ.
 *
 * Fails closed: the conditions do not hold if an argument is missing, a read fails, or an object is
 * missing or does not state the key by which it was asked for.
 */
import type { RowObject } from '../conditions/when/given.ts';
import type { EngineError } from '../engine.ts';
import { describeFault } from '../errors.ts';
import { isKey, isRounded, ownValue } from '../graph/upstream-value.ts';
import { isJsonObject } from '../json-value.ts';
import { readOwnPath } from '../own-path.ts';
import type { StopSignal } from '../time/stop-signal.ts';
import type { Judge } from './judge.ts';
import { readPinned, withPinned } from './pinned.ts';
import { type FieldGuard, type ReadBefore, toCallerKey } from './plan.ts';

type Values = Readonly<Record<string, unknown>>;

/** Why part of a read is missing. */
export type ReadFailure = Pick<EngineError, 'code' | 'why'>;

/** Runs one read with these variables; `data` is in its result keys. */
export type AskBefore = (
  read: ReadBefore,
  variables: Values,
) => Promise<{ readonly data: unknown; readonly failures: readonly ReadFailure[] }>;

/** Most keys in one read. */
export const keysReadMax = 100;

interface WriteContext {
  readonly judge: Judge | undefined;
  readonly signal: StopSignal;
  readonly errors: EngineError[];
  readonly ask: AskBefore;
}

/**
 * Whether the root field under `rawKey` may be written; notes failures at its place. Never rejects.
 */
export async function mayWrite(
  rawKey: string,
  guard: FieldGuard,
  context: WriteContext,
): Promise<boolean> {
  const { judge, signal, errors, ask } = context;
  if (judge === undefined) return false;
  const place = [toCallerKey(rawKey)];
  const note = ({ code, why }: ReadFailure): unknown => errors.push({ code, why, path: place });
  try {
    const answers = await askAll(guard, judge, ask);
    // After a disconnect or the deadline nothing may be written, and no caller reads errors.
    if (signal.aborted) return false;
    if (judge.settleWrite(guard, toFound(answers))) return true;
    // If another read grants the write, these failures do not matter.
    for (const one of answers) one.failures.forEach(note);
  } catch (error) {
    note({ code: 'INTERNAL', why: describeFault(error) });
  }
  judge.refuseWrite(guard, place);
  return false;
}

/** Runs the reads whose arguments all have values. */
async function askAll(guard: FieldGuard, judge: Judge, ask: AskBefore): Promise<readonly Answer[]> {
  const args = judge.argumentsOf(guard);
  const asked = (guard.before ?? []).flatMap((read) => {
    const given = toReadVariables(read, args, judge.caller);
    return given === undefined ? [] : [{ read, given }];
  });
  return Promise.all(
    asked.map(async ({ read, given }) => {
      const answer = await ask(read, withPinned(given, read.operation, judge.caller));
      return { ...answer, read, given };
    }),
  );
}

type Answer = Awaited<ReturnType<AskBefore>> & {
  readonly read: ReadBefore;
  readonly given: Values;
};

/**
 * The objects found, by the text of the read. A read that is missing here found nothing, and its
 * conditions do not hold.
 */
function toFound(answers: readonly Answer[]): ReadonlyMap<string, readonly RowObject[]> {
  const found = new Map<string, readonly RowObject[]>();
  for (const { read, given, data, failures } of answers) {
    const objects = failures.length > 0 ? undefined : toObjects(read, given, data);
    if (objects !== undefined) found.set(read.read, objects);
  }
  return found;
}

/** Undefined if an argument or a claim has no value, or one that the read does not take. */
function toReadVariables(
  { given, operation: { pins = [] } }: ReadBefore,
  args: Values | undefined,
  caller: Judge['caller'],
): Values | undefined {
  if (pins.some((pin) => readPinned(caller, pin) === undefined)) return undefined;
  const variables: Record<string, unknown> = Object.create(null);
  for (const { variable, path, isList, ...sent } of given) {
    const found = readOwnPath(args, path);
    const list: readonly unknown[] = Array.isArray(found) ? found : [found];
    const values = list.map((one) => toSent(one, sent));
    if (values.length === 0 || values.length > keysReadMax) return undefined;
    if (values.includes(undefined) || (!isList && Array.isArray(found))) return undefined;
    variables[variable] = isList ? values : values[0];
  }
  return variables;
}

/** The value to send; undefined for empty text, which services read as "everything". */
function toSent(
  value: unknown,
  { as, leaf }: Pick<ReadBefore['given'][number], 'as' | 'leaf'>,
): unknown {
  if (value === undefined || value === null || value === '' || isRounded(value)) return undefined;
  if (as === 'same') return leaf.serialize(value) ?? undefined;
  if (!isKey(value)) return undefined;
  if (as === 'text') return String(value);
  const number = Number(value);
  return Number.isSafeInteger(number) && String(number) === String(value) ? number : undefined;
}

/** The objects that were asked for; undefined if one is missing or states another key. */
function toObjects(
  { rawKey, isList, given, prefix }: ReadBefore,
  variables: Values,
  data: unknown,
): readonly RowObject[] | undefined {
  const found = ownValue(data, rawKey);
  if (isList !== Array.isArray(found)) return undefined;
  const rows = (isList ? found : [found]) as readonly unknown[];
  for (const { variable, stated, isList: isListed } of given) {
    if (stated === undefined) continue;
    const sent = variables[variable];
    const asked = new Set((isListed ? (sent as readonly unknown[]) : [sent]).map(String));
    const told = rows.map((row) => ownValue(row, stated));
    if (!told.every((key) => isKey(key) && asked.has(String(key)))) return undefined;
    if (new Set(told.map(String)).size !== asked.size) return undefined;
  }
  return rows.every(isJsonObject) ? rows.map((source) => ({ source, prefix })) : undefined;
}

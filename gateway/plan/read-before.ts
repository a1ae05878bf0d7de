/**
 * Whether a write may be done: what is read right before it, with an engine's own means, and judged.
 * Shared by both engines, so that they cannot differ in it.
 *
 * Fails closed: where an argument says nothing, a read fails, an object is not there or does not state
 * the key by which it was asked for, the conditions that look at it do not hold.
 */
import type { RowObject } from '../conditions/when/given.ts';
import type { EngineError } from '../engine.ts';
import { describeFault } from '../errors.ts';
import { isJsonObject, isKey, isRounded, ownValue } from '../graph/upstream-value.ts';
import { readOwnPath } from '../own-path.ts';
import type { StopSignal } from '../time/stop-signal.ts';
import type { Judge } from './judge.ts';
import { readPinned, withPinned } from './pinned.ts';
import { type FieldGuard, type ReadBefore, toCallerKey } from './plan.ts';

type Values = Readonly<Record<string, unknown>>;

/** Why something of a read is not there. */
export type ReadFailure = Pick<EngineError, 'code' | 'why'>;

/** Runs one read with these variables; `data` in its result keys. */
export type AskBefore = (
  read: ReadBefore,
  variables: Values,
) => Promise<{ readonly data: unknown; readonly failures: readonly ReadFailure[] }>;

/** Keys in one read. */
export const keysReadMax = 100;

interface About {
  readonly judge: Judge | undefined;
  readonly signal: StopSignal;
  readonly errors: EngineError[];
  readonly ask: AskBefore;
}

/** Whether the root field under `rawKey` may be written; failures are told at its place. Never rejects. */
export async function mayWrite(rawKey: string, guard: FieldGuard, about: About): Promise<boolean> {
  const { judge, signal, errors, ask } = about;
  if (judge === undefined) return false;
  const place = [toCallerKey(rawKey)];
  const note = ({ code, why }: ReadFailure): unknown => errors.push({ code, why, path: place });
  try {
    const answers = await askAll(guard, judge, ask);
    // Who has left, or waited too long, is told nothing more: what was read is no reason to write.
    if (signal.aborted) return false;
    if (judge.settleWrite(guard, toFound(answers))) return true;
    // Of a write that another read grants, the answer has nothing to miss.
    for (const one of answers) one.failures.forEach(note);
  } catch (error) {
    note({ code: 'INTERNAL', why: describeFault(error) });
  }
  judge.refuseWrite(guard, place);
  return false;
}

/** Of reads whose arguments all say something. */
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
 * What was found, by the text of the read. A read that is not in it found nothing: its conditions
 * do not hold.
 */
function toFound(answers: readonly Answer[]): ReadonlyMap<string, readonly RowObject[]> {
  const found = new Map<string, readonly RowObject[]>();
  for (const { read, given, data, failures } of answers) {
    const objects = failures.length > 0 ? undefined : toObjects(read, given, data);
    if (objects !== undefined) found.set(read.read, objects);
  }
  return found;
}

/** Undefined where an argument or a claim says nothing, or what the read does not take. */
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

/** Empty text is none: services read it as "everything". */
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

/** The objects that were asked for; undefined where one is missing, or states another key. */
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

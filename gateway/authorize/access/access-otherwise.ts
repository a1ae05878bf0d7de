/**
 * Reads `otherwise`: what a caller gets if `allow` does not hold. Masks in order, each with its own
 * condition, then the outcome, by default `deny`.
 */
import type { z } from 'zod';
import type { Condition } from '../../conditions/condition.ts';
import { readCondition } from '../../conditions/read-condition.ts';
import type { Path, ProblemCode } from '../../files/config-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import { complain } from '../../files/yaml-complaint.ts';

type Context = { issues: z.core.$ZodRawIssue[] };

export interface WrittenOtherwise {
  readonly masks: readonly { mask: Mask; allow: Condition; index: number }[];
  readonly outcome: Outcome;
}

export const masks = ['last4', 'first1', 'year', 'domain', 'hash', 'redact'] as const;
export type Mask = (typeof masks)[number];

export const outcomes = ['deny', 'hide', 'reject', 'drop'] as const;
export type Outcome = (typeof outcomes)[number];

export const otherwiseEntriesMax = 20;

/** The list as written; undefined if it is refused, with the reason in `context`. */
export function readOtherwise(value: unknown, context: Context): WrittenOtherwise | undefined {
  const refuse = (code: ProblemCode, message: string): undefined =>
    complain(context, { code, message }) as undefined;
  if (!Array.isArray(value))
    return refuse('wrong-type', 'must be a list of masks, then an outcome');
  if (value.length === 0)
    return refuse('empty', 'must not be empty: a mask, `deny`, `hide`, `reject` or `drop`');
  if (value.length > otherwiseEntriesMax)
    return refuse('out-of-range', `at most ${otherwiseEntriesMax} entries`);
  const read: { mask: Mask; allow: Condition; index: number }[] = [];
  let outcome: Outcome = 'deny';
  for (const [index, entry] of value.entries()) {
    if (typeof entry !== 'string') {
      const mask = readMask(entry, context, index);
      if (mask !== undefined) read.push({ ...mask, index });
      continue;
    }
    const word = readWord(entry, outcomes, context, [index]);
    if (word !== undefined) outcome = word;
    if (word !== undefined && index < value.length - 1) {
      const message = `\`${word}\` ends the list: nothing after it counts`;
      complain(context, { code: 'conflict', message, path: [index + 1] });
    }
  }
  if (outcome === 'drop' && read.length > 0) {
    return refuse('conflict', '`drop` is about whole objects: there is nothing left to mask');
  }
  return { masks: read, outcome };
}

function readMask(
  entry: unknown,
  context: Context,
  index: number,
): { mask: Mask; allow: Condition } | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    const message = 'must be a mask with its `allow`, or `deny`, `hide`, `reject` or `drop`';
    return complain(context, { code: 'wrong-type', message, path: [index] }) as undefined;
  }
  for (const key of Object.keys(entry)) {
    if (key === 'mask' || key === 'allow') continue;
    const isLater = key === 'shadow';
    const code = isLater ? 'not-supported' : 'unknown-key';
    const message = isLater
      ? `"${key}" is not supported by this version`
      : `unknown key "${key}"${didYouMean(key, ['mask', 'allow'])}`;
    complain(context, { code, message, path: [index, key], part: 'key' });
  }
  const { mask, allow } = entry as { mask?: unknown; allow?: unknown };
  const word =
    mask === undefined
      ? missing('mask', context, index)
      : readWord(mask, masks, context, [index, 'mask']);
  const condition =
    allow === undefined
      ? missing('allow', context, index)
      : readCondition(allow, context, [index, 'allow']);
  return word && condition && { mask: word, allow: condition };
}

function missing(key: string, context: Context, index: number): undefined {
  const message = `"${key}" is required: a mask names who gets it`;
  complain(context, { code: 'missing-key', message, path: [index, key], part: 'key' });
}

function readWord<W extends string>(
  value: unknown,
  known: readonly W[],
  context: Context,
  path: Path,
): W | undefined {
  const found = known.find((word) => word === value);
  if (found !== undefined) return found;
  const hint = typeof value === 'string' ? didYouMean(value, known) : '';
  complain(context, { code: 'wrong-value', message: `must be ${toList(known)}${hint}`, path });
  return undefined;
}

const toList = (words: readonly string[]): string =>
  words.join(', ').replace(/, ([^,]*)$/, ' or $1');

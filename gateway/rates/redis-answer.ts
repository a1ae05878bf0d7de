/** Parses the answers of the charging script, and joins the sides of several slots. */
import type { Charge, Outcome, ReceiptLine } from './store.ts';

/** The charges that one script decides, by index in the call, with its keys and arguments. */
export interface Group {
  readonly indexes: number[];
  readonly keys: string[];
  readonly args: number[];
}

/** The decision of one script; its lists are in the order of the group's indexes. */
export interface Side {
  readonly ok: boolean;
  readonly indexes: readonly number[];
  /** Empty if it refused. */
  readonly lines: readonly ReceiptLine<string>[];
  /** If it refused: the index in the call, and its wait. */
  readonly refused: number;
  readonly waitMs: number;
  readonly remaining: readonly number[];
  readonly resetMs: readonly number[];
}

/** Undefined for anything that the script does not answer. */
export function readSide(
  answer: unknown,
  group: Group,
  charges: readonly Charge[],
): Side | undefined {
  if (!Array.isArray(answer) || !answer.every(Number.isSafeInteger)) return undefined;
  const numbers: readonly number[] = answer;
  const count = group.indexes.length;
  if (numbers[0] === 1 && numbers.length === 1 + 4 * count) return granted(numbers, group, charges);
  if (numbers[0] === 0 && numbers.length === 3 + 2 * count) return refused(numbers, group);
  return undefined;
}

function granted(numbers: readonly number[], group: Group, charges: readonly Charge[]): Side {
  const column = (offset: number) =>
    group.indexes.map((_, at) => numbers[1 + 4 * at + offset] ?? 0);
  const stamps = column(1);
  const lines = column(0).map((left, at) => ({
    place: group.keys[at] ?? '',
    stampMs: stamps[at] ?? 0,
    windowMs: charges[group.indexes[at] ?? 0]?.windowMs ?? 0,
    left,
  }));
  const { indexes } = group;
  const [remaining, resetMs] = [column(2), column(3)];
  return { ok: true, indexes, lines, refused: -1, waitMs: 0, remaining, resetMs };
}

function refused(numbers: readonly number[], group: Group): Side {
  const column = (offset: number) =>
    group.indexes.map((_, at) => numbers[3 + 2 * at + offset] ?? 0);
  return {
    ok: false,
    indexes: group.indexes,
    lines: [],
    refused: group.indexes[numbers[1] ?? 0] ?? 0,
    waitMs: numbers[2] ?? 0,
    remaining: column(0),
    resetMs: column(1),
  };
}

/** The side of shadow charges without an answer: as if they had fitted. */
export function toUnknownSide({ indexes }: Group, charges: readonly Charge[]): Side {
  const lines = indexes.map((index) => {
    const { amount = 0, windowMs = 0 } = charges[index] ?? {};
    return { place: '', stampMs: 0, windowMs, left: amount };
  });
  const [remaining, resetMs] = [lines.map(({ left }) => left), lines.map(() => 0)];
  return { ok: true, indexes, lines, refused: -1, waitMs: 0, remaining, resetMs };
}

/** The outcome of a call in which all sides have answered. */
export function joinSides(sides: readonly Side[]): Outcome {
  const remaining = inOrder(sides, (side, at) => side.remaining[at]);
  const resetMs = inOrder(sides, (side, at) => side.resetMs[at]);
  const last = sides.filter((side) => !side.ok).sort((a, b) => b.waitMs - a.waitMs)[0];
  if (last === undefined) {
    const lines = inOrder(sides, (side, at) => side.lines[at]);
    const receipt = { kind: 'redis' as const, lines };
    return { ok: true, granted: lines.map(({ left }) => left), remaining, resetMs, receipt };
  }
  // What other sides granted is being returned.
  const restored = inOrder(
    sides,
    (side, at) => (side.remaining[at] ?? 0) + (side.lines[at]?.left ?? 0),
  );
  const { refused: index, waitMs } = last;
  return { ok: false, refused: index, retryAfterMs: waitMs, remaining: restored, resetMs };
}

function inOrder<T>(sides: readonly Side[], read: (side: Side, at: number) => T | undefined): T[] {
  const all: T[] = [];
  for (const side of sides) {
    for (const [at, index] of side.indexes.entries()) {
      const value = read(side, at);
      if (value !== undefined) all[index] = value;
    }
  }
  return all;
}

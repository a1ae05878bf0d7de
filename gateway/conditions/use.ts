/**
 * A condition for one caller, as far as it can be decided before it is used: by who they are, from
 * where and when they ask, and by arguments where they are known. What is left looks at objects.
 *
 * Fails closed: what throws does not hold.
 */
import type { Caller } from '../request.ts';
import { type Condition, readsRows } from './condition.ts';
import { compileCriterion } from './criterion.ts';
import { type Situation, unknownSituation } from './situation.ts';
import type { Given, RowObject } from './when/given.ts';

/** What one use brings. */
export interface Use {
  readonly args?: Readonly<Record<string, unknown>> | undefined;
  readonly object?: RowObject | undefined;
  readonly parent?: RowObject | undefined;
  /** What was read before a write, by the text of the read; there is none that was not found. */
  readonly before?: ReadonlyMap<string, readonly RowObject[]> | undefined;
}

/** Decided, or a question to each use. */
export type Residual = boolean | ((use: Use) => boolean);

/** `args` where they are the same for every use. */
export function specialise(
  condition: Condition,
  about: { caller: Caller; situation?: Situation | undefined; args?: Use['args'] },
): Residual {
  switch (condition.kind) {
    case 'when':
      return specialiseWhen(condition, about);
    case 'any':
      return join(condition.of, about, true);
    case 'all':
      return condition.of.length > 0 && join(condition.of, about, false);
    default:
      return compileCriterion(condition)(about.caller, about.situation ?? unknownSituation);
  }
}

function specialiseWhen(
  condition: Condition & { kind: 'when' },
  { caller, args }: { caller: Caller; args?: Use['args'] },
): Residual {
  const { expression } = condition;
  const isOpen = readsRows(condition) || (args === undefined && expression.reads.args.length > 0);
  if (!isOpen) return expression.holds({ caller, args });
  const { before } = condition;
  if (before !== undefined) {
    // Of every one: a write that is about several is one write.
    return ({ args: given, before: read }) => {
      const objects = read?.get(before) ?? [];
      const holds = (object: RowObject) => expression.holds({ caller, args: given, object });
      return objects.length > 0 && objects.every(holds);
    };
  }
  return (use) => {
    const given: Given = { caller, args: use.args, object: use.object, parent: use.parent };
    return expression.holds(given);
  };
}

/** `decides` is the answer that one part can give for all. */
function join(
  parts: readonly Condition[],
  about: Parameters<typeof specialise>[1],
  decides: boolean,
): Residual {
  const open: Exclude<Residual, boolean>[] = [];
  for (const part of parts) {
    const residual = specialise(part, about);
    if (residual === decides) return decides;
    if (typeof residual !== 'boolean') open.push(residual);
  }
  const [only] = open;
  if (only === undefined) return !decides;
  if (open.length === 1) return only;
  return decides
    ? (use) => open.some((holds) => holds(use))
    : (use) => open.every((holds) => holds(use));
}

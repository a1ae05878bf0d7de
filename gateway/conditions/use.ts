/**
 * Specialises a condition for one caller: decides what depends on the caller, the situation and, if
 * known, the arguments. What remains depends on objects.
 *
 * Fails closed: a check that throws does not hold.
 */
import type { Caller } from '../request.ts';
import { type Condition, readsRows } from './condition.ts';
import { compileCriterion } from './criterion.ts';
import { type Situation, unknownSituation } from './situation.ts';
import type { Given, RowObject } from './when/given.ts';

/** The inputs of one use. */
export interface Use {
  readonly args?: Readonly<Record<string, unknown>> | undefined;
  readonly object?: RowObject | undefined;
  readonly parent?: RowObject | undefined;
  /** Objects read before a write, by the text of the read; reads that found nothing are absent. */
  readonly before?: ReadonlyMap<string, readonly RowObject[]> | undefined;
}

/** Decided, or a function of each use. */
export type Residual = boolean | ((use: Use) => boolean);

/** Pass `args` if they are the same for every use. */
export function specialise(
  condition: Condition,
  context: { caller: Caller; situation?: Situation | undefined; args?: Use['args'] },
): Residual {
  switch (condition.kind) {
    case 'when':
      return specialiseWhen(condition, context);
    case 'any':
      return join(condition.of, context, true);
    case 'all':
      return condition.of.length > 0 && join(condition.of, context, false);
    default:
      return compileCriterion(condition)(context.caller, context.situation ?? unknownSituation);
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
    // Must hold for every object: a write that affects several is one write.
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

/** `decides` is the value with which one part decides the whole. */
function join(
  parts: readonly Condition[],
  context: Parameters<typeof specialise>[1],
  decides: boolean,
): Residual {
  const open: Exclude<Residual, boolean>[] = [];
  for (const part of parts) {
    const residual = specialise(part, context);
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

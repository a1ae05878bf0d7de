/**
 * Step `charge` of the walk: charges all buckets of a request in one call to the store, before
 * anything is fetched. Record rates reserve what may leave; `settle` returns what did not.
 *
 * Fails closed: an unavailable store refuses.
 */
import type { GraphQLSchema } from 'graphql';
import { isObjectType } from 'graphql';
import { createMemo } from '../caches/memo.ts';
import type { Situation } from '../conditions/situation.ts';
import { Refusal } from '../decision.ts';
import { splitCoordinate } from '../graph/coordinate.ts';
import { freeEgress } from '../plan/egress.ts';
import { type PinnedArguments, withPinnedArguments } from '../plan/pinned.ts';
import type { AuthorizedOperation, ProjectedSelection, ProjectedValue } from '../plan/plan.ts';
import type { Caller } from '../request.ts';
import { type BucketKey, bucketKeyOf, toBucketKey } from './bucket-key.ts';
import type { ChargedRate, ChargeResult, Line } from './charge-result.ts';
import {
  argumentsOf,
  chargesOfPlan,
  countArgued,
  type PlanCharges,
  readsArguments,
} from './charges.ts';
import { checkArguments } from './check-arguments.ts';
import { createEgressBudget, type EgressBudget } from './egress-budget.ts';
import { createFold } from './fold-text.ts';
import { type CompiledRate, isChargedAtAdmit } from './rate.ts';
import { toRateFields } from './rate-fields.ts';
import { estimateRecords, type RowsOf } from './records.ts';
import { toShadowedCharge, withShadows } from './shadow-rates.ts';
import type { Outcome, RateStore } from './store.ts';

export interface ChargeQuestion {
  /** Client address, IPv6 cut to its /64. */
  readonly network: string;
  readonly caller: Caller;
  /** Place and time, for the conditions of `for`. */
  readonly situation?: Situation;
  readonly operation: AuthorizedOperation;
  /** Coerced variables. */
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface ChargeOptions {
  readonly rates: readonly CompiledRate[];
  readonly store: RateStore;
  readonly schema: GraphQLSchema;
  /** Arguments that plans have and the schema lacks; absent if there are none. */
  readonly pinned?: PinnedArguments | undefined;
  /** Entries that a field may deliver, as asked for or assumed. */
  readonly rowsOf: RowsOf;
}

export interface ChargeStep {
  /** Charges the address's own rates, before the caller is identified. */
  admit(network: string, nobody: Caller): ChargeResult | Promise<ChargeResult>;
  charge(question: ChargeQuestion): ChargeResult | Promise<ChargeResult>;
}

/** Throws ConfigError if a rate reads an argument that its fields do not have. */
export function createChargeStep(options: ChargeOptions): ChargeStep {
  const { rates, store } = options;
  checkArguments(rates, options.schema, options.pinned);
  const atAdmit = rates.filter(isChargedAtAdmit);
  const atCharge = rates.filter((rate) => !isChargedAtAdmit(rate));
  const plans = createMemo<ProjectedSelection, PlanCharges>();
  const plannedOf = (projection: ProjectedSelection): PlanCharges => {
    const known = plans.get(projection);
    if (known !== undefined) return known;
    const planned = chargesOfPlan(projection, atCharge);
    plans.set(projection, planned);
    return planned;
  };

  const toWhole = rates.some(({ inShadow }) => inShadow) ? withShadows(toResult) : toResult;

  function submit(
    lines: readonly Line[],
    operation: AuthorizedOperation | undefined,
  ): ChargeResult | Promise<ChargeResult> {
    if (lines.length === 0) return nothing;
    const outcome = store.charge(lines.map((line) => line.charge));
    return outcome instanceof Promise
      ? outcome.then((settled) => toWhole(lines, settled, store, operation))
      : toWhole(lines, outcome, store, operation);
  }

  return {
    admit(network, nobody) {
      return submit(
        atAdmit.map((rate) => toLine(rate, 1, bucketKeyOf(rate, { network, caller: nobody }))),
        undefined,
      );
    },
    charge(question) {
      if (atCharge.length === 0) return nothing;
      const planned = plannedOf(question.operation.projection);
      const { operation } = question;
      return submit(linesOf(question, planned, { ...options, rates: atCharge }), operation);
    },
  };
}

const nothing: ChargeResult = {
  refusal: undefined,
  fields: {},
  charged: [],
  local: false,
  egress: freeEgress,
  settle: () => undefined,
};

function toLine(rate: CompiledRate, amount: number, { key, memo }: BucketKey): Line {
  const { name, limit, windowMs, counts, inShadow } = rate;
  if (inShadow)
    return { rate, charge: toShadowedCharge({ rate: name, key, limit, windowMs, amount, memo }) };
  const partial = counts === 'records';
  return { rate, charge: { rate: name, key, limit, windowMs, amount, partial, memo } };
}

function linesOf(question: ChargeQuestion, planned: PlanCharges, options: ChargeOptions): Line[] {
  const { caller, network } = question;
  const lines: Line[] = [];
  for (const rate of options.rates) {
    if (readsArguments(rate) || !rate.applies(caller, question.situation)) continue;
    const amount = amountOf(rate, question, planned, options);
    if (amount !== undefined) {
      lines.push(toLine(rate, amount, bucketKeyOf(rate, { network, caller })));
    }
  }
  if (planned.argued.length > 0) lines.push(...arguedLines(question, planned, options));
  return lines;
}

function arguedLines(
  { caller, network, variables, situation }: ChargeQuestion,
  { argued }: PlanCharges,
  options: Pick<ChargeOptions, 'schema' | 'pinned'>,
): Line[] {
  const lines = new Map<string, Line>();
  const known = new Map<ProjectedValue, ReturnType<typeof argumentsOf>>();
  const fold = createFold();
  const argsOf = (field: ProjectedValue) => {
    const args = known.get(field) ?? argumentsOf(definitionOf(options, field), field, variables);
    known.set(field, args);
    return args;
  };
  const counts = countArgued(argued, (rate, field) => {
    if (!rate.applies(caller, situation)) return undefined;
    const args = argsOf(field);
    const key = toBucketKey(rate.per, { network, caller, args, fold });
    const id = `${rate.name}\n${key}`;
    if (!lines.has(id)) lines.set(id, toLine(rate, 0, { key }));
    return id;
  });
  return [...lines].map(([id, { rate, charge }]) => {
    return { rate, charge: { ...charge, amount: counts.get(id) ?? 0 } };
  });
}

/** Units of one rate; undefined if it has nothing to count. */
function amountOf(
  rate: CompiledRate,
  question: ChargeQuestion,
  planned: PlanCharges,
  options: ChargeOptions,
): number | undefined {
  if (rate.coordinates === undefined) return 1;
  const occurrences = planned.occurrences.get(rate) ?? 0;
  if (occurrences === 0) return undefined;
  if (rate.counts === 'requests') return 1;
  if (rate.counts === 'occurrences') return occurrences;
  // At least 1: a list assumed to be empty would reserve nothing, and any number could leave.
  const { operation, variables } = question;
  const { rowsOf } = options;
  const estimate = estimateRecords(operation.projection, { rate, rowsOf, variables });
  return Math.min(Math.max(1, estimate), rate.limit);
}

function definitionOf(
  { schema, pinned }: Pick<ChargeOptions, 'schema' | 'pinned'>,
  field: ProjectedValue,
) {
  const [typeName, name] = splitCoordinate(field.coordinate);
  const type = schema.getType(typeName);
  const definition = isObjectType(type) ? type.getFields()[name] : undefined;
  if (definition === undefined) throw new Error(`${field.coordinate} is not in the schema`);
  return withPinnedArguments(definition, pinned?.get(field.coordinate));
}

function toResult(lines: readonly Line[], outcome: Outcome, store: RateStore): ChargeResult {
  if (outcome.ok === 'unavailable') return { ...nothing, refusal: new Refusal('rates/store-down') };
  const charged = lines.map(({ rate, charge: { amount, partial } }, index): ChargedRate => {
    const remaining = outcome.remaining[index] ?? 0;
    // A record rate reserves what is left, and refuses only if nothing is.
    const least = partial === true ? Math.min(1, amount) : amount;
    const exhausted = !outcome.ok && (index === outcome.refused || remaining < least);
    return { rate: rate.name, amount, remaining, limit: rate.limit, exhausted };
  });
  const fields = toRateFields(
    lines.map(({ rate }) => rate),
    outcome,
  );
  const { refusal, egress: free, settle } = nothing;
  const local = outcome.local === true;
  const common: ChargeResult = { refusal, fields, charged, local, egress: free, settle };
  if (!outcome.ok) {
    const retryAfterMs = outcome.retryAfterMs;
    return { ...common, refusal: new Refusal('rates/limited', { retryAfterMs }) };
  }
  if (!lines.some(({ charge }) => charge.partial === true)) return common;
  const reserved = lines.flatMap(({ rate, charge }, index) =>
    charge.partial === true ? [{ rate, granted: outcome.granted[index] ?? 0, index }] : [],
  );
  const egress: EgressBudget = createEgressBudget(reserved);
  let settled = false;
  return {
    ...common,
    egress,
    settle() {
      if (settled) return;
      settled = true;
      const unused = egress.unused();
      const amounts = lines.map(() => 0);
      reserved.forEach(({ index }, position) => {
        amounts[index] = unused[position] ?? 0;
      });
      void store.giveBack(outcome.receipt, amounts);
    },
  };
}

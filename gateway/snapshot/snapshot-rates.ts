/**
 * Compiles the rates of one snapshot from rooms that do not know each other: which fields they
 * cover by schema and classes, whom they bind, what they charge, and their second lock.
 */
import type { GraphQLSchema } from 'graphql';
import { coordinatesOf } from '../authorize/access/name-coordinates.ts';
import type { Policy } from '../authorize/policy.ts';
import { type Condition, isSituational, partsOf } from '../conditions/condition.ts';
import { type Criterion, compileCriterion } from '../conditions/criterion.ts';
import { createRateLimitPlugin } from '../engine/rate-limit-plugin.ts';
import { ConfigError, type Problem } from '../files/config-error.ts';
import { createAnonymousCaller } from '../identify/to-caller.ts';
import type { CostWeights } from '../limits/cost/cost-weights.ts';
import { createListSizeOf } from '../limits/list-size-of.ts';
import { type Identities, toBucketKey } from '../rates/bucket-key.ts';
import { type ChargeQuestion, createChargeStep } from '../rates/charge-operation.ts';
import type { ChargeResult } from '../rates/charge-result.ts';
import { compileRates } from '../rates/compile-rates.ts';
import { createMemoryStore } from '../rates/memory-store.ts';
import type { CompiledRate } from '../rates/rate.ts';
import type { RateStore } from '../rates/store.ts';
import type { Policies } from './load.ts';

/** What a snapshot charges: before the caller is known, and once the operation is. */
export interface SnapshotCharges {
  admit(network: string): ChargeResult | Promise<ChargeResult>;
  charge(question: ChargeQuestion): ChargeResult | Promise<ChargeResult>;
}

/** The first lock of rates: what each request is charged. */
export function createCharges(about: {
  schema: GraphQLSchema;
  rates: readonly CompiledRate[];
  weights: CostWeights;
  store?: RateStore;
}): SnapshotCharges {
  const { schema, rates, weights } = about;
  const sizeOf = createListSizeOf(schema, weights);
  const step = createChargeStep({
    rates,
    store: about.store ?? countHere(),
    schema,
    pinned: weights.pinned,
    rowsOf: (field, variables, above) => sizeOf(field.coordinate, field.node, variables, above),
  });
  const nobody = createAnonymousCaller();
  return { admit: (network) => step.admit(network, nobody), charge: step.charge };
}

/**
 * The second lock of rates, with counts of its own. Excludes rates in shadow mode and rates on
 * place or time, which it cannot see: it must never refuse what the first lock allowed.
 */
export function createRateLock(about: {
  rates: readonly CompiledRate[];
  written: Policies['rates'];
  schema: GraphQLSchema;
  depthMax: number;
}) {
  const seen = about.rates.filter((rate, index) => {
    if (rate.inShadow) return false;
    const condition = about.written[index]?.appliesTo;
    return condition === undefined || !isSituational(condition);
  });
  if (seen.length === 0) return [];
  const { schema, depthMax } = about;
  const keyOf = (rate: CompiledRate, from: Identities) => toBucketKey(rate.per, from);
  return [createRateLimitPlugin({ rates: seen, store: countHere(), schema, depthMax, keyOf })];
}

const countHere = (): RateStore => createMemoryStore({ clock: () => performance.now() });

/** Fields whose values a record budget may withhold. */
export function countedAsRecords(
  schema: GraphQLSchema,
  policy: Policy,
  rates: Policies['rates'],
): ReadonlySet<string> {
  const counting = rates.filter((rate) => rate.counts === 'records');
  const named = counting.flatMap((rate) => coordinatesOf(schema, rate));
  const classes = counting.flatMap((rate) => rate.classes);
  return new Set([...named, ...classes.flatMap((name) => coordinatesWithClass(policy, name))]);
}

/** The rates as they are charged; throws ConfigError if they name something that does not exist. */
export function compilePolicyRates(
  written: Policies['rates'],
  about: Graphs & { policy: Policy },
): readonly CompiledRate[] {
  const { policy } = about;
  return compileRates(written, {
    coordinatesOf: (rate) => coordinatesOfRate(rate, about),
    coordinatesIn: (name) => coordinatesWithClass(policy, name),
    classNames: new Set([...policy.fields.values()].flatMap(({ classes }) => classes)),
    classesOf: (coordinate) => policy.fields.get(coordinate)?.classes ?? [],
    holds: compileBinding,
  });
}

interface Graphs {
  /** As callers may see it. */
  readonly schema: GraphQLSchema;
  readonly whole: GraphQLSchema;
  /** Coordinates that rules grant but that were removed with something they need. */
  readonly fallen: readonly string[];
}

/** A field of the whole schema that no caller sees has nothing to count. */
function coordinatesOfRate(
  rate: Policies['rates'][number],
  { schema, whole, fallen }: Graphs,
): readonly string[] {
  try {
    return coordinatesOf(schema, rate);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const nowhere = problemsIn(whole, rate);
    const fell = rate.fields.filter(({ type, name }) => fallen.includes(`${type}.${name}`));
    throw new ConfigError(
      error.problems.map((one): Problem => {
        const isHere = isAt(one);
        const message = fell.some(({ source }) => isHere(source)) ? fallenSaid : ungrantedSaid;
        return nowhere.find(isHere) ?? { ...one, message };
      }),
    );
  }
}

type Place = Pick<Problem, 'line' | 'column'>;
const isAt =
  (one: Place) =>
  (other: Place): boolean =>
    one.line === other.line && one.column === other.column;

const ungrantedSaid = 'no rule grants this field: nobody can ask for it, and nothing is counted';
const fallenSaid =
  'nobody can ask for this field, and nothing is counted: a rule grants it, and not what it needs: something of the type that it returns, and its required inputs';

function problemsIn(schema: GraphQLSchema, rate: Policies['rates'][number]): readonly Problem[] {
  try {
    coordinatesOf(schema, rate);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/**
 * A rate also binds callers for whom the condition is unknown: an unknown country must not bypass
 * it.
 */
function compileBinding(condition: Condition): Criterion {
  const holds = compileCriterion(condition);
  const asksForCountry = [...partsOf(condition)].some((part) => part.kind === 'regions');
  return (caller, situation) =>
    holds(caller, situation) || (asksForCountry && situation?.country === undefined);
}

function coordinatesWithClass(policy: Policy, name: string): string[] {
  const classified = [...policy.fields.values()].filter((one) => one.classes.includes(name));
  return classified.map((one) => one.coordinate);
}

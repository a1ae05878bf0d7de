/**
 * Counts what an authorised operation is charged: how often the coordinates of each rate would
 * execute. Reads the plan's projection, in which spelling, other operations of the document,
 * @skip/@include and refusals are already resolved.
 *
 * At an interface or union only one of its types can occur: the most expensive counts.
 */
import type { GraphQLField } from 'graphql';
import type { ProjectedSelection, ProjectedValue } from '../plan/plan.ts';
import { wholeArguments } from '../plan/whole-arguments.ts';
import type { CompiledRate } from './rate.ts';

/** Fields whose rates read arguments: a selection for each type that can occur. */
export type ArguedPlaces = readonly (readonly ArguedField[])[];

export interface ArguedField {
  readonly field: ProjectedValue;
  /** Rates that count this field; empty if only fields below have some. */
  readonly rates: readonly CompiledRate[];
  readonly below: ArguedPlaces;
}

export interface PlanCharges {
  /** Occurrences by rate, for rates that read no argument. */
  readonly occurrences: ReadonlyMap<CompiledRate, number>;
  readonly argued: ArguedPlaces;
}

/** The charges of one plan; the same for every request that runs it. */
export function chargesOfPlan(
  projection: ProjectedSelection,
  rates: readonly CompiledRate[],
): PlanCharges {
  const counted = rates.filter((rate) => !readsArguments(rate));
  const totals = countIn(projection, counted);
  const reading = rates.filter(readsArguments);
  return {
    argued: reading.length === 0 ? [] : arguedIn(projection, reading),
    occurrences: new Map(counted.map((rate, index) => [rate, totals[index] ?? 0])),
  };
}

export function readsArguments(rate: CompiledRate): boolean {
  return rate.per.some((identity) => identity.kind === 'argument');
}

function countIn(selection: ProjectedSelection, rates: readonly CompiledRate[]): number[] {
  const most = rates.map(() => 0);
  for (const fields of selection.byType.values()) {
    const sum = rates.map(() => 0);
    for (const field of fields) {
      if (field.kind !== 'value') continue;
      const below = field.selection === undefined ? undefined : countIn(field.selection, rates);
      rates.forEach((rate, index) => {
        const own = rate.coordinates?.has(field.coordinate) === true ? 1 : 0;
        sum[index] = (sum[index] ?? 0) + own + (below?.[index] ?? 0);
      });
    }
    sum.forEach((value, index) => {
      most[index] = Math.max(most[index] ?? 0, value);
    });
  }
  return most;
}

function arguedIn(selection: ProjectedSelection, rates: readonly CompiledRate[]): ArguedPlaces {
  const places: ArguedField[][] = [];
  for (const fields of selection.byType.values()) {
    const place = fields.flatMap((field): ArguedField[] => {
      if (field.kind !== 'value') return [];
      const own = rates.filter((rate) => rate.coordinates?.has(field.coordinate) === true);
      const below = field.selection === undefined ? [] : arguedIn(field.selection, rates);
      return own.length + below.length === 0 ? [] : [{ field, rates: own, below }];
    });
    if (place.length > 0) places.push(place);
  }
  return places;
}

/** Occurrences by bucket, as named by `bucketOf`: summed over siblings, the maximum over types. */
export function countArgued(
  places: ArguedPlaces,
  bucketOf: (rate: CompiledRate, field: ProjectedValue) => string | undefined,
): Map<string, number> {
  const most = new Map<string, number>();
  for (const place of places) {
    const sum = new Map<string, number>();
    const add = (bucket: string, count: number) => sum.set(bucket, (sum.get(bucket) ?? 0) + count);
    for (const { field, rates, below } of place) {
      for (const rate of rates) {
        const bucket = bucketOf(rate, field);
        if (bucket !== undefined) add(bucket, 1);
      }
      for (const [bucket, count] of countArgued(below, bucketOf)) add(bucket, count);
    }
    for (const [bucket, count] of sum) most.set(bucket, Math.max(most.get(bucket) ?? 0, count));
  }
  return most;
}

/** The coerced arguments of one occurrence, with defaults and variables applied. */
export function argumentsOf(
  definition: GraphQLField<unknown, unknown>,
  field: ProjectedValue,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return wholeArguments(definition, field.node, variables);
}

/**
 * The second lock of rates: @envelop/rate-limiter in front of the reference engine, with a store of
 * ours. The package's own store reads, decides and writes in three steps, so concurrent requests
 * pass unlimited; here one call decides and counts, and the package's later write is dropped.
 *
 * Looser than the first lock, so that it never refuses what the first allowed: it keeps counts of
 * its own, and `relaxLimit` below widens the limits. Fails closed: an unavailable store refuses.
 */
import { Store, useRateLimiter } from '@envelop/rate-limiter';
import { GraphQLError, type GraphQLSchema, isAbstractType } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { DelegationContext } from '../delegate/upstream.ts';
import { SecondLockRefusal } from '../errors.ts';
import { ownerOf, splitCoordinate } from '../graph/coordinate.ts';
import type { Caller } from '../request.ts';
import { coerceVariables } from './rate-limit-plugin-variables.ts';

/** The parts of a compiled rate that the lock reads. */
export interface LockedRate {
  readonly name: string;
  readonly counts: 'requests' | 'occurrences' | 'records';
  readonly limit: number;
  readonly windowMs: number;
  readonly coordinates: ReadonlySet<string> | undefined;
  applies(caller: Caller): boolean;
}

interface LockCharge {
  readonly rate: string;
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly amount: number;
}

/** The parts of a rate store that the lock uses. */
export interface LockStore {
  charge(
    charges: readonly LockCharge[],
  ): { readonly ok: boolean | 'unavailable' } | Promise<{ readonly ok: boolean | 'unavailable' }>;
}

export interface LockedIdentity {
  readonly network: string;
  readonly caller: Caller;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface RateLimitPluginOptions<Rate extends LockedRate> {
  /** Rates that count occurrences are locked; an engine cannot see what the others count. */
  readonly rates: readonly Rate[];
  readonly store: LockStore;
  /** The schema that is executed. */
  readonly schema: GraphQLSchema;
  /** Most nested fields of an operation. */
  readonly depthMax: number;
  /** The identity text of a rate's bucket. */
  readonly keyOf: (rate: Rate, from: LockedIdentity) => string;
}

/** A refusal by the second lock; the caller learns no more than from any other refusal. */
class RateLockRefusal extends SecondLockRefusal {
  override readonly message = 'rates: refused by the second lock';
}

const limitMax = 1_000_000_000;

/**
 * Creates a plugin for the reference engine; it refuses the whole operation before any of it runs.
 */
export function createRateLimitPlugin<Rate extends LockedRate>(
  options: RateLimitPluginOptions<Rate>,
): Plugin {
  const limiter = useRateLimiter({
    identifyFn: () => '',
    store: new DecidingStore(options.store),
    configByField: [...ratesByField(options)].map(([coordinate, rates]) => {
      const [type, field] = splitCoordinate(coordinate);
      // The package allows one call; the store decides through the counts that it returns.
      return {
        type,
        field,
        max: 1,
        window: '1h',
        identifyFn: toIdentifier(coordinate, rates, options),
      };
    }),
    // The package's type adds context that only its directive reads.
  }) as unknown as Plugin;
  return { onExecute: (payload) => decide(limiter, payload) };
}

type OnExecute = NonNullable<Plugin['onExecute']>;

async function decide(limiter: Plugin, payload: Parameters<OnExecute>[0]): Promise<void> {
  let refused = false;
  await limiter.onExecute?.({
    ...payload,
    // Defaults of variables are identities, too. The copy also keeps the package from replacing our
    // document by its own.
    args: coerceVariables(payload.args),
    setResultAndStopExecution: () => {
      refused = true;
    },
  });
  if (!refused) return;
  const originalError = new RateLockRefusal();
  const error = new GraphQLError(originalError.message, { originalError });
  payload.setResultAndStopExecution({ data: null, errors: [error] });
}

/** Rates by field, including the fields of interfaces through which a limited field is reached. */
function ratesByField<Rate extends LockedRate>({
  rates,
  schema,
}: RateLimitPluginOptions<Rate>): Map<string, Rate[]> {
  const byField = new Map<string, Rate[]>();
  for (const rate of rates) {
    if (rate.counts !== 'occurrences') continue;
    const coordinates = [...(rate.coordinates ?? [])].flatMap((one) => spellings(one, schema));
    for (const coordinate of new Set(coordinates)) {
      byField.set(coordinate, [...(byField.get(coordinate) ?? []), rate]);
    }
  }
  return byField;
}

function spellings(coordinate: string, schema: GraphQLSchema): string[] {
  const [typeName, field] = splitCoordinate(coordinate);
  const type = schema.getType(typeName);
  const above = type !== undefined && 'getInterfaces' in type ? type.getInterfaces() : [];
  const through = above.filter((one) => Object.hasOwn(one.getFields(), field));
  return [coordinate, ...through.map(({ name }) => `${name}.${field}`)];
}

/**
 * Widens a limit so that nothing is refused that the first lock allowed. The first lock decides at
 * most one window earlier, so two windows of its grants can fall into one of ours: twice the limit.
 * Behind an abstract type it counts the most expensive type while this lock counts all that are
 * written, at each level of nesting; only root fields have no level above them.
 */
function relaxLimit(
  limit: number,
  coordinate: string,
  bounds: { schema: GraphQLSchema; depthMax: number },
): number {
  const { schema, depthMax } = bounds;
  const roots = [schema.getQueryType()?.name, schema.getMutationType()?.name];
  if (roots.includes(ownerOf(coordinate))) return Math.min(2 * limit, limitMax);
  const alternatives = Object.values(schema.getTypeMap()).map((type) =>
    isAbstractType(type) ? schema.getPossibleTypes(type).length : 1,
  );
  const widest = Math.max(1, ...alternatives);
  return Math.min(2 * limit * widest ** (depthMax - 1), limitMax);
}

/** The charges of one occurrence as text: an identity is all that the package passes to a store. */
function toIdentifier<Rate extends LockedRate>(
  coordinate: string,
  rates: readonly Rate[],
  options: RateLimitPluginOptions<Rate>,
) {
  const limits = new Map(rates.map((rate) => [rate, relaxLimit(rate.limit, coordinate, options)]));
  return (context: unknown, args: Record<string, unknown>): string => {
    const { record } = context as DelegationContext;
    const { caller, clientAddress: network = '' } = record;
    if (caller === undefined) throw new Error('an operation without a caller');
    const charges = rates
      .filter((rate) => rate.applies(caller))
      .map((rate): LockCharge => {
        const key = options.keyOf(rate, { network, caller, args });
        const limit = limits.get(rate) ?? rate.limit;
        return { rate: `second-lock ${rate.name}`, key, limit, windowMs: rate.windowMs, amount: 1 };
      });
    return JSON.stringify(charges);
  };
}

/** Decides and counts when the package asks for earlier counts. */
class DecidingStore extends Store {
  readonly #store: LockStore;

  constructor(store: LockStore) {
    super();
    this.#store = store;
  }

  override async getForIdentity({ fieldIdentity }: { fieldIdentity: string }): Promise<number[]> {
    // The form is `field:identifier`, and a field name has no colon.
    const text = fieldIdentity.slice(fieldIdentity.indexOf(':') + 1);
    const charges = JSON.parse(text) as readonly LockCharge[];
    const { ok } = await this.#store.charge(charges);
    return ok === true ? [] : [Number.MAX_SAFE_INTEGER];
  }

  override setForIdentity(): void {
    // Counted in `getForIdentity`.
  }
}

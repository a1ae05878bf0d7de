/**
 * The second lock of rates: @envelop/rate-limiter in front of the reference engine, with a store of
 * ours, because its own read, decide and write in three steps and let any number through at once.
 * Here one call decides and counts; what the package would write afterwards is dropped.
 *
 * Looser than the first lock, so that it never refuses what that allowed: it has counts of its own,
 * and the limits of `loosen` below. Fails closed: a store that does not answer refuses.
 */
import { Store, useRateLimiter } from '@envelop/rate-limiter';
import { GraphQLError, type GraphQLSchema, isAbstractType } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { DelegationContext } from '../delegate/upstream.ts';
import { SecondLockRefusal } from '../errors.ts';
import type { Caller } from '../request.ts';
import { coerceVariables } from './rate-limit-plugin-variables.ts';

/** A compiled rate, as far as the lock reads it. */
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

/** A store of rates, as far as the lock asks it. */
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
  /** Those that count occurrences are locked; the others count what an engine cannot see. */
  readonly rates: readonly Rate[];
  readonly store: LockStore;
  /** As it is executed. */
  readonly schema: GraphQLSchema;
  /** Nested fields that an operation may have. */
  readonly depthMax: number;
  /** Identity text of a rate's bucket. */
  readonly keyOf: (rate: Rate, from: LockedIdentity) => string;
}

/** What the second lock refused; the caller is told no more than of any other refusal. */
class RateLockRefusal extends SecondLockRefusal {
  override readonly message = 'rates: refused by the second lock';
}

const limitMax = 1_000_000_000;

/** A plugin for the reference engine; refuses the whole operation before anything of it runs. */
export function createRateLimitPlugin<Rate extends LockedRate>(
  options: RateLimitPluginOptions<Rate>,
): Plugin {
  const limiter = useRateLimiter({
    identifyFn: () => '',
    store: new DecidingStore(options.store),
    configByField: [...ratesByField(options)].map(([coordinate, rates]) => {
      const [type = '', field = ''] = coordinate.split('.');
      // One call may be let through; the store says by what it returns whether it is this one.
      return {
        type,
        field,
        max: 1,
        window: '1h',
        identifyFn: toIdentifier(coordinate, rates, options),
      };
    }),
    // The package's plugin adds to contexts what only its directive reads.
  }) as unknown as Plugin;
  return { onExecute: (payload) => decide(limiter, payload) };
}

type OnExecute = NonNullable<Plugin['onExecute']>;

async function decide(limiter: Plugin, payload: Parameters<OnExecute>[0]): Promise<void> {
  let refused = false;
  await limiter.onExecute?.({
    ...payload,
    // Defaults of variables are identities, too. A copy also keeps the package from putting a
    // document of its own in the place of ours.
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

/** Also the fields of interfaces through which a limited field is reached. */
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
  const [typeName = '', field = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  const above = type !== undefined && 'getInterfaces' in type ? type.getInterfaces() : [];
  const through = above.filter((one) => Object.hasOwn(one.getFields(), field));
  return [coordinate, ...through.map(({ name }) => `${name}.${field}`)];
}

/**
 * Why nothing is refused that the first lock allowed. It decides at most a window before this one,
 * so two windows of its grants can fall into one of ours: twice the limit. Behind an abstract type
 * it counts the dearest type and this one all that are written, at each level of nesting; only root
 * fields have none above them.
 */
function relaxLimit(
  limit: number,
  coordinate: string,
  about: { schema: GraphQLSchema; depthMax: number },
): number {
  const { schema, depthMax } = about;
  const roots = [schema.getQueryType()?.name, schema.getMutationType()?.name];
  if (roots.includes(coordinate.split('.')[0])) return Math.min(2 * limit, limitMax);
  const alternatives = Object.values(schema.getTypeMap()).map((type) =>
    isAbstractType(type) ? schema.getPossibleTypes(type).length : 1,
  );
  const widest = Math.max(1, ...alternatives);
  return Math.min(2 * limit * widest ** (depthMax - 1), limitMax);
}

/** The charges of one occurrence as text: identities are all that the package hands to a store. */
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

/** Decides and counts when it is asked for what was counted before. */
class DecidingStore extends Store {
  private readonly store: LockStore;

  constructor(store: LockStore) {
    super();
    this.store = store;
  }

  override async getForIdentity({ fieldIdentity }: { fieldIdentity: string }): Promise<number[]> {
    // `field:identifier`; a field's name has no colon.
    const text = fieldIdentity.slice(fieldIdentity.indexOf(':') + 1);
    const charges = JSON.parse(text) as readonly LockCharge[];
    const { ok } = await this.store.charge(charges);
    return ok === true ? [] : [Number.MAX_SAFE_INTEGER];
  }

  override setForIdentity(): void {
    // Counted already.
  }
}

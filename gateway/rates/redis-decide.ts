/**
 * Makes one decision over buckets in Redis: one script on a single server; on Redis Cluster one
 * script per slot, all sent in one tick. If a slot refuses or does not answer, the grants of the
 * others are returned; until that arrives they refuse too early, never too late.
 */
import { chargeScript, giveBackScript, type Script } from './lua.ts';
import { type Group, joinSides, readSide, toUnknownSide } from './redis-answer.ts';
import type { RedisClient } from './redis-client.ts';
import type { Gate } from './redis-gate.ts';
import type { NameBucket } from './redis-name.ts';
import { slotOfName } from './redis-slot.ts';
import type { Charge, Outcome, ReceiptLine } from './store.ts';

export interface Redis {
  readonly client: RedisClient;
  readonly gate: Gate;
  readonly nameOf: NameBucket;
}

type Line = ReceiptLine<string>;

/** Decides charges that need at least one bucket. */
export async function decideInRedis(redis: Redis, charges: readonly Charge[]): Promise<Outcome> {
  const groups = groupBySlot(redis, charges);
  const answers = await Promise.all(
    groups.map(async (group) => {
      const answer = await run(redis, chargeScript, group);
      return answer.ok ? readSide(answer.value, group, charges) : undefined;
    }),
  );
  const sides = answers.filter((side) => side !== undefined);
  // Slots with shadow charges only may stay unknown, and must not refuse.
  const unknown = groups.filter(
    ({ indexes }, at) =>
      !answers[at] && indexes.every((index) => charges[index]?.inShadow === true),
  );
  const isComplete = sides.length + unknown.length === groups.length;
  if (!isComplete || sides.some((side) => !side.ok)) {
    void returnLines(
      redis,
      sides.flatMap(({ lines }) => lines),
    );
  }
  if (!isComplete) return { ok: 'unavailable' };
  return joinSides([...sides, ...unknown.map((group) => toUnknownSide(group, charges))]);
}

/** The mode argument of the script. */
function modeOf({ partial, inShadow }: Charge): number {
  if (inShadow === true) return 2;
  return partial === true ? 1 : 0;
}

/** Returns all units of the lines; if Redis does not answer, they stay spent. */
export async function returnLines(redis: Redis, lines: readonly Line[]): Promise<void> {
  const groups = new Map<number, Pick<Group, 'keys' | 'args'>>();
  for (const { place, stampMs, left } of lines) {
    if (left === 0) continue;
    const slot = redis.client.isCluster ? slotOfName(place) : 0;
    const group = groups.get(slot) ?? { keys: [], args: [] };
    groups.set(slot, group);
    group.keys.push(place);
    group.args.push(stampMs, left);
  }
  await Promise.all([...groups.values()].map((group) => run(redis, giveBackScript, group)));
}

function groupBySlot({ client, nameOf }: Redis, charges: readonly Charge[]): Group[] {
  const groups = new Map<number, Group>();
  for (const [index, charge] of charges.entries()) {
    const key = nameOf(charge);
    const slot = client.isCluster ? slotOfName(key) : 0;
    const group = groups.get(slot) ?? { indexes: [], keys: [], args: [] };
    groups.set(slot, group);
    const { limit, windowMs, amount } = charge;
    group.indexes.push(index);
    group.keys.push(key);
    group.args.push(limit, windowMs, amount, modeOf(charge));
  }
  return [...groups.values()];
}

function run(
  { client, gate }: Redis,
  script: Script,
  { keys, args }: Pick<Group, 'keys' | 'args'>,
) {
  return gate.run(() => client.run(script, keys, args));
}

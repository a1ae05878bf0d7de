/**
 * No interleaving grants more than N in any window. Memory is driven by a clock of our own that
 * also jumps; the script of Redis is run on a real server, with that clock put in the place of
 * TIME, against memory as its model. Seeds are printed with every failure.
 */
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargeScript, giveBackScript } from '../../gateway/rates/lua.ts';
import type { Outcome } from '../../gateway/rates/store.ts';
import { createHandClock, memoryStore } from '../rates/charges.ts';
import {
  bucketTime,
  type Grant,
  mostInWindow,
  type Player,
  play,
  scenario,
  storeTime,
} from '../rates/scenario.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

describe('memory', () => {
  it('grants at most N in any window, whatever the clock does and however full it is', async () => {
    let full = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const clock = createHandClock();
        const store = memoryStore(clock, given.keysMax);
        const { grants } = await play(given, { ...store, clock, timeOf: storeTime() });
        const most = mostInWindow(grants, given.windowMs);
        full += most === given.limit ? 1 : 0;
        expect(most).toBeLessThanOrEqual(given.limit);
      }),
      { numRuns: 1_000 },
    );
    // Scenarios that never reach the limit would prove nothing.
    expect(full).toBeGreaterThan(300);
  });

  it('refuses only what does not fit into the window and 2 % before it', async () => {
    const forward = scenario.map((given) => ({
      ...given,
      keysMax: 100,
      steps: given.steps
        .filter(({ kind }) => kind !== 'step back' && kind !== 'give back')
        .map((one) => (one.kind === 'charge' ? { ...one, partial: false, keys: [0] } : one)),
    }));
    await fc.assert(
      fc.asyncProperty(forward, async (given) => {
        const { limit, windowMs } = given;
        const clock = createHandClock();
        const store = memoryStore(clock);
        const spent: Grant[] = [];
        const charge: Player['charge'] = (charges) => {
          const outcome = store.charge(charges);
          const amount = charges[0]?.amount ?? 0;
          const alive = spent.filter(({ atMs }) => clock.nowMs - atMs <= 1.02 * windowMs + 1);
          const sum = alive.reduce((total, { left }) => total + left, 0);
          if (outcome.ok !== true) expect(sum + amount).toBeGreaterThan(limit);
          else spent.push({ key: 0, atMs: clock.nowMs, units: amount, left: amount });
          return outcome;
        };
        await play(given, { clock, charge, giveBack: () => undefined, timeOf: storeTime() });
      }),
      { numRuns: 500 },
    );
  });
});

describe('the script of Redis', () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url);
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });

  /** The script as it is, but for the clock: TIME is what the last two arguments say. */
  const timed = chargeScript.text.replace("redis.call('TIME')", '{ARGV[#ARGV - 1], ARGV[#ARGV]}');

  function scripted(prefix: string, clock: { nowMs: number }): Player {
    // Far ahead of the server's clock, so that no bucket ends on its own within a run.
    const charge: Player['charge'] = async (charges) => {
      const keys = charges.map(({ key }) => prefix + key);
      const args = charges.flatMap(({ limit, windowMs, amount, partial }) => [
        limit,
        windowMs,
        amount,
        partial === true ? 1 : 0,
      ]);
      const time = [Math.floor(clock.nowMs / 1_000), (clock.nowMs % 1_000) * 1_000];
      const answer = await client.eval(timed, keys.length, ...keys, ...args, ...time);
      return toOutcome(answer as number[], keys);
    };
    const giveBack: Player['giveBack'] = async ({ lines }, amounts) => {
      const keys = lines.map(({ place }) => String(place));
      const args = lines.flatMap((line, at) => {
        const amount = Math.min(line.left, amounts[at] ?? 0);
        line.left -= amount;
        return [line.stampMs, amount];
      });
      await client.eval(giveBackScript.text, keys.length, ...keys, ...args);
    };
    return { clock, charge, giveBack, timeOf: bucketTime };
  }

  function toOutcome(answer: readonly number[], keys: readonly string[]): Outcome {
    const column = (from: number, step: number) =>
      keys.map((_, at) => answer[from + at * step] ?? Number.NaN);
    if (answer[0] === 0) {
      const [, refused = -1, retryAfterMs = -1] = answer;
      return { ok: false, refused, retryAfterMs, remaining: column(3, 2), resetMs: column(4, 2) };
    }
    const stamps = column(2, 4);
    const lines = column(1, 4).map((left, at) => ({
      place: keys[at] ?? '',
      stampMs: stamps[at] ?? 0,
      windowMs: 0,
      left,
    }));
    return {
      ok: true,
      granted: column(1, 4),
      remaining: column(3, 4),
      resetMs: column(4, 4),
      receipt: { kind: 'redis', lines },
    };
  }

  it('takes its time from TIME once', () => {
    expect(chargeScript.text.split('TIME').length).toBe(2);
    expect(timed).not.toBe(chargeScript.text);
  });

  it('decides as memory does, and grants at most N in any window', async () => {
    const long = scenario.map((given) => ({ ...given, windowMs: given.windowMs + 60_000 }));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(long, async (given) => {
        run += 1;
        const [clock, model] = [createHandClock(), createHandClock()];
        const redis = scripted(`test:${run}:${crypto.randomUUID()}:`, clock);
        const memory = memoryStore(model);
        const played = await play(given, redis);
        expect(mostInWindow(played.grants, given.windowMs)).toBeLessThanOrEqual(given.limit);
        if (given.steps.some(({ kind }) => kind === 'step back')) return;
        const expected = await play(given, { ...memory, clock: model, timeOf: storeTime() });
        const plain = (outcomes: readonly Outcome[]) =>
          outcomes.map((outcome) => (outcome.ok === true ? { ...outcome, receipt: 0 } : outcome));
        expect(plain(played.outcomes)).toEqual(plain(expected.outcomes));
      }),
      { numRuns: 150 },
    );
  });
});

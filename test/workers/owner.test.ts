/** What workers share: nothing is granted twice, whoever asks and whatever ends meanwhile. */
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createReplayStore } from '../../gateway/identify/replay-store.ts';
import { createOwnedReplays } from '../../gateway/workers/owned-replays.ts';
import { createOwnedStore } from '../../gateway/workers/owned-store.ts';
import { createOwner } from '../../gateway/workers/owner.ts';
import type { OwnerAnswer, OwnerCall } from '../../gateway/workers/owner-calls.ts';
import { createOwnerClient } from '../../gateway/workers/owner-client.ts';
import { createSharedInFlight } from '../../gateway/workers/shared-in-flight.ts';
import { createHandClock, granted, memoryStore, of } from '../rates/charges.ts';

function ownerRig(slots = 4, isFresh = true) {
  const clock = createHandClock();
  const owner = createOwner({
    store: memoryStore(clock),
    replays: createReplayStore(1_000, () => 0),
    keysMax: 100,
  });
  const sent: OwnerCall[] = [];
  const worker = (id: number) => {
    const client = createOwnerClient({
      send(calls) {
        const wire = JSON.parse(JSON.stringify(calls)) as OwnerCall[];
        sent.push(...wire);
        client.receive(JSON.parse(JSON.stringify(owner.answer(id, wire))) as OwnerAnswer[]);
      },
      later: queueMicrotask,
    });
    return {
      store: createOwnedStore(client, { slots, isFresh, clock }),
      replays: createOwnedReplays(client),
      inFlight: (perCallerMax: number) =>
        createSharedInFlight({ perCallerMax, keysMax: 100 }, { client, slots }),
    };
  };
  return { owner, clock, sent, workers: Array.from({ length: slots }, (_, at) => worker(at + 1)) };
}

describe('rates over workers', () => {
  it('grant the limit, and what is given back, once', async () => {
    const { workers } = ownerRig();
    const asked = Array.from({ length: 40 }, (_, at) => workers[at % 4]?.store.charge([of()]));
    const outcomes = (await Promise.all(asked)).filter((one) => one !== undefined);
    expect(outcomes.filter(({ ok }) => ok === true)).toHaveLength(5);
    const first = granted(outcomes.find(({ ok }) => ok === true) ?? { ok: 'unavailable' });
    // The receipt is of one unit, however often and wherever it is handed in.
    for (const { store } of workers) await store.giveBack(first.receipt, [10]);
    const again = await Promise.all(workers.map(({ store }) => store.charge([of()])));
    expect(again.filter(({ ok }) => ok === true)).toHaveLength(1);
  });
});

describe('what a worker made of a key', () => {
  it('stays with it', async () => {
    const { workers, sent } = ownerRig();
    const charge = of({ limit: 320, memo: {} });
    // Its share has room for ten, and what it made of the key is in the memo then.
    await workers[0]?.store.charge([charge]);
    const made = charge.memo?.hash;
    expect(made).toMatchObject({ high: expect.any(Number), low: expect.any(Number) });
    for (let at = 0; at < 10; at += 1) await workers[0]?.store.charge([charge]);
    expect(charge.memo?.hash).toBe(made);
    expect(sent).toEqual([expect.objectContaining({ op: 'charge' })]);
    expect(JSON.stringify(sent)).not.toContain('memo');
  });
});

it('what came from a share goes back to it, also beside a rate in shadow mode', async () => {
  const { workers, sent } = ownerRig();
  const store = workers[0]?.store;
  const charge = of({ limit: 320, amount: 10 });
  const shadowed = of({ rate: 'shadow', limit: 320, inShadow: true });
  const outcome = await store?.charge([charge, shadowed]);
  const { receipt } = granted(outcome ?? { ok: 'unavailable' });
  await store?.giveBack(receipt, [10, 0]);
  granted((await store?.charge([charge])) ?? { ok: 'unavailable' });
  expect(sent).toEqual([]);
});

describe('large limits over workers', () => {
  const grantedOf = async (
    { workers }: ReturnType<typeof ownerRig>,
    { times, at }: { times: number; at: (turn: number) => number },
  ) => {
    let units = 0;
    for (let turn = 0; turn < times; turn += 1) {
      const outcome = await workers[at(turn)]?.store.charge([of({ limit: 320 })]);
      if (outcome?.ok === true) units += 1;
    }
    return units;
  };

  it('are the limit where a caller meets all of them', async () => {
    expect(await grantedOf(ownerRig(), { times: 2_000, at: (turn) => turn % 4 })).toBe(320);
  });

  it('fall short by the shares of the others where a caller meets one', async () => {
    expect(await grantedOf(ownerRig(), { times: 2_000, at: () => 0 })).toBe(320 - 3 * 10);
  });

  it('are not refilled by a worker that takes the slot of another', async () => {
    const before = ownerRig();
    expect(await grantedOf(before, { times: 2_000, at: (turn) => turn % 4 })).toBe(320);
    const after = ownerRig(4, false);
    // All of the pool is there, as a new owner has it, and nothing of the shares.
    expect(await grantedOf(after, { times: 2_000, at: (turn) => turn % 4 })).toBe(280);
    // The window, and what an early refusal may add to it.
    after.clock.nowMs += 61_300;
    expect(await grantedOf(after, { times: 2_000, at: (turn) => turn % 4 })).toBe(320);
  });

  it.each(Array.from({ length: 8 }, (_, seed) => seed))(
    'never exceed it in any interval, whoever is asked when (seed %i)',
    async (seed) => {
      let state = seed * 2_654_435_761 + 1;
      const chance = (below: number): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
      const { workers, clock } = ownerRig();
      const [limit, windowMs] = [40 + chance(100), 1_000];
      const grants: number[] = [];
      for (let turn = 0; turn < 1_500; turn += 1) {
        clock.nowMs += chance(12);
        const { store } = workers[chance(4)] ?? {};
        const outcome = await store?.charge([of({ limit, windowMs })]);
        if (outcome?.ok !== true) continue;
        if (chance(5) === 0) await store?.giveBack(outcome.receipt, [1]);
        else grants.push(clock.nowMs);
      }
      const most = grants.map(
        (from) => grants.filter((at) => at >= from && at <= from + windowMs).length,
      );
      expect(Math.max(...most)).toBeLessThanOrEqual(limit);
      expect(Math.max(...most)).toBeGreaterThan(limit / 2);
    },
  );
});

const proof = { id: 'proof', group: 'key', issuedAtMs: 0 };

describe('proofs over workers', () => {
  it('are taken once', async () => {
    const { workers } = ownerRig();
    const taken = await Promise.all(workers.map(({ replays }) => replays.take(proof)));
    expect(taken).toEqual(['new', 'replayed', 'replayed', 'replayed']);
  });
});

describe('places of one caller over workers', () => {
  const enterAll = async (doors: ReturnType<typeof createSharedInFlight>[], times: number) =>
    Promise.all(
      Array.from({ length: times }, (_, at) => doors[at % doors.length]?.enter('caller')),
    );
  const inside = (places: Awaited<ReturnType<typeof enterAll>>) =>
    places.filter((place) => place !== undefined && !(place instanceof Refusal));

  it.each([1, 3, 7, 8, 20, 100])('are never more than %i', async (perCallerMax) => {
    const { workers } = ownerRig();
    const doors = workers.map(({ inFlight }) => inFlight(perCallerMax));
    const places = await enterAll(doors, 200);
    expect(inside(places)).toHaveLength(perCallerMax);
    for (const place of inside(places)) (place as { release(): void }).release();
    await Promise.resolve();
    expect(inside(await enterAll(doors, 200))).toHaveLength(perCallerMax);
  });

  it('are at least half of the limit at one worker', async () => {
    const { workers } = ownerRig();
    const doors = workers.slice(0, 1).map(({ inFlight }) => inFlight(20));
    expect(inside(await enterAll(doors, 200)).length).toBeGreaterThanOrEqual(10);
  });

  it('are kept of a bounded number of callers', async () => {
    const { workers } = ownerRig();
    const door = workers[0]?.inFlight(1);
    const entered = [];
    for (let at = 0; at < 101; at += 1) entered.push(await door?.enter(`caller ${at}`));
    expect(entered.findIndex((place) => place instanceof Refusal)).toBe(100);
    expect(entered[100]).toMatchObject({ reason: 'admit/too-many-in-flight' });
  });

  it('come back when a worker ends, and its late farewell takes no place of others', async () => {
    const { owner, workers } = ownerRig();
    const doors = workers.map(({ inFlight }) => inFlight(1));
    const first = inside(await enterAll(doors.slice(0, 1), 1));
    expect(first).toHaveLength(1);
    owner.gone(1);
    expect(inside(await enterAll(doors.slice(1), 3))).toHaveLength(1);
    (first[0] as { release(): void }).release();
    await Promise.resolve();
    expect(inside(await enterAll(doors, 8))).toHaveLength(0);
  });
});

describe('an owner that does not answer', () => {
  const silent = (unansweredMax: number) => {
    let nowMs = 0;
    const calls: OwnerCall[] = [];
    const client = createOwnerClient({
      send: (some) => void calls.push(...some),
      later: queueMicrotask,
      unansweredMax,
      timeoutMs: 40,
      now: () => nowMs,
    });
    const pass = (): void => {
      nowMs += 1_000;
    };
    return { client, calls, pass };
  };

  it('refuses: rates, proofs and places', async () => {
    const { client, pass } = silent(10);
    const inFlight = createSharedInFlight({ perCallerMax: 1, keysMax: 10 }, { client, slots: 2 });
    const asked = Promise.all([
      createOwnedStore(client, { slots: 2, isFresh: true, clock: () => 0 }).charge([of()]),
      createOwnedReplays(client).take(proof),
      inFlight.enter('caller'),
    ]);
    pass();
    const [outcome, taken, place] = await asked;
    expect([outcome, taken]).toEqual([{ ok: 'unavailable' }, 'full']);
    expect(place).toBeInstanceOf(Refusal);
  });

  it('is not asked by more than may be without an answer', async () => {
    const { client } = silent(1);
    void client.ask({ op: 'take', proof });
    expect(await client.ask({ op: 'take', proof })).toBeUndefined();
  });

  it('is given back a place that it granted too late', async () => {
    const { client, calls, pass } = silent(10);
    const inFlight = createSharedInFlight({ perCallerMax: 1, keysMax: 10 }, { client, slots: 2 });
    const asked = inFlight.enter('caller');
    pass();
    expect(await asked).toBeInstanceOf(Refusal);
    client.receive([{ id: 1, value: 'entered' }]);
    await Promise.resolve();
    expect(calls.at(-1)).toEqual({ op: 'leave', key: 'caller' });
  });

  it('is given it back each time', async () => {
    const { client, calls, pass } = silent(1);
    const inFlight = createSharedInFlight({ perCallerMax: 1, keysMax: 10 }, { client, slots: 2 });
    for (const id of [1, 2, 3]) {
      const late = inFlight.enter(`caller ${id}`);
      pass();
      expect(await late).toBeInstanceOf(Refusal);
      client.receive([{ id, value: 'entered' }]);
      await Promise.resolve();
      expect(calls.at(-1)).toEqual({ op: 'leave', key: `caller ${id}` });
    }
  });

  it('is given back all that it granted, however long it did not answer', async () => {
    const { client, calls, pass } = silent(1);
    const inFlight = createSharedInFlight({ perCallerMax: 1, keysMax: 10 }, { client, slots: 2 });
    for (const name of ['one', 'two', 'three']) {
      const late = inFlight.enter(name);
      pass();
      expect(await late).toBeInstanceOf(Refusal);
    }
    const entered = calls.filter((call) => call.op === 'enter');
    client.receive(entered.map(({ id }) => ({ id, value: 'entered' })));
    await Promise.resolve();
    const left = calls.filter((call) => call.op === 'leave');
    expect(left.map(({ key }) => key)).toEqual(entered.map(({ key }) => key));
  });

  it('is asked again once it has answered', async () => {
    const { client, calls, pass } = silent(1);
    const missed = client.ask({ op: 'take', proof });
    pass();
    expect(await missed).toBeUndefined();
    expect(await client.ask({ op: 'take', proof })).toBeUndefined();
    client.receive([{ id: 1, value: 'new' }]);
    const asked = client.ask({ op: 'take', proof });
    client.receive([{ id: 2, value: 'replayed' }]);
    expect(await asked).toBe('replayed');
    await Promise.resolve();
    expect(calls).toHaveLength(2);
  });

  it('is given it back also after many that it granted in time', async () => {
    const { client, calls, pass } = silent(1);
    const inFlight = createSharedInFlight({ perCallerMax: 1, keysMax: 10 }, { client, slots: 2 });
    const inTime = inFlight.enter('one');
    client.receive([{ id: 1, value: 'entered' }]);
    expect(await inTime).not.toBeInstanceOf(Refusal);
    const late = inFlight.enter('other');
    pass();
    expect(await late).toBeInstanceOf(Refusal);
    client.receive([{ id: 2, value: 'entered' }]);
    await Promise.resolve();
    expect(calls.at(-1)).toEqual({ op: 'leave', key: 'other' });
  });
});

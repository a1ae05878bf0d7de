import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Permit } from '../../gateway/admit/in-flight.ts';
import { createLoadShedder } from '../../gateway/admit/load-shedder.ts';
import { createLoopWatch } from '../../gateway/admit/load-shedder-loop.ts';
import { Refusal } from '../../gateway/decision.ts';

function rig(about: { inFlightMax?: number; lagMaxMs?: number } = {}) {
  const { inFlightMax = 1_000, lagMaxMs = 100 } = about;
  const world = { nowMs: 0, busy: 0, turnMs: 1 };
  const shedder = createLoadShedder({
    inFlightMax,
    lagMaxMs,
    now: () => world.nowMs,
    loop: () => ({ share: world.busy, turnMs: world.turnMs }),
  });
  const held: Permit[] = [];
  const enter = (): string => {
    const entered = shedder.enter();
    if (entered instanceof Refusal) return entered.reason;
    held.push(entered);
    return 'in';
  };
  const leave = (count: number): void => {
    for (const place of held.splice(0, count)) place.release();
  };
  return {
    shedder,
    world,
    leave,
    enterMany: (count: number) => Array.from({ length: count }, enter),
    /** Intervals of 100 ms in which so many come, and no more than `done` are finished. */
    pass(intervals: number, about: { busy: number; come: number; done: number; turnMs?: number }) {
      world.busy = about.busy;
      world.turnMs = about.turnMs ?? 1;
      for (let interval = 0; interval < intervals; interval += 1) {
        for (let at = 0; at < about.come; at += 1) enter();
        leave(about.done);
        world.nowMs += 100;
      }
    },
  };
}

const overloaded = { busy: 1, come: 400, done: 100 };

describe('with time left', () => {
  it('lets in as many as may be in flight, and no more', () => {
    const { enterMany, shedder } = rig({ inFlightMax: 2 });
    expect(enterMany(3)).toEqual(['in', 'in', 'admit/too-many-in-flight']);
    expect(shedder.state()).toEqual({ inFlight: 2, limit: 2, shed: 1 });
  });

  it('has room again for each that leaves, once', () => {
    const { shedder, enterMany } = rig({ inFlightMax: 2 });
    const place = shedder.enter();
    if (place instanceof Refusal) throw new Error(place.reason);
    enterMany(1);
    place.release();
    place.release();
    expect(enterMany(2)).toEqual(['in', 'admit/too-many-in-flight']);
  });

  it('lets a burst in, and makes room for what a slow upstream holds up', () => {
    const { shedder, pass } = rig();
    pass(8, { busy: 0.5, come: 200, done: 0 });
    expect(shedder.state()).toEqual({ inFlight: 1_000, limit: 1_000, shed: 600 });
    const patient = rig();
    patient.pass(5, { busy: 0.5, come: 200, done: 0 });
    expect(patient.shedder.state()).toMatchObject({ inFlight: 1_000, shed: 0 });
  });
});

describe('with none left', () => {
  it('keeps in flight what it finishes in the time work may fall behind', () => {
    const { shedder, pass } = rig({ lagMaxMs: 200 });
    pass(20, overloaded);
    // 100 in 100 ms: 200 in 200 ms.
    expect(shedder.state().limit).toBe(200);
    expect(shedder.state().shed).toBeGreaterThan(5_000);
  });

  it('sheds as overloaded, and says when to come back', () => {
    const { shedder, pass, enterMany } = rig();
    pass(20, overloaded);
    enterMany(200);
    expect(shedder.enter()).toMatchObject({
      reason: 'admit/overloaded',
      retryAfterMs: expect.any(Number),
    });
  });

  it('lets some through however little gets finished', () => {
    const { shedder, pass } = rig();
    pass(400, { busy: 1, come: 100, done: 1 });
    expect(shedder.state()).toMatchObject({ limit: 8, inFlight: 7 });
  });

  it('does not mind one long pause', () => {
    const { shedder, pass, world, enterMany } = rig();
    pass(10, { busy: 0.3, come: 10, done: 10 });
    world.nowMs += 3_000;
    pass(1, { busy: 1, come: 50, done: 50 });
    pass(1, { busy: 0.3, come: 0, done: 0 });
    expect(enterMany(200)).not.toContain('admit/overloaded');
    expect(shedder.state().shed).toBe(0);
  });

  it('has room again as soon as there is time', () => {
    const { shedder, pass, leave } = rig();
    pass(20, overloaded);
    leave(1_000);
    pass(3, { busy: 0.5, come: 50, done: 50 });
    expect(shedder.state().limit).toBeGreaterThanOrEqual(256);
  });

  it('lets no burst in of what costs much because there is a little time', () => {
    const { shedder, pass, world } = rig();
    pass(400, { busy: 1, come: 100, done: 1 });
    expect(shedder.state().limit).toBe(8);
    pass(1, { busy: 0.9, come: 100, done: 1 });
    expect(shedder.state().limit).toBe(16);
    world.nowMs += 60_000;
    pass(2, { busy: 0.1, come: 1, done: 1 });
    expect(shedder.state().limit).toBe(256);
  });

  it('does not forget at once how fast it was', () => {
    const { shedder, pass } = rig({ lagMaxMs: 100 });
    pass(10, overloaded);
    pass(2, { busy: 1, come: 400, done: 0 });
    expect(shedder.state().limit).toBeGreaterThan(85);
  });
});

describe('with turns that are long', () => {
  // 5 in 1 ms: a turn may last as long as 32 take, 6.4 ms.
  const cheap = { busy: 1, come: 500, done: 500 };
  const many = { inFlightMax: 5_000, lagMaxMs: 5_000 };
  /** With 1,000 in flight before each interval, and 1,500 in it. */
  const crowded = () => {
    const all = rig(many);
    all.pass(5, { busy: 0.5, come: 1_000, done: 0 });
    all.leave(all.shedder.state().inFlight - 1_000);
    all.pass(4, { ...cheap, turnMs: 6.4 });
    expect(all.shedder.state().inFlight).toBe(1_000);
    return all;
  };

  it('takes away what is finished in the time that they are too long', () => {
    const { shedder, pass } = crowded();
    // 20 ms too long, for each of two turns: 200 too many.
    pass(1, { ...cheap, turnMs: 26.4 });
    pass(1, { ...cheap, turnMs: 6.4 });
    expect(shedder.state().limit).toBe(1_299);
    // 4 ms less than they may last: 40 more, as all is used.
    pass(1, { ...cheap, turnMs: 2.4 });
    pass(1, { ...cheap, turnMs: 2.4 });
    expect(shedder.state().limit).toBe(1_338);
  });

  it('leaves alone what waits for an upstream', () => {
    const { shedder, pass } = crowded();
    const { shed } = shedder.state();
    pass(50, cheap);
    expect(shedder.state()).toMatchObject({ inFlight: 1_000, shed });
  });

  it('lets turns be longer where a request costs more', () => {
    const { shedder, pass } = rig(many);
    // 0.5 ms each: a turn may last 16.
    const dear = { busy: 1, come: 300, done: 200 };
    pass(10, { ...dear, turnMs: 16 });
    const { limit } = shedder.state();
    pass(5, { ...dear, turnMs: 16 });
    expect(shedder.state().limit).toBe(limit);
    pass(2, { ...dear, turnMs: 26 });
    expect(shedder.state().limit).toBeLessThan(limit);
  });

  it('leaves some, however long', () => {
    const { shedder, pass } = rig(many);
    pass(20, { ...cheap, turnMs: 1_000 });
    expect(shedder.state().limit).toBe(8);
  });
});

describe('what there is to spare', () => {
  it('is the room that nobody took since it was last asked', () => {
    const { shedder, enterMany, leave } = rig({ inFlightMax: 10 });
    expect(shedder.spare()).toBe(0);
    expect(shedder.spare()).toBe(10);
    enterMany(8);
    leave(8);
    expect(shedder.spare()).toBe(2);
    expect(shedder.spare()).toBe(10);
  });

  it('is none where one was shed', () => {
    const { shedder, enterMany, leave } = rig({ inFlightMax: 10 });
    enterMany(11);
    leave(11);
    expect(shedder.spare()).toBe(0);
    expect(shedder.spare()).toBe(10);
  });
});

it('there is nothing to spare where the room became less than what was in it', () => {
  const { shedder, world, enterMany, leave } = rig();
  enterMany(100);
  shedder.spare();
  world.busy = 1;
  world.nowMs += 100;
  enterMany(1);
  world.nowMs += 100;
  expect(enterMany(1)).toEqual(['admit/overloaded']);
  leave(101);
  expect(shedder.spare()).toBe(0);
});

it('a clock that goes back neither sheds nor stops the watch', () => {
  const { world, shedder, pass } = rig();
  pass(1, { busy: 1, come: 5, done: 5 });
  world.nowMs = -1_000_000;
  pass(1, { busy: 1, come: 5, done: 5 });
  expect(shedder.state()).toMatchObject({ limit: 256, shed: 0 });
  pass(20, overloaded);
  expect(shedder.state().limit).toBe(100);
});

describe('what the event loop did', () => {
  const cases = [
    { name: 'half of the time', idle: 50, active: 50, turns: 10, share: 0.5, turnMs: 5 },
    { name: 'all the time', idle: 0, active: 100, turns: 4, share: 1, turnMs: 25 },
    { name: 'nothing', idle: 100, active: 0, turns: 3, share: 0, turnMs: 0 },
    { name: 'one turn that has not ended', idle: 0, active: 300, turns: 0, share: 1, turnMs: 300 },
    { name: 'no time at all', idle: 0, active: 0, turns: 0, share: 0, turnMs: 0 },
  ];

  it.each(cases)('$name', ({ idle, active, turns, share, turnMs }) => {
    const total = { idle: 1_000, active: 7_000, turns: 500 };
    const watch = createLoopWatch(() => ({ ...total }));
    total.idle += idle;
    total.active += active;
    total.turns += turns;
    expect(watch()).toEqual({ share, turnMs });
    expect(watch()).toEqual({ share: 0, turnMs: 0 });
  });

  it('is one turn while the process does nothing but work, and many where it does little', async () => {
    const watch = createLoopWatch();
    const endMs = performance.now() + 20;
    while (performance.now() < endMs);
    const { share, turnMs } = watch();
    expect(share).toBeCloseTo(1, 6);
    expect(turnMs).toBeGreaterThanOrEqual(20);
    for (let count = 0; count < 100; count += 1) await turn();
    expect(watch().turnMs).toBeLessThan(turnMs);
  });
});

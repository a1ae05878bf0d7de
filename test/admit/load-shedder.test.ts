import { describe, expect, it } from 'vitest';
import type { Place } from '../../gateway/admit/in-flight.ts';
import { createLoadShedder } from '../../gateway/admit/load-shedder.ts';
import { createBusyShare } from '../../gateway/admit/load-shedder-busy.ts';
import { Refusal } from '../../gateway/decision.ts';

function rig(about: { inFlightMax?: number; lagMaxMs?: number } = {}) {
  const { inFlightMax = 1_000, lagMaxMs = 100 } = about;
  const world = { nowMs: 0, busy: 0 };
  const shedder = createLoadShedder({
    inFlightMax,
    lagMaxMs,
    now: () => world.nowMs,
    busy: () => world.busy,
  });
  const held: Place[] = [];
  const enter = (): string => {
    const entered = shedder.enter();
    if (entered instanceof Refusal) return entered.reason;
    held.push(entered);
    return 'in';
  };
  const leave = (count: number): void => {
    for (const place of held.splice(0, count)) place.leave();
  };
  return {
    shedder,
    world,
    leave,
    enterMany: (count: number) => Array.from({ length: count }, enter),
    /** Intervals of 100 ms in which so many come, and no more than `done` are finished. */
    pass(intervals: number, about: { busy: number; come: number; done: number }) {
      world.busy = about.busy;
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
    place.leave();
    place.leave();
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
    pass(2, { busy: 0.5, come: 50, done: 50 });
    expect(shedder.state().limit).toBeGreaterThanOrEqual(256);
  });

  it('does not forget at once how fast it was', () => {
    const { shedder, pass } = rig({ lagMaxMs: 100 });
    pass(10, overloaded);
    pass(2, { busy: 1, come: 400, done: 0 });
    expect(shedder.state().limit).toBeGreaterThan(85);
  });
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

describe('the share of time that the event loop worked', () => {
  const cases = [
    { name: 'half of it', idle: 50, active: 50, expect: 0.5 },
    { name: 'all of it', idle: 0, active: 100, expect: 1 },
    { name: 'nothing of it', idle: 100, active: 0, expect: 0 },
    { name: 'no time at all', idle: 0, active: 0, expect: 0 },
  ];

  it.each(cases)('$name', ({ idle, active, expect: share }) => {
    const total = { idle: 1_000, active: 7_000, utilization: 0 };
    const busy = createBusyShare(() => ({ ...total }));
    total.idle += idle;
    total.active += active;
    expect(busy()).toBe(share);
    expect(busy()).toBe(0);
  });

  it('is one while the process does nothing but work', () => {
    const busy = createBusyShare();
    const endMs = performance.now() + 20;
    while (performance.now() < endMs);
    expect(busy()).toBeCloseTo(1, 6);
  });
});

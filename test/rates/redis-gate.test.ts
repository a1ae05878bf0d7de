import { describe, expect, it } from 'vitest';
import { codeOf, createGate, type StoreState } from '../../gateway/rates/redis-gate.ts';

function rig(callsMax: number, timeoutMs = 1) {
  const states: StoreState[] = [];
  const clock = { nowMs: 0 };
  const gate = createGate({
    timeoutMs,
    callsMax,
    report: (state) => states.push(state),
    now: () => clock.nowMs,
  });
  return { gate, states, clock };
}

const hang = () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { send: () => promise, finish: () => resolve('late') };
};
const fails = () => Promise.reject(new Error('OOM command not allowed'));
const works = () => Promise.resolve('done');

describe('createGate', () => {
  it('passes answers on, and errors as a code', async () => {
    const { gate } = rig(10, 1_000);
    expect(await gate.run(works)).toEqual({ ok: true, value: 'done' });
    expect(await gate.run(fails)).toEqual({ ok: false, why: 'OOM' });
  });

  it('does not send what is too much, also when those before have timed out only for us', async () => {
    const { gate } = rig(2);
    const slow = hang();
    const first = [gate.run(slow.send), gate.run(slow.send)];
    expect(await Promise.all(first)).toEqual(Array(2).fill({ ok: false, why: 'timeout' }));
    expect(await gate.run(works)).toEqual({ ok: false, why: 'overload' });
    slow.finish();
    await Promise.resolve();
    await Promise.resolve();
    expect(await gate.run(works)).toEqual({ ok: true, value: 'done' });
  });

  it('asks a server that only times out by one call at a time', async () => {
    const { gate } = rig(1_000);
    const slow = hang();
    await Promise.all(Array.from({ length: 20 }, () => gate.run(slow.send)));
    let sent = 0;
    const count = () => {
      sent += 1;
      return slow.send();
    };
    slow.finish();
    await Promise.resolve();
    await Promise.resolve();
    const probe = hang();
    const asked = gate.run(probe.send);
    for (let at = 0; at < 10; at += 1) expect((await gate.run(count)).ok).toBe(false);
    expect(sent).toBe(0);
    probe.finish();
    await asked;
    await gate.run(works);
    expect((await gate.run(count)).ok).toBe(true);
  });

  it('reports what lasts, once, and the return', async () => {
    const { gate, states, clock } = rig(10, 1_000);
    for (const send of [fails, fails, works, fails, fails, fails, fails]) await gate.run(send);
    clock.nowMs = 1_000;
    for (const send of [works, works]) await gate.run(send);
    expect(states).toEqual([{ up: false, why: 'OOM' }, { up: true }]);
  });

  it('reports once what answers some and fails others, and the return when none fails', async () => {
    const { gate, states, clock } = rig(10, 1_000);
    for (let second = 0; second < 60; second += 1) {
      for (const send of [works, fails, fails, fails, works]) await gate.run(send);
      clock.nowMs += 999;
    }
    expect(states).toEqual([{ up: false, why: 'OOM' }]);
    await gate.run(works);
    expect(states).toHaveLength(1);
    clock.nowMs += 1;
    await gate.run(works);
    expect(states).toEqual([{ up: false, why: 'OOM' }, { up: true }]);
  });

  it('reports once more what the server says for itself after a connection was lost', async () => {
    const { gate, states, clock } = rig(10, 1_000);
    const closed = () => Promise.reject(new Error('Connection is closed.'));
    const refuses = () => Promise.reject(new Error('WRONGPASS invalid username-password pair'));
    for (const send of [closed, closed, closed, closed, refuses, refuses, closed, fails]) {
      await gate.run(send);
    }
    clock.nowMs = 1_000;
    await gate.run(works);
    const lost = ['connection', 'WRONGPASS'].map((why) => ({ up: false, why }));
    expect(states).toEqual([...lost, { up: true }]);
  });
});

describe('codeOf', () => {
  const cases = [
    { given: 'Command timed out', expect: 'timeout' },
    {
      given: "READONLY You can't write against a read only replica. script: 1",
      expect: 'READONLY',
    },
    { given: 'MOVED 3999 127.0.0.1:6381', expect: 'MOVED' },
    {
      given: 'ERR Error running script (call to f_1): @user_script:9: -OOM command',
      expect: 'OOM',
    },
    { given: 'ERR unknown command', expect: 'ERR' },
    { given: 'connect ECONNREFUSED 127.0.0.1:6379', expect: 'connection' },
    { given: 'WRONGPASS invalid username-password pair', expect: 'WRONGPASS' },
    { given: '', expect: 'connection' },
  ];
  it.each(cases)('$expect: $given', ({ given, expect: code }) => {
    expect(codeOf(new Error(given))).toBe(code);
  });
});

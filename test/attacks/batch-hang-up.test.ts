/**
 * Callers of lists who leave in the middle: while entries wait for upstreams, and while one waits for
 * the audit log. Each entry must still be recorded, give its place back and return what it reserved.
 */
import { describe, expect, it } from 'vitest';
import { createInFlight } from '../../gateway/admit/in-flight.ts';
import { Refusal } from '../../gateway/decision.ts';
import { createMemoryStore } from '../../gateway/rates/memory-store.ts';
import { type TestGatewayOptions, testGateway } from '../support/gateway.ts';

const rules = `version: 1
rules:
  - { name: me, fields: { Query: [me, other], Me: [name] }, allow: everyone }
  - { name: pay, class: pay, fields: { Me: [salary] }, allow: everyone }
`;
const rates = `version: 1
rates:
  - { name: pay-egress, class: pay, per: address, counts: records, limit: 10, window: 1h }
`;
const sdl = 'type Query { me: Me other: Me } type Me { name: String salary: String }';
const answer = { data: { me: { __typename: 'Me', name: 'Ada', salary: '1000' } } };

async function start(options: Partial<TestGatewayOptions>, answered: () => Promise<void>) {
  const inFlight = createInFlight({ perCallerMax: 10, keysMax: 10 });
  const store = createMemoryStore({ clock: () => 0 });
  const gateway = await testGateway({
    upstreams: {
      up: {
        sdl,
        answer: async () => {
          await answered();
          return structuredClone(answer);
        },
      },
    },
    rules,
    rates,
    store,
    inFlight,
    batch: 5,
    ...options,
  });
  const left = () => {
    const about = { rate: 'pay-egress', key: 'address9:127.0.0.1', limit: 10, windowMs: 3_600_000 };
    const outcome = store.charge([{ ...about, amount: 0 }]);
    return outcome.ok === true ? outcome.remaining[0] : undefined;
  };
  const send = (entries: unknown[], signal: AbortSignal) =>
    gateway.send({
      headers: { 'content-type': 'application/json' },
      body: bodyOf(JSON.stringify(entries)),
      signal,
    });
  return { gateway, inFlight, left, send };
}

async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

const pay = { query: '{ me { name salary } }' };
const list = [{ query: '{ nothing }' }, pay, { query: '{ me { name } }' }, pay];

describe('a caller that leaves in the middle of a list', () => {
  it('leaves nothing behind while upstreams work', async () => {
    const leaving = new AbortController();
    let calls = 0;
    const never = Promise.withResolvers<void>();
    const rig = await start({}, () => {
      calls += 1;
      if (calls === 3) leaving.abort();
      return never.promise;
    });
    await rig.send(list, leaving.signal);
    expect(calls).toBe(3);
    expect(rig.inFlight.keys()).toBe(0);
    expect(rig.left()).toBe(10);
    expect(rig.gateway.records.map(({ refusal }) => refusal?.reason)).toEqual([
      'limits/invalid',
      'gateway/closed-by-caller',
      'gateway/closed-by-caller',
      'gateway/closed-by-caller',
    ]);
    never.resolve();
    await rig.gateway.close();
  });

  it('has every classified entry sealed before anything is sent', async () => {
    const leaving = new AbortController();
    const sealed: string[] = [];
    const rig = await start(
      {
        seal: async (record) => {
          leaving.abort();
          await Promise.resolve();
          sealed.push(record.id);
          return record.delivered.length > 0 && sealed.length > 3
            ? new Refusal('watch/audit-unavailable')
            : undefined;
        },
      },
      async () => undefined,
    );
    await rig.send(list, leaving.signal);
    expect(rig.gateway.records).toHaveLength(4);
    expect(sealed.sort()).toEqual(rig.gateway.records.map(({ id }) => id).sort());
    expect(rig.inFlight.keys()).toBe(0);
    const delivered = rig.gateway.records.flatMap((record) => record.delivered);
    const counted = delivered.reduce((sum, { count }) => sum + count, 0);
    // What was made ready and not sent stays counted: that it left cannot be ruled out.
    expect(rig.left()).toBeLessThanOrEqual(10 - counted);
    await rig.gateway.close();
  });
});

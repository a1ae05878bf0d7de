/**
 * Callers who ask for something slow and hang up, over and over: work that goes on for nobody
 * piles up. The upstream call ends with the caller, and the record says who ended it.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Joins } from '../../gateway/delegate/stitch/stitch-config.ts';
import type { TestUpstream } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';
import { type SocketGateway, type SocketUpstream, socketGateway } from './socket-gateway.ts';

const sdl = 'type Query { me: Employee } type Mutation { fire: Boolean } type Employee { id: ID! }';
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me], Mutation: [fire], Employee: [id] }, allow: everyone }
`;
const withinMs = 100;

const joins: Joins = {
  Employee: {
    key: 'id',
    hr: { field: 'employee', argument: 'id' },
    payroll: { field: 'paid', argument: 'id' },
  },
};

/** Two upstreams, the second asked for what the first one's answer, held back, leads to. */
function joined() {
  const [first, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const names: string[] = [];
  const waiting = new Map<string, () => void>();
  const note = (name: string): void => {
    names.push(name);
    waiting.get(name)?.();
  };
  const hr = 'type Query { me: Employee employee(id: ID!): Employee } type Employee { id: ID! }';
  const pay = 'type Query { paid(id: ID!): Employee } type Employee { id: ID! salary: Int }';
  const me = async () => {
    note('hr');
    first.resolve();
    await held.promise;
    return { id: '1' };
  };
  const paid = () => {
    note('payroll');
    return { id: '1', salary: 7777 };
  };
  return {
    upstreams: { hr: played(hr, { me }), payroll: played(pay, { paid }) },
    called: first.promise,
    release: () => held.resolve(),
    names,
    asked: (name: string) =>
      new Promise<void>((resolve) => {
        if (names.includes(name)) resolve();
        else waiting.set(name, resolve);
      }),
  };
}

const serving =
  (upstream: TestUpstream): NonNullable<SocketUpstream['play']> =>
  async (_request, response, text) => {
    const body = JSON.stringify(await upstream.answer(JSON.parse(text)));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(body);
  };

/** An upstream that never answers, and what it has open. */
async function hanging(): Promise<{
  gateway: SocketGateway;
  arrived: (count: number) => Promise<ServerResponse[]>;
}> {
  const open: ServerResponse[] = [];
  const wake = new EventTarget();
  const gateway = await socketGateway({
    upstreams: {
      hr: {
        sdl,
        play: (_request, response) => {
          open.push(response);
          wake.dispatchEvent(new Event('arrived'));
        },
      },
    },
    rules,
  });
  const arrived = async (count: number): Promise<ServerResponse[]> => {
    while (open.length < count) {
      await new Promise((resolve) => wake.addEventListener('arrived', resolve, { once: true }));
    }
    return open;
  };
  return { gateway, arrived };
}

describe('a caller who hangs up', () => {
  it('has the rest of the work done for nobody in the obvious gateway', async () => {
    const { upstreams, called, release, asked } = joined();
    const caller = new AbortController();
    const open = obvious({ upstreams, joins });
    const answered = open.query('{ me { salary } }', { signal: caller.signal }).catch(() => 'gone');
    await called;
    caller.abort();
    release();
    await answered;
    await asked('payroll');
  });

  it('has nothing more asked for', async () => {
    const { upstreams, called, release, names } = joined();
    const caller = new AbortController();
    const gateway = await socketGateway({
      upstreams: {
        hr: { sdl: upstreams.hr.sdl, play: serving(upstreams.hr) },
        payroll: { sdl: upstreams.payroll.sdl, play: serving(upstreams.payroll) },
      },
      joins,
      rules: rules.replace('[id]', '[id, salary]').replace('Mutation: [fire],', ''),
    });
    const answered = gateway.query('{ me { salary } }', caller.signal);
    await called;
    caller.abort();
    release();
    expect((await answered).status).toBe(499);
    // By the end of a second walk, whatever the first one set going has had its turn.
    expect((await gateway.query('{ me { salary } }')).body).toEqual({
      data: { me: { salary: 7777 } },
    });
    expect(names).toEqual(['hr', 'hr', 'payroll']);
  });

  it('has the rest of a mutation left undone', async () => {
    const { gateway, arrived } = await hanging();
    const caller = new AbortController();
    const asked = gateway.query('mutation { fire again: fire }', caller.signal);
    await arrived(1);
    caller.abort();
    await asked;
    const other = gateway.query('{ me { id } }');
    const open = await arrived(2);
    open[1]?.writeHead(200, { 'content-type': 'application/json' });
    open[1]?.end('{"data":{"me":{"id":"1"}}}');
    expect((await other).body).toEqual({ data: { me: { id: '1' } } });
    expect(open).toHaveLength(2);
  });

  it.each(['{ me { id } }', 'mutation { fire }'])('ends the call: %s', async (query) => {
    const { gateway, arrived } = await hanging();
    const caller = new AbortController();
    const asked = gateway.query(query, caller.signal);
    const [response] = await arrived(1);
    const [context] = gateway.contexts;
    expect(context?.signal.aborted).toBe(false);
    const closed = response === undefined ? undefined : once(response, 'close');
    const started = performance.now();
    caller.abort();
    expect(context?.signal.aborted).toBe(true);
    const { status } = await asked;
    expect(performance.now() - started).toBeLessThan(withinMs);
    // The upstream sees its connection close: nobody goes on for a caller who is gone.
    await closed;
    expect(status).toBe(499);
    const [record] = gateway.records;
    expect(gateway.records).toHaveLength(1);
    expect(record?.refusal?.reason).toBe('gateway/closed-by-caller');
    expect(record?.aborted).toBe(true);
    expect(record?.faults).toEqual([]);
  });

  it('ends no call of another one', async () => {
    const { gateway, arrived } = await hanging();
    const callers = [new AbortController(), new AbortController()];
    const asked = callers.map((caller) => gateway.query('{ me { id } }', caller.signal));
    const open = await arrived(2);
    callers[0]?.abort();
    await asked[0];
    for (const response of open) {
      if (response.destroyed) continue;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"data":{"me":{"id":"1"}}}');
    }
    expect((await asked[1])?.body).toEqual({ data: { me: { id: '1' } } });
    expect(gateway.records.map((record) => record.refusal?.reason)).toEqual([
      'gateway/closed-by-caller',
      undefined,
    ]);
  });

  it('50 times leaves nothing open', async () => {
    const { gateway, arrived } = await hanging();
    const callers = Array.from({ length: 50 }, () => new AbortController());
    const asked = callers.map((caller) => gateway.query('{ me { id } }', caller.signal));
    const open = await arrived(50);
    const closed = open.map((response) => once(response, 'close'));
    for (const caller of callers) caller.abort();
    await Promise.all([...asked, ...closed]);
    expect(gateway.records).toHaveLength(50);
    expect(new Set(gateway.records.map((record) => record.refusal?.reason))).toEqual(
      new Set(['gateway/closed-by-caller']),
    );
  });

  it('before anything was asked asks nobody', async () => {
    const { gateway } = await hanging();
    const { status } = await gateway.query('{ me { id } }', AbortSignal.abort());
    expect(status).toBe(499);
    expect(gateway.records[0]?.refusal?.reason).toBe('gateway/closed-by-caller');
    expect(gateway.contexts).toEqual([]);
  });
});

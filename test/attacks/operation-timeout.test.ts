/**
 * An upstream that hangs, or that drips, takes the gateway's time with it. Every operation ends
 * when its time is up: with what the others gave where there is time left to say so.
 */
import { describe, expect, it } from 'vitest';
import { type TestAnswer, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';
import { type SocketUpstream, socketGateway } from './socket-gateway.ts';

// No control: the obvious gateway has no time limit, and a test cannot wait for never.

const slowSdl = 'type Query { slow: Int } type Mutation { write: Int }';
const fastSdl = 'type Query { fast: Int }';
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [slow, fast], Mutation: [write] }, allow: everyone }
`;
const fast: SocketUpstream = {
  sdl: fastSdl,
  play: (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"data":{"fast":1}}');
  },
};
const kinds: { name: string; given: NonNullable<SocketUpstream['play']> }[] = [
  { name: 'says nothing', given: () => undefined },
  {
    name: 'stops after the head',
    given: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
    },
  },
  {
    name: 'stops in the body',
    given: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"data":{"slow"');
    },
  },
  {
    name: 'drips',
    given: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
  },
];
const limitMs = 600;
/** On machines that do other things too; still far from the 15 s that an operation has by default. */
const patienceMs = 4_000;
const codesOf = ({ body }: TestAnswer) =>
  body.errors?.map((error) => [error.extensions.code, error.path]);

async function timed(ask: () => Promise<TestAnswer>): Promise<TestAnswer> {
  const started = performance.now();
  const answer = await ask();
  expect(performance.now() - started).toBeLessThan(limitMs + patienceMs);
  return answer;
}

describe('an operation whose upstream hangs', () => {
  it.each(kinds)('gives what the others gave, in time: it $name', async ({ given }) => {
    const gateway = await socketGateway({
      upstreams: { slow: { sdl: slowSdl, play: given }, fast },
      rules,
      limits: { timeoutMs: limitMs },
    });
    const answer = await timed(() => gateway.query('{ slow fast }'));
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ slow: null, fast: 1 });
    expect(codesOf(answer)).toEqual([['UPSTREAM_TIMEOUT', ['slow']]]);
  });

  it('is held to the time of the upstream where that is shorter', async () => {
    const hung: SocketUpstream = { sdl: slowSdl, play: () => undefined, timeoutMs: 100 };
    const gateway = await socketGateway({ upstreams: { slow: hung, fast }, rules });
    const answer = await timed(() => gateway.query('{ slow fast }'));
    expect(codesOf(answer)).toEqual([['UPSTREAM_TIMEOUT', ['slow']]]);
    expect(answer.body.data).toEqual({ slow: null, fast: 1 });
  });

  it('answers a mutation in time too', async () => {
    const hung: SocketUpstream = { sdl: slowSdl, play: () => undefined };
    const limits = { timeoutMs: limitMs };
    const gateway = await socketGateway({ upstreams: { slow: hung, fast }, rules, limits });
    const answer = await timed(() => gateway.query('mutation { write }'));
    expect(codesOf(answer)).toEqual([['UPSTREAM_TIMEOUT', ['write']]]);
  });

  it('is refused as a whole where the upstream heeds no deadline', async () => {
    const { promise: never } = Promise.withResolvers<unknown>();
    const gateway = await testGateway({
      upstreams: {
        slow: { sdl: slowSdl, answer: () => never },
        fast: played(fastSdl, { fast: 1 }),
      },
      rules,
      limits: { timeoutMs: 100 },
    });
    const answer = await timed(() => gateway.query('{ slow fast }'));
    expect([answer.status, answer.body.data]).toEqual([504, undefined]);
    expect(codesOf(answer)).toEqual([['TIMEOUT', undefined]]);
    expect(gateway.records[0]?.refusal?.reason).toBe('limits/timeout');
    expect(gateway.records[0]?.faults).toEqual([]);
  });

  it('many at once, and one that does not need it', async () => {
    const hung: SocketUpstream = { sdl: slowSdl, play: () => undefined };
    const limits = { timeoutMs: limitMs };
    const gateway = await socketGateway({ upstreams: { slow: hung, fast }, rules, limits });
    const waiting = Array.from({ length: 100 }, () => gateway.query('{ slow }'));
    expect((await gateway.query('{ fast }')).body).toEqual({ data: { fast: 1 } });
    for (const answer of await Promise.all(waiting)) {
      expect(codesOf(answer)).toEqual([['UPSTREAM_TIMEOUT', ['slow']]]);
    }
    expect((await gateway.query('{ fast }')).body).toEqual({ data: { fast: 1 } });
  });

  it('ends when the gateway stops', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const hung: SocketUpstream = { sdl: slowSdl, play: () => resolve() };
    const gateway = await socketGateway({ upstreams: { slow: hung, fast }, rules });
    const asked = gateway.query('{ slow }');
    await arrived;
    gateway.stop();
    expect((await asked).status).toBe(503);
    expect(gateway.records[0]?.refusal?.reason).toBe('admit/draining');
  });

  it('a body that never comes ends in time as well', async () => {
    const gateway = await testGateway({
      upstreams: { fast: played(fastSdl, { fast: 1 }) },
      rules: rules.replace('slow, fast', 'fast').replace('Mutation: [write]', ''),
      limits: { timeoutMs: 100 },
    });
    const { promise: never } = Promise.withResolvers<Uint8Array>();
    const headers = { 'content-type': 'application/json' };
    const body = (async function* () {
      yield new TextEncoder().encode('{"query":');
      yield await never;
    })();
    const answer = await timed(() => gateway.send({ headers, body }));
    expect(answer.status).toBe(408);
    expect(gateway.records[0]?.refusal?.reason).toBe('admit/body-timeout');
  });
});

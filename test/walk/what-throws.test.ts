/** What fails around a walk costs that request its answer, and no later one its room. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLoadShedder } from '../../gateway/admit/load-shedder.ts';
import { createGateway } from '../../gateway/gateway.ts';
import type { GatewayOptions, Inbound } from '../../gateway/gateway-options.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import type { Answer } from '../../gateway/shape/answer.ts';
import type { Snapshot } from '../../gateway/snapshot/snapshot.ts';
import { midnight, serve, shadow } from '../attacks/shadow-rig.ts';
import { locateByPeer } from '../support/locate.ts';

const fails = (): never => {
  throw new TypeError('a secret');
};

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array();
}

function open(about: Partial<GatewayOptions>) {
  const records: RequestRecord[] = [];
  const answers: Answer[] = [];
  const loop = () => ({ share: 0, turnMs: 0 });
  const shedder = createLoadShedder({ inFlightMax: 2, lagMaxMs: 1_000, now: () => 0, loop });
  const gateway = createGateway({
    path: '/graphql',
    corsOrigins: [],
    locate: locateByPeer,
    identify: createIdentify({ anonymous: 'allow', now: Date.now }),
    snapshot: fails,
    now: Date.now,
    shedder,
    observe: (record) => records.push(record),
    stopping: new AbortController().signal,
    ...about,
  });
  const inbound: Inbound = {
    method: 'POST',
    path: '/graphql',
    search: '',
    rawHeaders: [],
    headers: {},
    peer: '192.0.2.7',
    body: nothing(),
    signal: new AbortController().signal,
  };
  const handle = () =>
    gateway.handle(inbound, async (answer) => {
      answers.push(answer);
      return { aborted: false };
    });
  return { gateway, handle, records, answers, inFlight: () => shedder.state().inFlight };
}

describe('a walk that cannot be set up', () => {
  it('is answered and recorded, and gives its room back', async () => {
    const { handle, records, answers, inFlight } = open({});
    for (let times = 0; times < 5; times += 1) await handle();
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500]);
    expect(records.map(({ refusal }) => refusal?.reason)).toEqual(
      answers.map(() => 'gateway/internal'),
    );
    expect(records[0]?.faults).toEqual([expect.stringMatching(/^TypeError at .*fails /)]);
    expect(JSON.stringify(answers)).not.toContain('a secret');
    expect(inFlight()).toBe(0);
  });

  it('without a record gives its room back as well', () => {
    const { handle, inFlight } = open({ isSampled: fails });
    expect(handle).toThrow(TypeError);
    expect(inFlight()).toBe(0);
  });
});

describe('what looks at a decision and throws', () => {
  const limits = { timeoutMs: 60_000 };
  const admit = () => Promise.reject(new Error('enough'));
  const snapshot = { limits, charges: { admit } } as unknown as Snapshot;

  it.each([
    { name: 'at the door', options: {} },
    { name: 'after a walk', options: { snapshot: () => snapshot } },
  ])('costs nobody their answer: $name', async ({ options }) => {
    const { handle, records, answers } = open({ ...options, decided: fails });
    await handle();
    expect(answers.map(({ status }) => status)).toEqual([500]);
    expect(records.map(({ aborted }) => aborted)).toEqual([false]);
    expect(records[0]?.faults).toContainEqual(expect.stringMatching(/^TypeError at .*fails /));
  });
});

it('a refusal at the door that cannot be sealed is answered all the same', async () => {
  const { handle, records, answers } = open({ seal: fails });
  await handle();
  expect(answers.map(({ status }) => status)).toEqual([500]);
  expect(records.map(({ aborted }) => aborted)).toEqual([false]);
  expect(records[0]?.faults).toHaveLength(2);
});

it('a gateway whose last record nobody could take ends all the same', async () => {
  const wait = Promise.withResolvers<never>();
  const limits = { timeoutMs: 60_000 };
  const snapshot = { limits, charges: { admit: () => wait.promise } } as unknown as Snapshot;
  const { gateway, handle, answers } = open({ snapshot: () => snapshot, observe: fails });
  const walked = handle();
  const ended = gateway.ended();
  wait.reject(new Error('enough'));
  await expect(walked).rejects.toThrow(TypeError);
  expect(answers.map(({ status }) => status)).toEqual([500]);
  await ended;
});

describe('policies whose change cannot be told', () => {
  const access = `version: 1\nrules:\n  - { name: stay, fields: { Query: [hello] }, forbid: true, ${shadow} }\n`;
  const network = `version: 1\nlists: { bad: { file: bad.txt } }\ndeny: [{ list: bad, ${shadow} }]\n`;

  it.each([
    {
      policies: { 'policies/access/b.yaml': access },
      after: [200, 'FORBIDDEN'],
    },
    {
      policies: {
        'policies/network/a.yaml': network,
        'policies/network/bad.txt': '192.0.2.0/24\n',
      },
      after: [403, 'FORBIDDEN_ADDRESS'],
    },
  ])('are in force for the request that meets them: $after', async ({ policies, after }) => {
    const { ask, clock, lines, close } = await serve(policies, fails);
    onTestFinished(close);
    clock.nowMs = midnight;
    expect(await ask('{ hello }')).toEqual(after);
    const faults = lines.map((line) => JSON.parse(line)).filter(({ fault }) => fault !== undefined);
    expect(faults).toMatchObject([{ kind: 'policies', level: 'error' }]);
  });
});

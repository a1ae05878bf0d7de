/**
 * Who is numbered by their issuer, once as a number and once as its digits: one caller, or each
 * spelling would be another limit, another line in the trail and a way around a revocation.
 */
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { expect, it, onTestFinished } from 'vitest';
import { toCallerName } from '../../gateway/caller-name.ts';
import { readCaller } from '../../gateway/cli/read-caller.ts';
import { identityOf } from '../../gateway/detect/seen-by.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import { callerTexts } from '../../gateway/watch/audit-event/caller-texts.ts';
import { writeFiles } from '../support/config-files.ts';
import { testGateway } from '../support/gateway.ts';
import { audience, issuer, testKeys } from '../support/tokens.ts';

const rules = `version: 1
rules: [{ name: all, fields: { Query: [hello] }, allow: authenticated }]
`;
const rates = `version: 1
rates: [{ name: callers, per: caller, limit: 3, window: 1m }]
`;

async function tokenOf(sub: unknown): Promise<string> {
  const { privateKey } = await testKeys();
  return new SignJWT({ sub } as Record<string, unknown>)
    .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
}

async function serve() {
  const answer = () => ({ data: { hello: 'you' } });
  const upstreams = { words: { sdl: 'type Query { hello: String }', answer } };
  const gateway = await testGateway({ upstreams, rules, rates, anonymous: 'refuse' });
  onTestFinished(() => gateway.close());
  const ask = async (sub: unknown): Promise<number> => {
    const headers = { authorization: `Bearer ${await tokenOf(sub)}` };
    return (await gateway.query('{ hello }', { headers })).status;
  };
  return { ask, records: gateway.records };
}

/** Everything by which a caller is known. */
const namesOf = ({ caller, network }: RequestRecord) => ({
  name: toCallerName(caller, network),
  actor: JSON.parse(callerTexts(caller).actor).user,
  detected: identityOf(['caller'], { caller, network } as RequestRecord),
});

it('the number and its digits spend one limit, and are one in the trail and for detections', async () => {
  const { ask, records } = await serve();
  expect([await ask(1001), await ask('1001'), await ask(1001)]).toEqual([200, 200, 200]);
  expect([await ask(1001), await ask('1001')]).toEqual([429, 429]);
  const [first, ...others] = records.map(namesOf);
  expect(first?.actor).toEqual({ uid: '1001', type_id: 1 });
  expect(others).toEqual([first, first, first, first]);
});

it.each(['01001', '1001.0', ' 1001', '+1001', '1.001e3'])(
  'other texts are other callers: %j',
  async (text) => {
    const { ask, records } = await serve();
    for (const sub of [1001, 1001, 1001, text]) expect(await ask(sub)).toBe(200);
    expect(await ask(1001)).toBe(429);
    expect(namesOf(records[3] as RequestRecord).name).not.toBe(
      namesOf(records[0] as RequestRecord).name,
    );
  },
);

it('a revocation of the digits is one of the number', async () => {
  const { text: keys } = await testKeys();
  const revoked = 'version: 1\nrevoked: [{ subject: "1001" }]\n';
  const file = join(await writeFiles({ 'revoked.yaml': revoked }), 'revoked.yaml');
  const shared = { issuer, audience, jwks: 'keys.json', algorithms: ['ES256'] };
  const names = { scopes: 'scope', roles: 'roles', client: 'azp', leewayMs: 0 };
  const identify = createIdentify(
    {
      anonymous: 'refuse',
      now: Date.now,
      jwt: [{ ...shared, ...names }],
      revoked: { file, reloadMs: 5_000 },
    },
    { fetchKeys: async () => keys },
  );
  onTestFinished(() => identify.close());
  await identify.ready();
  const ask = async (sub: unknown) => {
    const raw = ['authorization', `Bearer ${await tokenOf(sub)}`];
    return identify.identify({ raw });
  };
  for (const sub of [1001, '1001']) {
    expect(await ask(sub)).toMatchObject({ reason: 'identify/revoked' });
  }
  expect(await ask(1002)).toMatchObject({ subject: '1002' });
});

it('cases and questions about a caller mean the same one', async () => {
  const identity = { jwt: [], introspection: [], apiKeys: undefined, revoked: undefined };
  const about = { ...identity, dpop: undefined, anonymous: 'refuse' } as const;
  const ways = ['{"sub":1001}', '{"sub":"1001"}', '{"claims":{"sub":1001},"scopes":[]}'];
  const callers = await Promise.all(ways.map((as) => readCaller(as, about)));
  expect(callers.map(({ subject }) => subject)).toEqual(['1001', '1001', '1001']);
});

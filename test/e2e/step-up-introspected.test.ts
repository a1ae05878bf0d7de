/** Step-up by tokens that only the provider can read: what it says of the sign-in counts, per token. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PlayedUpstream, playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const signIns: Readonly<Record<string, object>> = {
  strong: { acr: 'mfa', auth_time: Math.floor(Date.now() / 1_000) - 10 },
  weak: { acr: 'pwd', auth_time: Math.floor(Date.now() / 1_000) - 10 },
  old: { acr: 'mfa', auth_time: Math.floor(Date.now() / 1_000) - 3_600 },
  'without-a-word': {},
};
let upstream: PlayedUpstream;
let provider: PlayedUpstream;

beforeAll(async () => {
  upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: [{ name: 'Ada', ssn: '900-11-1111' }] } }));
  });
  provider = await playUpstream((_request, response, body) => {
    const token = new URLSearchParams(body).get('token') ?? '';
    const signIn = signIns[token];
    const exp = Math.floor(Date.now() / 1_000) + 300;
    const answer = {
      active: true,
      token_type: 'Bearer',
      exp,
      iss: 'https://idp.example.com',
      sub: 'ada',
      aud: 'graph',
      client_id: 'app',
      scope: 'hr',
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(signIn ? { ...answer, ...signIn } : { active: false }));
  });
});
afterAll(async () => {
  await upstream.close();
  await provider.close();
});

const serve = () =>
  serveFiles({
    ...smallFiles(upstream.url),
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${upstream.url} }
identity:
  introspection:
    - { issuer: "https://idp.example.com", audience: graph, client: client_id, url: "${provider.url}/introspect", clientId: gateway, clientSecret: secret-0123456789 }
`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [staff], Person: [name] }, allow: authenticated }
  - { name: ids, fields: { Person: [ssn] }, allow: { scopes: [hr], auth: { acr: [mfa], maxAge: 5m } } }
`,
  });

it('asks whoever signed in too weakly or too long ago, and nobody else', async () => {
  await using gateway = await serve();
  const ask = async (token: string) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ staff { name ssn } }' }),
    });
    const { data, errors } = (await response.json()) as {
      data?: { staff: { ssn: string | null }[] };
      errors?: { extensions: Record<string, unknown> }[];
    };
    return { ssn: data?.staff[0]?.ssn, asked: errors?.map(({ extensions }) => extensions) };
  };
  const stepUp = {
    code: 'STEP_UP_REQUIRED',
    coordinate: 'Person.ssn',
    acr_values: 'mfa',
    max_age: 300,
  };
  // Twice: the second time, what the provider said is known.
  for (const _time of [1, 2]) {
    expect(await ask('strong')).toEqual({ ssn: '900-11-1111', asked: undefined });
    for (const token of ['weak', 'old', 'without-a-word']) {
      expect([token, await ask(token)]).toEqual([token, { ssn: null, asked: [stepUp] }]);
    }
  }
  expect((await ask('nobody')).ssn).toBe(undefined);
});

/**
 * Writes that an object decides, over sockets: what is read comes from a REST service that fails, is
 * slow, lies or is left in peace, and the write comes as clients send it: kept, by GET, in a list.
 */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PlayedUpstream, playUpstream, type Served, serveFiles } from '../support/served.ts';
import { audience, issuer, testKeys, tokenOf } from '../support/tokens.ts';

const openapi = `
openapi: 3.0.3
info: { title: staff, version: '1' }
paths:
  /staff/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get:
      responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Staff' } } } } }
    put:
      requestBody: { content: { application/json: { schema: { type: object, properties: { name: { type: string }, boss: { type: string } } } } } }
      responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Staff' } } } } }
components:
  schemas:
    Staff: { type: object, properties: { id: { type: string }, name: { type: string }, boss: { type: string } } }
`;
const files = (url: string, more: { upstream?: string; limits?: string } = {}) => ({
  'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
batch: { max: 5 }
upstreams:
  staff:
    openapi: staff.yaml
    url: ${url}
    operations: { Query.staff: "GET /staff/{id}", Mutation.change: "PUT /staff/{id}" }
    ${more.upstream ?? ''}
identity:
  anonymous: refuse
  jwt: [{ issuer: "${issuer}", audience: ${audience}, jwks: keys.json, algorithms: [ES256] }]
introspection: everyone
`,
  'staff.yaml': openapi,
  'policies/access/staff.yaml': `
version: 1
rules:
  - { name: read, fields: { Query: [staff], Staff: [id, name, boss] }, allow: authenticated }
  - { name: own, fields: { Mutation: [change] }, object: "Query.staff(id: args.id)", allow: { when: object.boss == claims.sub } }
  - { name: what, fields: { ChangeInput: ["*"] }, allow: authenticated }
`,
  'policies/limits/default.yaml': `version: 1\npersistedQueries: { enabled: true }\n${more.limits ?? ''}\n`,
});

interface Row {
  id: unknown;
  name: string;
  boss: string;
}

/** What the service does with a call, instead of answering it as it is. */
type Odd = (method: string | undefined) => Wrong | Promise<undefined> | undefined;
interface Wrong {
  readonly status: number;
  readonly body: unknown;
}

let staff: Map<string, Row>;
let odd: Odd | undefined;
let asked: string[];
let upstream: PlayedUpstream;
let gateway: Served | undefined;

beforeEach(async () => {
  const row = (id: string, boss: string): [string, Row] => [id, { id, name: `n-${id}`, boss }];
  staff = new Map([row('1', 'me'), row('2', 'me'), row('3', 'else')]);
  odd = undefined;
  asked = [];
  upstream = await playUpstream(async (request, response, body) => {
    const id = decodeURIComponent((request.url ?? '').slice('/staff/'.length));
    asked.push(`${request.method} ${id}`);
    const found = staff.get(id);
    const wrong = await odd?.(request.method);
    if (request.method === 'PUT' && found !== undefined) Object.assign(found, JSON.parse(body));
    response.statusCode = wrong?.status ?? (found === undefined ? 404 : 200);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(wrong === undefined ? (found ?? {}) : wrong.body));
  });
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await upstream.close();
});

async function serve(more: Parameters<typeof files>[1] = {}): Promise<void> {
  gateway = await serveFiles({
    ...files(upstream.url, more),
    'keys.json': (await testKeys()).text,
  });
}

const change =
  'mutation Change($id: ID!, $to: ChangeInput) { change(id: $id, input: $to) { id name } }';
const to = { name: 'x' };

async function send(body: unknown, subject = 'me'): Promise<Response> {
  const authorization = `Bearer ${await tokenOf({ subject })}`;
  return fetch(gateway?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  });
}
const write = async (id: string, subject = 'me') => {
  const answer = await send({ query: change, variables: { id, to } }, subject);
  return { status: answer.status, body: await answer.json() };
};
const written = () => asked.filter((one) => one.startsWith('PUT'));
/** As told to whom the object does not grant it. */
const refused = {
  status: 200,
  body: {
    data: { change: null },
    errors: [expect.objectContaining({ path: ['change'], extensions: expect.anything() })],
  },
};

describe('the read', () => {
  it('decides, and the write goes out once after it', async () => {
    await serve();
    expect(await write('1')).toEqual({
      status: 200,
      body: { data: { change: { id: '1', name: 'x' } } },
    });
    const theirs = await write('3');
    expect(theirs).toEqual(refused);
    expect(theirs.body.errors[0].extensions.code).toBe('FORBIDDEN');
    expect(asked).toEqual(['GET 1', 'PUT 1', 'GET 3']);
  });

  const row = { id: '1', name: 'n', boss: 'me' };
  const lies: { name: string; id?: string; odd: Odd }[] = [
    { name: 'another id', odd: () => ({ status: 200, body: { ...row, id: '2' } }) },
    { name: 'no id', odd: () => ({ status: 200, body: { boss: 'me' } }) },
    { name: 'a list', odd: () => ({ status: 200, body: [row] }) },
    { name: 'null', odd: () => ({ status: 200, body: null }) },
    { name: 'its data under another status', odd: () => ({ status: 404, body: row }) },
    { name: 'its data beside a failure', odd: () => ({ status: 500, body: row }) },
    { name: 'a redirect', odd: () => ({ status: 302, body: row }) },
    { name: 'an id without blanks', id: '1 ', odd: () => ({ status: 200, body: row }) },
    {
      name: 'an id in other letters',
      id: 'A',
      odd: () => ({ status: 200, body: { ...row, id: 'a' } }),
    },
    {
      name: 'an id that may be rounded',
      id: '9007199254740992',
      odd: () => ({ status: 200, body: { ...row, id: 2 ** 53 } }),
    },
    { name: 'nobody to compare', odd: () => ({ status: 200, body: { ...row, boss: null } }) },
  ];
  it.each(lies)('is no reason to write where it answers $name', async ({ id = '1', odd: lie }) => {
    await serve();
    const theirs = await write('3');
    odd = (method) => (method === 'GET' ? lie(method) : undefined);
    expect(await write(id)).toEqual(theirs);
    expect(written()).toEqual([]);
  });

  it('is repeated where it fails, the write is not', async () => {
    await serve();
    const failing = new Set(['GET', 'PUT']);
    odd = (method = '') => (failing.delete(method) ? { status: 503, body: {} } : undefined);
    expect((await write('1')).body).toMatchObject({
      data: { change: null },
      errors: [{ extensions: { code: 'UPSTREAM_FAILED' } }],
    });
    expect(asked).toEqual(['GET 1', 'GET 1', 'PUT 1']);
  });
});

describe('a service that is left in peace', () => {
  it('is neither read nor written for whose calls failed, and others write', async () => {
    await serve({ upstream: 'retries: { attempts: 0 }' });
    const theirs = await write('3');
    odd = () => ({ status: 503, body: {} });
    const circuits = () =>
      gateway?.lines.filter(
        ({ kind, of, to }) => kind === 'circuit' && of === 'caller' && to === 'open',
      );
    while (circuits()?.length === 0) expect(await write('1')).toEqual(theirs);
    odd = undefined;
    asked = [];
    expect(await write('1')).toEqual(theirs);
    expect(asked).toEqual([]);
    expect(await write('3', 'else')).toEqual({
      status: 200,
      body: { data: { change: { id: '3', name: 'x' } } },
    });
    expect(asked).toEqual(['GET 3', 'PUT 3']);
  });
});

describe('a service that is slow', () => {
  /** Reads wait for the call of what it returns. */
  function hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    odd = () => promise;
    return () => {
      resolve(undefined);
    };
  }

  it.each([
    { of: 'one call', about: { upstream: 'timeoutMs: 150' } },
    // What upstreams get ends before it, so that there is an answer.
    { of: 'the operation', about: { limits: 'limits: { timeoutMs: 150 }' } },
  ])('has nothing written when the time of $of is up', async ({ about }) => {
    await serve(about);
    const theirs = await write('3');
    const release = hold();
    expect(await write('1')).toEqual(theirs);
    release();
    await pause(100);
    expect(written()).toEqual([]);
  });

  it('has nothing written for who has left', async () => {
    await serve();
    const release = hold();
    const caller = new AbortController();
    const asking = fetch(gateway?.url ?? '', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await tokenOf({ subject: 'me' })}`,
      },
      body: JSON.stringify({ query: change, variables: { id: '1', to } }),
      signal: caller.signal,
    });
    await vi.waitFor(() => expect(asked).toEqual(['GET 1']));
    caller.abort();
    await expect(asking).rejects.toThrow();
    await vi.waitFor(() =>
      expect(gateway?.lines.some(({ reason }) => reason === 'gateway/closed-by-caller')).toBe(true),
    );
    release();
    await pause(100);
    expect(written()).toEqual([]);
  });
});

describe('a write as clients send it', () => {
  const sha256Hash = createHash('sha256').update(change).digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };

  it('is judged for each caller by its hash, and never done by GET', async () => {
    await serve();
    const variables = { id: '1', to };
    expect(await (await send({ extensions, variables })).json()).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
    await send({ query: change, extensions, variables });
    expect(asked).toEqual(['GET 1', 'PUT 1']);
    const other = await send({ extensions, variables }, 'else');
    expect(await other.json()).toMatchObject(refused.body);
    expect(asked).toEqual(['GET 1', 'PUT 1', 'GET 1']);
    const search = new URLSearchParams({
      extensions: JSON.stringify(extensions),
      variables: JSON.stringify(variables),
    });
    const authorization = `Bearer ${await tokenOf({ subject: 'me' })}`;
    const byGet = await fetch(`${gateway?.url}?${search}`, { headers: { authorization } });
    expect(byGet.status).toBe(405);
    expect(asked).toHaveLength(3);
  });

  it('is judged by itself in a list of operations', async () => {
    await serve();
    const entries = [
      { query: change, variables: { id: '1', to } },
      { query: change, variables: { id: '3', to } },
      { query: '{ staff(id: "3") { boss } }' },
      { query: change, variables: { id: '2', to } },
    ];
    const answers = await (await send(entries)).json();
    expect(answers.map(({ data }: { data: object }) => data)).toEqual([
      { change: { id: '1', name: 'x' } },
      { change: null },
      { staff: { boss: 'else' } },
      { change: { id: '2', name: 'x' } },
    ]);
    expect(written().sort()).toEqual(['PUT 1', 'PUT 2']);
  });

  it('is judged by what the one before it has left', async () => {
    await serve();
    const query = `mutation {
      give: change(id: "1", input: { boss: "else" }) { boss }
      again: change(id: "1", input: { name: "late" }) { name }
      other: change(id: "2", input: { name: "y" }) { name }
    }`;
    const { data } = await (await send({ query })).json();
    expect(data).toEqual({ give: { boss: 'else' }, again: null, other: { name: 'y' } });
    expect(asked).toEqual(['GET 1', 'PUT 1', 'GET 1', 'GET 2', 'PUT 2']);
  });
});

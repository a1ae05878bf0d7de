/**
 * Writes that a REST service takes as forms, over sockets and on both engines: what is refused is not
 * in the body, what is pinned is the caller's own, and no value of it is in the log or the trail.
 */
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PlayedUpstream, playUpstream, type Served, serveFiles } from '../support/served.ts';
import { audience, issuer, testKeys, tokenOf } from '../support/tokens.ts';

const formType = 'application/x-www-form-urlencoded';
const text = { type: 'string' };
const card = {
  type: 'object',
  properties: { number: text, note: text },
  additionalProperties: text,
};
const properties = {
  tenant: text,
  name: text,
  amount: { type: 'integer', format: 'int64' },
  tags: { type: 'array', items: text },
  ids: { type: 'array', items: text },
  card,
  metadata: { type: 'object', additionalProperties: text },
  address: { type: 'object', properties: { city: text } },
  secret: text,
  memo: { ...text, nullable: true },
};
const encoding = {
  card: { style: 'deepObject', explode: true },
  metadata: { style: 'deepObject', explode: true },
  ids: { explode: false },
};
const schema = { type: 'object', required: ['tenant'], properties };
const none = { type: 'object', properties: { q: { ...text, nullable: true } } };
const answer = { 200: { description: 'ok', content: { 'application/json': { schema: text } } } };
const requestBody = { required: true, content: { [formType]: { schema, encoding } } };
const files = (engine: string, url: string): Record<string, string> => ({
  'gateway.yaml': `
version: 1
engine: ${engine}
listen: { port: 0 }
batch: { max: 3 }
admin: { port: 0 }
upstreams:
  shop:
    openapi: shop.json
    url: ${url}
    operations: { Query.ping: GET /ping, Query.find: POST /find, Query.none: POST /none, Mutation.pay: POST /pay }
audit: { directory: audit }
identity:
  anonymous: refuse
  jwt: [{ issuer: "${issuer}", audience: ${audience}, jwks: keys.json, algorithms: [ES256] }]
`,
  'shop.json': JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'shop', version: '1' },
    paths: {
      '/ping': { get: { responses: answer } },
      '/pay': { post: { requestBody, responses: answer } },
      '/find': { post: { requestBody, responses: answer } },
      '/none': {
        post: { requestBody: { content: { [formType]: { schema: none } } }, responses: answer },
      },
    },
  }),
  'policies/access/open.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [ping, find, none], Mutation: [pay] }, allow: authenticated }
  - { name: given, fields: { PayInput: [name, amount, tags, ids, card, metadata, address, memo], PayInputCardInput: [note, additionalProperties], PayInputAddressInput: [city] }, allow: authenticated }
  - { name: tenants, pin: { "Mutation.pay(input.tenant:)": claims.tenant } }
`,
});

interface Asked {
  body: string;
  type: string | undefined;
  length: string | undefined;
  chunked: string | undefined;
}

describe.each(['compiled', 'reference'])('%s', (engine) => {
  let asked: Asked[];
  let status: number;
  /** The answer ends in its middle, with its connection. */
  let breaksOff: boolean;
  let gateway: Served;
  let upstream: PlayedUpstream;
  beforeEach(() => {
    asked = [];
    status = 200;
    breaksOff = false;
  });
  beforeAll(async () => {
    upstream = await playUpstream((request, response, body) => {
      const { 'content-type': type, 'content-length': length } = request.headers;
      asked.push({ body, type, length, chunked: request.headers['transfer-encoding'] });
      if (breaksOff) {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '9' });
        response.write('"ok', () => response.destroy());
        return;
      }
      response.statusCode = status;
      response.setHeader('content-type', 'application/json').end('"ok"');
    });
    const keys = (await testKeys()).text;
    gateway = await serveFiles({ ...files(engine, upstream.url), 'keys.json': keys });
  });
  afterAll(async () => {
    await gateway?.close();
    await upstream.close();
  });

  const send = (query: string, variables: object = {}) => post({ query, variables });
  const post = async (given: object) => {
    const authorization = `Bearer ${await tokenOf({ subject: 'me', claims: { tenant: 'mine&tenant=x' } })}`;
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(given),
    });
    return response.json();
  };
  const pay = (input: object) =>
    send('mutation ($in: PayInput!) { pay(input: $in) }', { in: input });

  it('sends a form of what is given and pinned, with its length', async () => {
    const input = {
      name: 'é&tenant=other\r\n+%26',
      amount: 9007199254740991,
      tags: ['a&b', 'c=d'],
      ids: ['1', '2'],
      card: { note: 'n', additionalProperties: { more: 'm' } },
      metadata: { order: '7' },
      address: { city: 'Oslo' },
      memo: null,
    };
    expect(await pay(input)).toEqual({ data: { pay: 'ok' } });
    const [{ body, type, length, chunked } = { body: '' } as Asked, ...more] = asked;
    expect(more).toEqual([]);
    expect({ type, length: Number(length), chunked }).toEqual({
      type: formType,
      length: Buffer.byteLength(body),
      chunked: undefined,
    });
    expect(body).toBe(
      'tenant=mine%26tenant%3Dx&name=%C3%A9%26tenant%3Dother%0D%0A%2B%2526&amount=9007199254740991' +
        '&tags=a%26b&tags=c%3Dd&ids=1,2&card%5Bnote%5D=n&card%5Bmore%5D=m&metadata%5Border%5D=7' +
        '&address=%7B%22city%22%3A%22Oslo%22%7D',
    );
  });

  it('sends what is written in the document as what is in variables', async () => {
    await send('mutation { pay(input: { name: "x y", tags: ["a"], card: { note: "n" } }) }');
    await pay({ name: 'x y', tags: ['a'], card: { note: 'n' } });
    const body = 'tenant=mine%26tenant%3Dx&name=x%20y&tags=a&card%5Bnote%5D=n';
    expect(asked.map((one) => one.body)).toEqual([body, body]);
  });

  const refused: { name: string; input: object }[] = [
    { name: 'a field that no rule lists', input: { secret: 'canary-1' } },
    { name: 'what is pinned', input: { tenant: 'other' } },
    { name: 'a field of an object that no rule lists', input: { card: { number: 'canary-2' } } },
    {
      name: 'a closed field as a further one',
      input: { card: { additionalProperties: { number: '1' } } },
    },
    { name: 'in other letters', input: { card: { additionalProperties: { NUMBER: '1' } } } },
    { name: 'with a bracket', input: { card: { additionalProperties: { 'number]': '1' } } } },
    { name: 'with a space', input: { card: { additionalProperties: { ' number': '1' } } } },
    { name: 'a name with brackets', input: { metadata: { 'x][y': '1' } } },
    { name: 'a value that no text is', input: { metadata: { a: { b: '1' } } } },
    { name: 'two items in one', input: { ids: ['1,2'] } },
    { name: 'half a surrogate pair', input: { name: '\ud800' } },
    { name: 'a rounded number', input: { amount: 9007199254740992 } },
    { name: 'a name beside those of the document', input: { admin: 'true' } },
  ];
  it.each(refused)('does not send $name', async ({ input }) => {
    const { errors } = await pay(input);
    expect(errors?.length).toBeGreaterThan(0);
    expect(asked).toEqual([]);
    expect(gateway.lines.filter(({ faults }) => faults !== undefined)).toEqual([]);
  });

  it('sends a query by POST as a form too, and once where it fails', async () => {
    status = 503;
    const { errors } = await send('{ find(input: { tenant: "a b", tags: ["c"] }) }');
    expect(errors?.length).toBe(1);
    expect(asked.map(({ body, type }) => [body, type])).toEqual([
      ['tenant=a%20b&tags=c', formType],
    ]);
  });

  it('sends the form of each operation of a list, of none the values of another', async () => {
    const query = 'mutation ($in: PayInput!) { pay(input: $in) }';
    const inputs = [
      { name: 'one', tags: ['a'] },
      { name: 'two', secret: 'x' },
      { card: { note: 'n' } },
    ];
    const answers = await post(inputs.map((input) => ({ query, variables: { in: input } })));
    expect(answers).toEqual([
      { data: { pay: 'ok' } },
      { errors: [expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })] },
      { data: { pay: 'ok' } },
    ]);
    const tenant = 'tenant=mine%26tenant%3Dx';
    expect(asked.map(({ body }) => body).sort()).toEqual([
      `${tenant}&card%5Bnote%5D=n`,
      `${tenant}&name=one&tags=a`,
    ]);
  });

  it('sends a form once whose answer breaks off', async () => {
    breaksOff = true;
    for (const text of [
      'mutation { pay(input: { name: "x" }) }',
      '{ find(input: { tenant: "x" }) }',
    ]) {
      asked = [];
      const { errors } = await send(text);
      expect(errors.map((one: { extensions: { code: string } }) => one.extensions.code)).toEqual([
        'UPSTREAM_FAILED',
      ]);
      expect(asked).toHaveLength(1);
    }
    breaksOff = false;
    expect(await pay({ name: 'y' })).toEqual({ data: { pay: 'ok' } });
  });

  it('sends a form of nothing as one, with its length', async () => {
    expect(await send('{ none(input: { q: null }) }')).toEqual({ data: { none: 'ok' } });
    expect(asked).toEqual([{ body: '', type: formType, length: '0', chunked: undefined }]);
  });

  it('tells no value to the log or the trail, whether it is taken, refused or fails', async () => {
    const canary = 'canary-value-9';
    const input = { name: canary, metadata: { [`${canary}-key`]: canary }, tags: [canary] };
    await pay(input);
    expect(asked.length).toBe(1);
    await pay({ ...input, ids: [`${canary},2`] });
    status = 500;
    await pay(input);
    await gateway.closeOnly();
    const kept = [JSON.stringify(gateway.lines)];
    for (const name of await readdir(gateway.directory, { recursive: true, withFileTypes: true })) {
      if (name.isFile()) kept.push(await readFile(join(name.parentPath, name.name), 'utf8'));
    }
    expect(kept.join()).toContain('POST /pay');
    expect(kept.join()).not.toContain(canary);
    expect(kept.join()).not.toContain('mine%26');
  });
});

it.each(['compiled', 'reference'])(
  '%s: a form whose service hangs up while it is sent is sent once',
  async (engine) => {
    let connections = 0;
    // Of no form all is read.
    const service = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined).once('data', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const keys = (await testKeys()).text;
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    await using gateway = await serveFiles({ ...files(engine, url), 'keys.json': keys });
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await tokenOf({ subject: 'me', claims: { tenant: 'mine' } })}`,
      },
      body: JSON.stringify({
        query: 'mutation ($in: PayInput!) { pay(input: $in) }',
        variables: { in: { name: 'é'.repeat(40_000) } },
      }),
    });
    expect(await response.json()).toMatchObject({
      data: { pay: null },
      errors: [{ path: ['pay'], extensions: { code: 'UPSTREAM_FAILED' } }],
    });
    expect(connections).toBe(1);
    service.close();
  },
);

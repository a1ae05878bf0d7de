/**
 * Parts that are each sound, together: views with batches and persisted queries, sparse fieldsets
 * with keys that only the gateway needs, unions with refusals and masks, prefixes with links and
 * views, reloads with everything that is cached, retries with writes. Served on real sockets.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSchema, graphql } from 'graphql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PlayedUpstream, playUpstream, type Served, serveFiles } from '../support/served.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hrDocument = `
openapi: 3.1.0
info: { title: HR, version: "1" }
paths:
  /people:
    get:
      operationId: people
      parameters:
        - { name: fields, in: query, schema: { type: array, items: { type: string } }, explode: false }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Person" } } } } } }
  /people/search:
    post:
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Person" } } } } } }
  /people/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get:
      parameters: [{ name: fields, in: query, schema: { type: string } }]
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Person" } } } } }
    patch:
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Person" } } } } }
  /pets:
    get:
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: array
                items:
                  oneOf: [{ $ref: "#/components/schemas/Cat" }, { $ref: "#/components/schemas/Dog" }]
                  discriminator: { propertyName: kind, mapping: { cat: "#/components/schemas/Cat", dog: "#/components/schemas/Dog" } }
components:
  schemas:
    Person: { type: object, properties: { id: { type: string }, name: { type: string }, ssn: { type: string }, badge: { type: string }, boss-id: { type: string } } }
    Cat: { type: object, required: [kind], properties: { kind: { type: string }, name: { type: string }, chip: { type: string } } }
    Dog: { type: object, required: [kind], properties: { kind: { type: string }, name: { type: string }, chip: { type: string } } }
`;
const paySdl =
  'type Query { paidById(ids: [ID!]!): [Person]! } type Person { id: ID! salary: String }';
const crmSdl =
  'type Query { contact(id: ID!): Person } type Person { id: ID! phone: String mail: String }';

const access = `version: 1
rules:
  - name: directory
    fields:
      Query: [people, person, search, pets]
      Person: [id, name, contact, boss]
      Crm_Person: [id, mail]
      Cat: [name]
      Dog: [name]
      Mutation: [rename]
      RenameInput: [name]
    allow: { scopes: [hr] }
  - name: ssn
    class: government-id
    fields: { Person: [ssn] }
    allow: { scopes: [ssn] }
    otherwise: [hide]
  - name: badge
    class: badge
    fields: { Person: [badge] }
    allow: { scopes: [ssn] }
  - { name: pay, class: pay, fields: { Person: [salary] }, allow: { scopes: [pay] } }
  - { name: phone, class: phone, fields: { Crm_Person: [phone] }, allow: { scopes: [ssn] }, otherwise: [hide] }
  - { name: cats, class: chip, fields: { Cat: [chip] }, allow: { scopes: [chip] } }
  - name: dogs
    class: chip
    fields: { Dog: [chip] }
    allow: { scopes: [chip] }
    otherwise: [{ mask: last4, allow: { scopes: [hr] } }, deny]
`;

const keys = { low: 'low-key', high: 'high-key', none: 'none-key' };
const keyFile = `version: 1
keys:
  - { sha256: ${sha256(keys.low)}, client: low, scopes: [hr] }
  - { sha256: ${sha256(keys.high)}, client: high, scopes: [hr, ssn, pay, chip] }
  - { sha256: ${sha256(keys.none)}, client: none, scopes: [] }
`;

const person = { id: '7', name: 'Ada', ssn: '123-45-6789', badge: 'B-7', 'boss-id': '8' };
const pets = [
  { kind: 'cat', name: 'Tom', chip: '111122223333' },
  { kind: 'dog', name: 'Rex', chip: '444455556666' },
];

let asked: string[] = [];
let failing = 0;
const upstreams: PlayedUpstream[] = [];
let gateway: Served & AsyncDisposable;

async function playGraphql(name: string, sdl: string, root: object): Promise<PlayedUpstream> {
  return playUpstream(async (_request, response, body) => {
    const { query: source, variables: variableValues } = JSON.parse(body);
    asked.push(`${name} ${source}`);
    response.setHeader('content-type', 'application/json');
    const schema = buildSchema(sdl);
    response.end(
      JSON.stringify(await graphql({ schema, source, variableValues, rootValue: root })),
    );
  });
}

beforeAll(async () => {
  const hr = await playUpstream((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    failing -= 1;
    response.statusCode = failing >= 0 ? 503 : 200;
    response.setHeader('content-type', 'application/json');
    const path = request.url?.split('?')[0];
    const [, id = person.id] = /^\/people\/(\d+)$/.exec(path ?? '') ?? [];
    const one = path === '/people' || path === '/people/search' ? [person] : { ...person, id };
    response.end(JSON.stringify(path === '/pets' ? pets : one));
  });
  const pay = await playGraphql('pay', paySdl, {
    paidById: ({ ids }: { ids: string[] }) => ids.map((id) => ({ id, salary: `${id}000` })),
  });
  const crm = await playGraphql('crm', crmSdl, {
    contact: ({ id }: { id: string }) => ({ id, phone: '555-1234', mail: 'ada@acme.example' }),
  });
  upstreams.push(hr, pay, crm);
  gateway = await serveFiles({
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
batch: { max: 5 }
upstreams:
  hr:
    openapi: hr.yaml
    url: ${hr.url}
    select: fields
    retries: { attempts: 2, budget: 0.5 }
    operations:
      Query.people: GET /people
      Query.person: GET /people/{id}
      Query.search: POST /people/search
      Query.pets: GET /pets
      Mutation.rename: PATCH /people/{id}
  pay: { graphql: pay.graphql, url: ${pay.url} }
  crm: { graphql: crm.graphql, url: ${crm.url}, prefix: Crm_ }
joins:
  Person:
    key: id
    hr: { field: person, argument: id }
    pay: { field: paidById, argument: ids, batch: true }
links:
  Person.contact: { upstream: crm, field: contact, argument: id, from: id }
  Person.boss: { upstream: hr, field: person, argument: id, from: boss_id }
identity:
  apiKeys: { file: keys.yaml }
  anonymous: refuse
introspection: authenticated
audit: { directory: audit, subjects: { Person: id } }
`.replace('boss_id', 'bossId'),
    'hr.yaml': hrDocument,
    'pay.graphql': paySdl,
    'crm.graphql': crmSdl,
    'keys.yaml': keyFile,
    'policies/access/all.yaml': access,
    'policies/limits/default.yaml': 'version: 1\nlimits: {}\npersistedQueries: { enabled: true }\n',
  });
});
afterAll(async () => {
  await gateway.close();
  for (const one of upstreams) await one.close();
});
beforeEach(() => {
  asked = [];
  failing = 0;
});

type Body = {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions: { code: string; coordinate?: string } }[];
  extensions?: unknown;
};

async function post(body: unknown, key: string, headers: Record<string, string> = {}) {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Body };
}
const ask = async (query: string, key: string) => (await post({ query }, key)).body;
const codes = ({ errors = [] }: Body): string[] => errors.map(({ extensions }) => extensions.code);

describe('sparse fieldsets', () => {
  it('ask for keys that only the gateway needs, and never for what is denied', async () => {
    const body = await ask('{ people { name badge } }', keys.low);
    expect(body.data).toEqual({ people: [{ name: 'Ada', badge: null }] });
    expect(asked).toEqual(['GET /people?fields=name,id']);
  });

  it('read whose data it is for the record, and show it to nobody', async () => {
    const body = await ask('{ people { ssn } }', keys.high);
    expect(body.data).toEqual({ people: [{ ssn: '123-45-6789' }] });
    expect(asked).toEqual(['GET /people?fields=ssn,id']);
  });

  it('ask for the keys of joins and links, under the names of the wire', async () => {
    const body = await ask('{ people { salary contact { mail } boss { name } } }', keys.high);
    expect(body.data).toEqual({
      people: [{ salary: '7000', contact: { mail: 'ada@acme.example' }, boss: { name: 'Ada' } }],
    });
    const [first = '', ...others] = asked;
    expect(first.replace('GET /people?fields=', '').split(',').sort()).toEqual(['boss-id', 'id']);
    expect(others).toContain('GET /people/8?fields=name,id');
  });

  it("are not the caller's to write", async () => {
    const body = await ask('{ people(fields: ["ssn"]) { name } }', keys.low);
    expect(codes(body)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(asked).toEqual([]);
  });
});

describe('unions', () => {
  it('a refusal of one type and a mask of the other, under one key', async () => {
    const query = '{ pets { __typename ... on Cat { x: chip } ... on Dog { x: chip } } }';
    const body = await ask(query, keys.low);
    expect(body.data).toEqual({
      pets: [
        { __typename: 'Cat', x: null },
        { __typename: 'Dog', x: '••••••••6666' },
      ],
    });
    expect(body.errors?.map(({ extensions }) => extensions.coordinate)).toEqual(['Cat.chip']);
    expect(body.extensions).toEqual({ masked: ['Dog.chip'] });
    expect((await ask(query, keys.high)).data).toEqual({
      pets: [
        { __typename: 'Cat', x: '111122223333' },
        { __typename: 'Dog', x: '444455556666' },
      ],
    });
  });
});

describe('views', () => {
  const hidden = 'Cannot query field "ssn" on type "Person".';

  it("each entry of a batch is of the caller's view", async () => {
    const { body } = await post(
      [{ query: '{ people { name } }' }, { query: '{ people { ssn } }' }],
      keys.low,
    );
    const [first, second] = body as unknown as Body[];
    expect(first?.data).toEqual({ people: [{ name: 'Ada' }] });
    expect(second?.errors?.map(({ message }) => message)).toEqual([hidden]);
    expect(asked).toEqual(['GET /people?fields=name,id']);
  });

  it('a document that a privileged caller persisted is unknown to others, alone and in a batch', async () => {
    const query = '{ people { ssn } }';
    const persistedQuery = { version: 1, sha256Hash: sha256(query) };
    const unknown = { extensions: { persistedQuery: { version: 1, sha256Hash: sha256('{ x }') } } };
    const byHash = { extensions: { persistedQuery } };
    expect((await post({ query, ...byHash }, keys.high)).body.data).toBeTruthy();
    expect((await post(byHash, keys.high)).body.data).toBeTruthy();
    const strip = (body: Body) => JSON.stringify(body).replace(/[0-9a-f-]{36}/g, '');
    const known = await post(byHash, keys.low);
    expect(codes(known.body)).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    expect(strip(known.body)).toBe(strip((await post(unknown, keys.low)).body));
    const { body } = await post([byHash, unknown, { query, ...byHash }], keys.low);
    const entries = body as unknown as Body[];
    expect(strip(entries[0] ?? {})).toBe(strip(entries[1] ?? {}));
    expect(entries[2]?.errors?.map(({ message }) => message)).toEqual([hidden]);
    expect((await post(byHash, keys.high)).body.data).toBeTruthy();
  });

  it('reach behind links, under the prefix', async () => {
    const query = '{ people { contact { __typename mail phone } } }';
    const body = await ask(query, keys.low);
    expect(body.errors?.map(({ message }) => message)).toEqual([
      'Cannot query field "phone" on type "Crm_Person".',
    ]);
    expect(asked).toEqual([]);
    expect((await ask(query, keys.high)).data).toEqual({
      people: [
        { contact: { __typename: 'Crm_Person', mail: 'ada@acme.example', phone: '555-1234' } },
      ],
    });
  });
});

describe('retries', () => {
  it('a read is asked again', async () => {
    failing = 2;
    expect((await ask('{ people { name } }', keys.low)).data).toEqual({
      people: [{ name: 'Ada' }],
    });
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['a write', 'mutation { rename(id: "7", input: { name: "Eve" }) { name } }'],
    ['a question by POST', '{ search(input: { name: "Ada" }) { name } }'],
  ])('%s is sent once', async (_name, query) => {
    failing = 1;
    const body = await ask(query, keys.low);
    expect(codes(body)).toEqual(['UPSTREAM_FAILED']);
    expect(asked).toHaveLength(1);
  });
});

describe('an API key', () => {
  it.each([
    [
      'twice',
      [
        ['x-api-key', keys.low],
        ['X-API-Key', keys.low],
      ],
    ],
    [
      'two of them',
      [
        ['x-api-key', keys.low],
        ['x-api-key', keys.high],
      ],
    ],
    [
      'with a token',
      [
        ['x-api-key', keys.high],
        ['authorization', 'Bearer x'],
      ],
    ],
    ['in one line with another', [['x-api-key', `${keys.low}, ${keys.high}`]]],
    ['as a token', [['authorization', `Bearer ${keys.high}`]]],
  ])('%s is refused', async (_name, headers) => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const flat = [
        ...headers.flat(),
        'content-type',
        'application/json',
        'host',
        'x',
        'connection',
        'close',
      ];
      const sent = request(gateway.url, { method: 'POST', headers: flat as never }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ query: '{ people { ssn } }' }));
    });
    expect([400, 401]).toContain(status);
    expect(asked).toEqual([]);
  });
});

describe('a reload', () => {
  const put = async (text: string): Promise<void> => {
    await writeFile(join(gateway.directory, 'policies/access/all.yaml'), text);
    await gateway.reload();
  };

  it('takes from plans, views and persisted documents what the new policies do not give', async () => {
    const query = '{ people { ssn badge } }';
    const persisted = {
      query,
      extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } },
    };
    const byHash = { extensions: persisted.extensions };
    expect((await post(persisted, keys.high)).body.data).toEqual({
      people: [{ ssn: '123-45-6789', badge: 'B-7' }],
    });
    await put(access.replaceAll('scopes: [ssn]', 'scopes: [nobody-has-this]'));
    expect(codes((await post(byHash, keys.high)).body)).not.toContain(undefined);
    const after = (await post({ query }, keys.high)).body;
    expect(codes(after)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    const body = (await post(byHash, keys.high)).body;
    expect(body.data ?? null).toBe(null);
    await put(
      access.replace('otherwise: [hide]\n  - name: badge', 'otherwise: [deny]\n  - name: badge'),
    );
    expect((await ask('{ people { ssn name } }', keys.low)).data).toEqual({
      people: [{ ssn: null, name: 'Ada' }],
    });
    await put(access);
    expect((await post(byHash, keys.high)).body.data).toEqual({
      people: [{ ssn: '123-45-6789', badge: 'B-7' }],
    });
    expect(codes(await ask('{ people { ssn name } }', keys.low))).toEqual([
      'GRAPHQL_VALIDATION_FAILED',
    ]);
  });
});

describe('hidden', () => {
  const put = async (text: string): Promise<void> => {
    await writeFile(join(gateway.directory, 'policies/access/all.yaml'), text);
    await gateway.reload();
  };
  afterEach(() => put(access));

  const hides = (fields: string): string => `
  - { name: out-of-sight, fields: ${fields}, allow: { scopes: [nobody] }, otherwise: [hide] }
`;

  it('keys of joins, links, fieldsets and the record still work, and nobody sees them', async () => {
    await put(access.replace('Person: [id, name,', 'Person: [name,') + hides('{ Person: [id] }'));
    expect(codes(await ask('{ people { id } }', keys.high))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    const body = await ask('{ people { ssn salary contact { mail } } }', keys.high);
    expect(body).toEqual({
      data: {
        people: [{ ssn: '123-45-6789', salary: '7000', contact: { mail: 'ada@acme.example' } }],
      },
    });
    expect(asked[0]).toMatch(/^GET \/people\?fields=(?:ssn,id|id,ssn)$/);
  });

  it('a whole member of a union: its objects are null, and nothing says what they are', async () => {
    const change = access.replace('      Cat: [name]\n', '').replace(/ {2}- \{ name: cats.*\n/, '');
    await put(change + hides('{ Cat: [name, chip, kind] }'));
    const query = '{ pets { __typename ... on Dog { name } } }';
    const body = await ask(query, keys.high);
    expect(body.data).toEqual({ pets: [null, { __typename: 'Dog', name: 'Rex' }] });
    expect(JSON.stringify(body)).not.toMatch(/cat|tom|11112222/i);
    const guess = await ask('{ pets { ... on Cat { name } } }', keys.high);
    const made = await ask('{ pets { ... on Cow { name } } }', keys.high);
    expect(JSON.stringify(guess).replaceAll('Cat', 'Cow')).toBe(JSON.stringify(made));
    const types = await ask('{ __schema { types { name } } }', keys.high);
    expect(JSON.stringify(types)).not.toContain('"Cat"');
  });
});

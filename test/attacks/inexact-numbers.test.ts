/**
 * Numbers that a double cannot hold: rounded they would be another's key, infinite they would be a
 * null. None reaches an upstream as another than it was written, and none leaves as one.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { type PlayedUpstream, playUpstream, type Served, serveFiles } from '../support/served.ts';

// No control: what is sent and what leaves is looked at itself.

const files = (engine: string, upstream: string, rest: string): Record<string, string> => ({
  'gateway.yaml': `
version: 1
engine: ${engine}
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  bank: { graphql: bank.graphql, url: ${upstream} }
  rest: { openapi: rest.json, url: ${rest}, operations: { Query.settings: GET /settings } }
identity: { anonymous: allow }
`,
  'bank.graphql': `
scalar Long
scalar Any
input Find { no: Long, rest: Any }
type Query {
  account(no: Long, nos: [Long!], find: Find, rest: Any): Int
  rate(of: Float): Int
  byId(id: ID): Int
  total: Long
  totals: [Long!]
  rest: Any
}`,
  'rest.json': JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'rest', version: '1' },
    paths: {
      '/settings': {
        get: { responses: { 200: { content: { 'application/json': { schema: {} } } } } },
      },
    },
  }),
  'policies/access/open.yaml': `
version: 1
rules:
  - name: open
    fields: { Query: [account, rate, byId, total, totals, rest, settings] }
    allow: everyone
`,
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A gateway whose upstreams answer with this JSON text, and what they were asked. */
async function serve(engine: string, answer: string) {
  const asked: string[] = [];
  const played = (): Promise<PlayedUpstream> =>
    playUpstream((_, response, body) => {
      asked.push(body);
      response.setHeader('content-type', 'application/json').end(answer);
    });
  const [bank, rest] = [await played(), await played()];
  const gateway: Served = await serveFiles(files(engine, bank.url, rest.url));
  open.push(bank, rest, gateway);
  const ask = async (body: string) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(gateway.url, { method: 'POST', headers, body });
    return JSON.parse(await response.text());
  };
  return { asked, ask, faults: () => gateway.lines.filter(({ faults }) => faults !== undefined) };
}

const document = (query: string, variables = '{}'): string =>
  `{"query":${JSON.stringify(query)},"variables":${variables}}`;

const variable = (declared: string, place: string, value: string): string =>
  document(`query ($v: ${declared}) { ${place} }`, `{"v":${value}}`);

const tooLarge = '9007199254740993';

describe.each(['compiled', 'reference'])('%s: is not sent', (engine) => {
  const cases: { name: string; body: string }[] = [
    { name: 'a rounded literal', body: document(`{ account(no: ${tooLarge}) }`) },
    { name: 'a rounded one in a list', body: document(`{ account(nos: [1, ${tooLarge}]) }`) },
    { name: 'a rounded one in an input', body: document(`{ account(find: { no: ${tooLarge} }) }`) },
    {
      name: 'a rounded default',
      body: document(`query ($v: Long = ${tooLarge}) { account(no: $v) }`),
    },
    { name: 'a rounded variable', body: variable('Long', 'account(no: $v)', tooLarge) },
    {
      name: 'a rounded variable in a list',
      body: variable('[Long!]', 'account(nos: $v)', `[${tooLarge}]`),
    },
    {
      name: 'a rounded variable in an input',
      body: variable('Find', 'account(find: $v)', `{"no":${tooLarge}}`),
    },
    { name: 'an infinite literal', body: document('{ rate(of: 1e400) }') },
    {
      name: 'an infinite literal without a point',
      body: document(`{ rate(of: 1${'0'.repeat(400)}) }`),
    },
    { name: 'an infinite default', body: document('query ($v: Float = -1e400) { rate(of: $v) }') },
    { name: 'an infinite variable', body: variable('Float', 'rate(of: $v)', '1e400') },
    {
      name: 'an infinite literal in a structure',
      body: document('{ account(rest: { a: [1e400] }) }'),
    },
    {
      name: 'an infinite variable in a structure',
      body: variable('Any', 'account(rest: $v)', '{"a":[-1e400]}'),
    },
  ];
  it.each(cases)('$name', async ({ body }) => {
    const { asked, ask, faults } = await serve(engine, '{"data":{}}');
    const { data, errors } = await ask(body);
    expect(asked).toEqual([]);
    expect(data).toBeUndefined();
    expect(errors[0].extensions.code).toMatch(/^(?:GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT)$/);
    expect(faults()).toEqual([]);
  });
});

describe.each(['compiled', 'reference'])('%s: is sent as it is', (engine) => {
  const cases: { name: string; body: string; field: string; sends: string }[] = [
    {
      name: 'a long id of a document',
      body: document(`{ byId(id: ${tooLarge}) }`),
      field: 'byId',
      sends: tooLarge,
    },
    {
      name: 'what a double holds',
      body: variable('Long', 'account(no: $v)', '9007199254740991'),
      field: 'account',
      sends: '9007199254740991',
    },
    {
      name: 'a large number inside a structure',
      body: variable('Any', 'account(rest: $v)', '{"at":1732855281000000000}'),
      field: 'account',
      sends: '1732855281000000000',
    },
    { name: 'a Float', body: document('{ rate(of: 1e300) }'), field: 'rate', sends: '1e' },
  ];
  it.each(cases)('$name', async ({ body, field, sends }) => {
    const { asked, ask } = await serve(engine, `{"data":{"${field}":1}}`);
    expect(await ask(body)).toEqual({ data: { [field]: 1 } });
    expect(asked.join()).toContain(sends);
  });
});

describe.each(['compiled', 'reference'])('%s: does not leave as null', (engine) => {
  const cases: { name: string; given: string; query: string; at: unknown }[] = [
    {
      name: 'an infinite scalar',
      given: '{"data":{"total":1e400}}',
      query: '{ total }',
      at: ['total'],
    },
    {
      name: 'an infinite item where none may be null',
      given: '{"data":{"totals":[1,-1e400]}}',
      query: '{ totals }',
      at: ['totals'],
    },
    {
      name: 'an infinite number in a structure',
      given: '{"data":{"rest":{"a":[{"b":1e400}]}}}',
      query: '{ rest }',
      at: ['rest'],
    },
    {
      name: 'an infinite number of a REST upstream',
      given: '{"a":[1e400]}',
      query: '{ settings }',
      at: ['settings'],
    },
  ];
  it.each(cases)('$name', async ({ given, query, at }) => {
    const { ask } = await serve(engine, given);
    const { data, errors } = await ask(document(query));
    expect(Object.values(data)).toEqual([null]);
    expect(errors).toEqual([
      { message: expect.any(String), path: at, extensions: { code: 'UPSTREAM_FAILED' } },
    ]);
  });
});

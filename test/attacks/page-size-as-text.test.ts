/**
 * Many documents say that a number of entries is a text. What services read as a large number, though it
 * is none to a stricter reader, counts as that number: by literal and by variable.
 */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

// No control: what the service is sent is looked at itself.

const person = { type: 'object', properties: { name: { type: 'string' } } };
const limit = { name: 'limit', in: 'query', schema: { type: 'string' } };
const listing = answering({ type: 'array', items: person }, { parameters: [limit] });
const gateway = await testGateway({
  upstreams: {},
  rest: {
    people: {
      document: toDocument({ '/people': { get: listing } }),
      operations: { 'Query.people': 'GET /people' },
      answer: () => ({ status: 200, body: '[]' }),
    },
  },
  limits: { listSize: 100 },
  rules: `
version: 1
rules:
  - { name: open, fields: { Query: [people], PeopleResponse: [name] }, allow: everyone }
`,
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.requests.length = 0;
});

const ways: [string, (text: string) => ReturnType<typeof gateway.query>][] = [
  ['literal', (text) => gateway.query(`{ people(limit: ${JSON.stringify(text)}) { name } }`)],
  [
    'variable',
    (limit) =>
      gateway.query('query ($limit: String) { people(limit: $limit) { name } }', {
        variables: { limit },
      }),
  ],
];

describe.each(ways)('%s', (_, ask) => {
  const large = ['1000', ' 1000', '1e3', '+1000', '1000x', '1000;', '1_000', '1,000', '1 000'];
  it.each([
    ...large,
    '１０００',
    '١٠٠٠',
    '१०००',
    '𑛛𑛚𑛚𑛚',
    '𝟏𝟎𝟎𝟎',
    '1٠٠٠',
    '0x3e8',
    '1000.5.1',
    `${'0'.repeat(50)}1000x`,
    `${'0'.repeat(5_000)}1000x`,
    `+${'٠'.repeat(5_000)}1000x`,
    `${'_ '.repeat(5_000)}1000x`,
    `${'1'.repeat(1_000)}x`,
    'Infinityx',
  ])('%s is too many', async (text) => {
    const { body } = await ask(text);
    expect(body.errors?.length).toBe(1);
    expect(gateway.requests).toEqual([]);
  });

  it.each(['100', '100x', '١٠٠', '9١', '7', 'all', '', 'x1000', '-1000', '10 0'])(
    '%j is not',
    async (text) => {
      const { body } = await ask(text);
      expect(body.errors).toBeUndefined();
      expect(gateway.requests.length).toBe(1);
    },
  );
});

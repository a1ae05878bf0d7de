/**
 * Many operations in one request: each counted as none by whoever counts requests. An array is
 * refused once, before anything of it is parsed.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

// No control: Yoga's defaults take no batches either.

const gateway = await testGateway({
  upstreams: { hr: played('type Query { me: ID } type Mutation { fire: ID }', {}) },
  rules: `
version: 1
rules:
  - { name: open, fields: { Query: [me], Mutation: [fire] }, allow: everyone }
`,
});

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

const one = { query: '{ me }' };
const cases = [
  { name: 'two operations', given: [one, one] },
  { name: 'one operation', given: [one] },
  { name: 'none', given: [] },
  { name: 'a mutation behind a query', given: [one, { query: 'mutation { fire }' }] },
  { name: 'a hundred', given: Array.from({ length: 100 }, () => one) },
  { name: 'an array in an array', given: [[one]] },
  { name: 'something else', given: [1, null, 'x'] },
];

describe('an array of operations', () => {
  it.each(cases)('is one refusal, and nothing runs: $name', async ({ given }) => {
    gateway.records.length = 0;
    gateway.requests.length = 0;
    const headers = { 'content-type': 'application/json' };
    const { status, body } = await gateway.send({ headers, body: chunks(JSON.stringify(given)) });
    expect(status).toBe(400);
    expect(body.errors?.map((error) => error.extensions.code)).toEqual(['BAD_REQUEST']);
    expect(gateway.records.map((record) => record.refusal?.reason)).toEqual(['admit/batch']);
    expect(gateway.requests).toEqual([]);
  });

  it('in `query` is no operation', async () => {
    gateway.records.length = 0;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query: ['{ me }', '{ me }'] });
    await gateway.send({ headers, body: chunks(body) });
    expect(gateway.records.map((record) => record.refusal?.reason)).toEqual([
      'admit/body-malformed',
    ]);
  });
});

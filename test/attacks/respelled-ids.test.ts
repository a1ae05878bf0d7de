/**
 * An id in many spellings: where a service's ids are whole numbers, `7`, `07` and `-0` would reach it
 * as numbers that other texts name as well. To a rate per id each is another id: whoever tries
 * PINs would have sixteen times as many. One number has one spelling; others are not sent.
 */
import { expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const ok = { content: { 'application/json': { schema: { type: 'boolean' } } } };
const document = {
  openapi: '3.0.3',
  info: { title: 'pins', version: '1' },
  paths: {
    '/accounts/{id}/try': {
      get: {
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'integer', format: 'int64' } },
          { name: 'pin', in: 'query', required: true, schema: { type: 'string' } },
        ],
        responses: { 200: { description: 'ok', ...ok } },
      },
    },
  },
};

it('one number is one id, however many zeros stand before it', async () => {
  const gateway = await testGateway({
    upstreams: { none: { sdl: 'type Query { none: String }', answer: () => ({ data: {} }) } },
    rest: {
      pins: {
        document,
        operations: { 'Query.isPin': 'GET /accounts/{id}/try' },
        answer: () => ({ status: 200, body: 'false' }),
      },
    },
    rules: 'version: 1\nrules: [{ name: all, fields: { Query: [isPin] }, allow: everyone }]',
    rates:
      'version: 1\nrates: [{ name: pins, fields: { Query: [isPin] }, per: args.id, limit: 2, window: 1h }]',
  });
  const tried = async (id: string | number) => {
    const query = 'query ($id: ID!) { isPin(id: $id, pin: "1") }';
    await gateway.query(query, { variables: { id } });
    await gateway.query(`{ isPin(id: ${JSON.stringify(id)}, pin: "1") }`);
    return gateway.requests.splice(0).map(({ query: path }) => path);
  };
  const sent = 'GET /accounts/7/try?pin=1';
  expect(await tried('7')).toEqual([sent, sent]);
  for (const id of [7, '07', '007', '0000000000000007', '+7', '7.0', '7 ']) {
    expect(await tried(id)).toEqual([]);
  }
  const zero = 'GET /accounts/0/try?pin=1';
  expect(await tried('0')).toEqual([zero, zero]);
  for (const id of ['-0', '00', '-00']) expect(await tried(id)).toEqual([]);
  const below = 'GET /accounts/-7/try?pin=1';
  expect(await tried(-7)).toEqual([below, below]);
  await gateway.close();
});

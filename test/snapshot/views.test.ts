/** Views are shared by what they hide, kept apart from each other, and bounded. */
import { expect, test } from 'vitest';
import { played } from '../attacks/obvious.ts';
import { type TestGatewayOptions, testGateway } from '../support/gateway.ts';

const names = Array.from({ length: 9 }, (_, index) => `f${index}`);
const upstream = played(
  `type Query { id: ID ${names.map((name) => `${name}: String`).join(' ')} }`,
  {
    id: '1',
    ...Object.fromEntries(names.map((name) => [name, name])),
  },
);

const gatewayOf = (rules: string, change: Partial<TestGatewayOptions> = {}) =>
  testGateway({
    upstreams: { hr: upstream },
    rules: `version: 1\nrules:\n  - { name: id, fields: { Query: [id] }, allow: everyone }\n${rules}`,
    ...change,
  });

test('more views than are kept: each caller goes on seeing their own', async () => {
  const rules = names
    .map(
      (name) =>
        `  - { name: ${name}, fields: { Query: [${name}] }, allow: { scopes: [${name}] }, otherwise: [hide] }`,
    )
    .join('\n');
  const gateway = await gatewayOf(rules);
  for (const round of [0, 1]) {
    for (let bits = 0; bits < 270; bits += 1) {
      const seen = names.filter((_, index) => (bits >> index) % 2 === 1);
      const { body } = await gateway.query('{ __schema { queryType { fields { name } } } }', {
        as: { scopes: seen },
      });
      const fields = ['id', ...seen].map((name) => ({ name }));
      expect([round, body]).toEqual([round, { data: { __schema: { queryType: { fields } } } }]);
      const hidden = names.find((name) => !seen.includes(name));
      const refused = await gateway.query(`{ id ${hidden} }`, { as: { scopes: seen } });
      expect(refused.body.errors?.map(({ extensions }) => extensions.code)).toEqual([
        'GRAPHQL_VALIDATION_FAILED',
      ]);
    }
  }
  expect(gateway.records.flatMap(({ faults }) => faults)).toEqual([]);
});

test('what place decides is decided at each request', async () => {
  const rules =
    '  - { name: f, fields: { Query: [f1] }, allow: { network: [office] }, otherwise: [hide] }';
  const gateway = await gatewayOf(rules, {
    locate: ({ peer }) => ({
      address: peer,
      network: peer,
      country: undefined,
      networks: peer === '10.0.0.1' ? ['office'] : [],
      refusal: undefined,
    }),
  });
  const ask = async (peer: string) =>
    (await gateway.query('{ f1 }', { as: { scopes: [] }, peer })).body;
  for (const _ of [0, 1]) {
    expect(await ask('10.0.0.1')).toEqual({ data: { f1: 'f1' } });
    expect((await ask('10.0.0.2')).errors?.[0]?.message).toBe(
      'Cannot query field "f1" on type "Query".',
    );
  }
});

test('from whom everything is hidden: refused, whatever is asked', async () => {
  const gateway = await testGateway({
    upstreams: { hr: upstream },
    rules:
      'version: 1\nrules:\n  - { name: f, fields: { Query: [f1] }, allow: { scopes: [f] }, otherwise: [hide] }',
  });
  for (const query of [
    '{ f1 }',
    '{ __typename }',
    '{ nothing }',
    '{ __schema { types { name } } }',
  ]) {
    const { body } = await gateway.query(query, { as: { scopes: [] } });
    expect(body.errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN' }]);
  }
});

test('hidden values of an enum do not leave', async () => {
  const sdl =
    'type Query { a: Status! all: [Status!]! b(s: Status = LEFT): Status } enum Status { ACTIVE LEFT }';
  const gateway = await testGateway({
    upstreams: { hr: played(sdl, { a: 'LEFT', all: ['ACTIVE', 'LEFT'], b: 'ACTIVE' }) },
    rules: `
version: 1
rules:
  - { name: all, fields: { Query: [a, all, b] }, allow: everyone }
  - { name: left, fields: { Status: [LEFT] }, allow: { scopes: [left] }, otherwise: [hide] }
`,
  });
  const query = '{ a all b }';
  const { body } = await gateway.query(query);
  expect(body.data).toEqual({ a: null, all: ['ACTIVE', null], b: 'ACTIVE' });
  expect(body.errors?.map(({ extensions }) => extensions.coordinate)).toEqual([
    'Query.a',
    'Query.all',
  ]);
  const { body: more } = await gateway.query(query, { as: { scopes: ['left'] } });
  expect(more).toEqual({ data: { a: 'LEFT', all: ['ACTIVE', 'LEFT'], b: 'ACTIVE' } });
});

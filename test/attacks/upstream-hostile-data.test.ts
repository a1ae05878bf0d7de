/**
 * A GraphQL upstream sends data that is no answer to what was asked: prototype keys, other types,
 * null, lists for objects, fields nobody asked for, names that stitching uses itself.
 */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import type { Transport } from '../../gateway/delegate/upstream.ts';
import { run, seen } from '../support/delegation.ts';
import { toSubgraph } from '../support/staff.ts';

const sdl = buildSchema(/* GraphQL */ `
  scalar JSON
  type Query { one: Thing, two: Thing, many: [Thing] }
  type Thing { id: ID, count: Int, any: JSON, inner: Thing }
`);

async function ask(document: string, body: string) {
  const send: Transport = async () => ({ status: 200, contentType: 'application/json', body });
  const { schema } = composeSchema({ subgraphs: [toSubgraph('up', sdl, { send })] });
  return seen(await run(schema, document));
}

const misfit = 'answer does not fit the schema';
const cases: { name: string; given: [string, string]; expect: unknown }[] = [
  {
    name: 'prototype keys in objects and in structured scalars',
    given: [
      '{ one { id any inner { id } } }',
      '{"data":{"__proto__":{"polluted":1},"one":{"__proto__":{"id":"p"},"constructor":{"prototype":{"polluted":1}},"any":{"__proto__":{"polluted":1},"a":1},"inner":{"__proto__":{"id":"q"}}}}}',
    ],
    expect: {
      data: { one: { id: null, any: { a: 1 }, inner: { id: null } } },
      errors: [`one.id: ${misfit}`, `one.inner.id: ${misfit}`],
    },
  },
  {
    name: 'a prototype as the data itself',
    given: ['{ one { id } }', '{"__proto__":{"data":{"one":{"id":"1"}}}}'],
    expect: { data: { one: null }, errors: ['one: answer is not GraphQL'] },
  },
  {
    name: 'wrong types',
    given: [
      '{ one { id count } two { id } }',
      '{"data":{"_v0_one":{"id":{"a":1},"count":"7"},"_v1_two":"length"}}',
    ],
    expect: {
      data: { one: { id: null, count: null }, two: null },
      errors: [`one.count: ${misfit}`, `one.id: ${misfit}`, `two: ${misfit}`],
    },
  },
  {
    name: 'the body null',
    given: ['{ one { id } two { id } }', 'null'],
    expect: {
      data: { one: null, two: null },
      errors: ['one: answer is not GraphQL', 'two: answer is not GraphQL'],
    },
  },
  {
    name: 'a list instead of an object, an object instead of a list',
    given: [
      '{ one { id } many { id } }',
      '{"data":{"_v0_one":[{"id":"1"}],"_v1_many":{"id":"1"}}}',
    ],
    expect: { data: { one: null, many: null }, errors: [`many: ${misfit}`, `one: ${misfit}`] },
  },
  {
    name: 'fields nobody asked for, under names that stitching uses',
    given: [
      '{ one { id } }',
      '{"data":{"one":{"id":"1","__typename":"Query","_fgKey":"2","fg_id":"3","_nullable_id":"4"},"two":{"id":"9"},"_v0_one":{"id":"9"},"_v7_x":{"id":"9"}}}',
    ],
    expect: { data: { one: { id: '1' } }, errors: [] },
  },
  {
    name: 'nesting without bottom beside what was asked',
    given: [
      '{ one { id } }',
      `{"data":{"one":{"id":"1","inner":${'{"inner":'.repeat(5000)}null${'}'.repeat(5000)}}}}`,
    ],
    expect: { data: { one: { id: '1' } }, errors: [] },
  },
];

describe('data that does not answer the question', () => {
  it.each(cases)('$name', async ({ given: [document, body], expect: wanted }) => {
    expect(await ask(document, body)).toEqual(wanted);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(Reflect.get(Object.prototype, 'id')).toBeUndefined();
  });
});

/**
 * A long list with a denied field: an error per row makes a small question a large answer. At
 * most 100 are listed, then one with the count; the data is as complete as ever.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = 'type Query { rows: [Row!]! more: [Row!]! } type Row { id: ID! a: Int b: Int }';
const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `${index}`, a: 1, b: 2 }));
const upstreamOf = (count: number) => ({
  hr: played(sdl, { rows: rowsOf(count), more: rowsOf(count) }),
});
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [rows, more], Row: [id] }, allow: everyone }
  - { name: closed, fields: { Row: [a, b] }, allow: { scopes: [all] } }
`;

const cases = [
  { name: 'none', given: { rows: 0, query: '{ rows { id a } }' }, listed: 0, omitted: undefined },
  { name: 'few', given: { rows: 99, query: '{ rows { id a } }' }, listed: 99, omitted: undefined },
  {
    name: '100',
    given: { rows: 100, query: '{ rows { id a } }' },
    listed: 100,
    omitted: undefined,
  },
  { name: '101', given: { rows: 101, query: '{ rows { id a } }' }, listed: 100, omitted: 1 },
  { name: '500', given: { rows: 500, query: '{ rows { id a } }' }, listed: 100, omitted: 400 },
  {
    name: '500 with two fields each',
    given: { rows: 500, query: '{ rows { id a b } }' },
    listed: 100,
    omitted: 900,
  },
  {
    name: 'two lists under aliases',
    given: { rows: 500, query: '{ rows { id a } x: more { id y: b } }' },
    listed: 100,
    omitted: 900,
  },
];

describe('refusals in a long list', () => {
  it('are all listed by the obvious gateway', async () => {
    const { body } = await obvious({
      upstreams: upstreamOf(500),
      rules: ({ scope }) => ({ Row: { a: scope('all') } }),
    }).query('{ rows { id a } }');
    expect(body.errors).toHaveLength(500);
  });

  it.each(cases)('$name', async ({ given, listed, omitted }) => {
    const gateway = await testGateway({ upstreams: upstreamOf(given.rows), rules });
    const { body } = await gateway.query(given.query);
    const errors = body.errors ?? [];
    expect(errors.filter((error) => error.path !== undefined)).toHaveLength(listed);
    expect(errors).toHaveLength(listed + (omitted === undefined ? 0 : 1));
    expect(new Set(errors.map((error) => error.extensions.code)).size).toBe(listed === 0 ? 0 : 1);
    expect(errors[listed]?.extensions).toEqual(
      omitted === undefined ? undefined : { code: 'FORBIDDEN', omitted },
    );
    const rows = body.data?.rows as Record<string, unknown>[];
    expect(rows).toHaveLength(given.rows);
    expect(rows.every((row) => row.a === null && typeof row.id === 'string')).toBe(true);
    expect(gateway.records[0]?.verdicts?.denied.length).toBeLessThanOrEqual(2);
  });

  it('failures of an upstream are capped as well', async () => {
    const broken = played(sdl, {
      rows: rowsOf(500).map((row) => ({
        ...row,
        a: () => {
          throw new Error('no');
        },
      })),
    });
    const gateway = await testGateway({ upstreams: { hr: broken }, rules });
    const { body } = await gateway.query('{ rows { id a } }', { as: { scopes: ['all'] } });
    expect(body.errors?.slice(0, -1)).toHaveLength(100);
    expect(body.errors?.at(-1)?.extensions).toEqual({ code: 'UPSTREAM_FAILED', omitted: 400 });
    expect(body.data?.rows).toHaveLength(500);
  });
});

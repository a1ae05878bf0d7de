/**
 * A body of empty objects for a type of many fields: each field is looked at, given or not, so that
 * a hundred kilobytes were more than a million values, and nobody else was served meanwhile.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const fields = Array.from({ length: 50 }, (_, at) => `f${at}: Int = ${at}`).join(' ');
const sdl = `
  type Query { sum(of: [In!], ids: [ID!], deep: Deep, one: In): Int }
  input In { ${fields} }
  input Deep { more: [Deep!] rows: [In] }
`;
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [sum] }, allow: everyone }
`;
const open = () => testGateway({ upstreams: { sums: played(sdl, { sum: () => 1 }) }, rules });
const repeated = (count: number, one: unknown): unknown[] =>
  Array.from({ length: count }, () => one);

const floods: { name: string; query: string; variables: Record<string, unknown> }[] = [
  {
    name: 'empty objects',
    query: 'query($of: [In!]) { sum(of: $of) }',
    variables: { of: repeated(33_000, {}) },
  },
  {
    name: 'in several variables',
    query: 'query($a: [In!], $b: [In!]) { a: sum(of: $a) b: sum(of: $b) }',
    variables: { a: repeated(700, {}), b: repeated(700, {}) },
  },
  {
    name: 'in lists in lists',
    query: 'query($deep: Deep) { sum(deep: $deep) }',
    variables: { deep: { more: repeated(40, { more: repeated(40, { rows: [{}] }) }) } },
  },
];
const usual: typeof floods = [
  {
    name: 'very many ids',
    query: 'query($ids: [ID!]) { sum(ids: $ids) }',
    variables: { ids: repeated(20_000, '12') },
  },
  {
    name: 'rows as many as a body has room for',
    query: 'query($of: [In!]) { sum(of: $of) }',
    variables: { of: repeated(900, { f1: 1, f2: 2 }) },
  },
  {
    name: 'one object for a list',
    query: 'query($of: [In!]) { sum(of: $of) }',
    variables: { of: {} },
  },
];

describe('what variables carry', () => {
  it.each(floods)('is refused before it is coerced: $name', async ({ query, variables }) => {
    const gateway = await open();
    const { status, body } = await gateway.query(query, { variables });
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([400, 'DOCUMENT_TOO_LARGE']);
    expect(gateway.records.map(({ refusal }) => refusal?.reason)).toEqual([
      'limits/too-many-inputs',
    ]);
    expect(gateway.requests).toEqual([]);
  });

  it.each(usual)('passes where it is no flood: $name', async ({ query, variables }) => {
    const gateway = await open();
    const { body } = await gateway.query(query, { variables });
    expect(body).toEqual({ data: { sum: 1 } });
  });
});

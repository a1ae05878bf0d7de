/**
 * A body of empty objects for a type of many fields: each field is looked at, given or not, so that
 * a hundred kilobytes were more than a million values, and nobody else was served meanwhile.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const fields = Array.from({ length: 50 }, (_, at) => `f${at}: Int = ${at}`).join(' ');
const sdl = `
  type Query { sum(of: [In!], ids: [ID!], deep: Deep, one: In, hidden: [Hid!], nests: [Nest!]): Int filled(by: Nest = {}, on: Int): Int next: Query }
  input In { ${fields} }
  input Hid { seen: Int ${fields} }
  input Deep { more: [Deep!] rows: [In] }
  input Nest { ${Array.from({ length: 20 }, (_, at) => `n${at}: [In!] = [{}, {}]`).join(' ')} }
`;
const rest = Array.from({ length: 40 }, (_, at) => `f${at + 10}`).join(', ');
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [sum, filled, next] }, allow: everyone }
  - { name: closed, fields: { Hid: [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, ${rest}] }, allow: { scopes: [no] }, otherwise: [hide] }
`;
const open = () => testGateway({ upstreams: { sums: played(sdl, { sum: () => 1 }) }, rules });
const repeated = (count: number, one: unknown): unknown[] =>
  Array.from({ length: count }, () => one);

const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, at) => `a${at}: ${field}`).join(' ');

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
  {
    name: 'in one variable of many uses',
    query: `query($of: [In!]) { ${aliases(20, 'sum(of: $of)')} }`,
    variables: { of: repeated(60, {}) },
  },
  {
    name: 'in one variable of many uses by fragments',
    query: `query($of: [In!]) { ${aliases(5, 'next { ...F }')} } fragment F on Query { ${aliases(5, 'sum(of: $of)')} }`,
    variables: { of: repeated(60, {}) },
  },
  {
    name: 'in fields that the caller does not see',
    query: 'query($of: [Hid!]) { sum(hidden: $of) }',
    variables: { of: repeated(10_000, {}) },
  },
  {
    name: 'in the default of a variable',
    query: `query($of: [In!] = [${'{}'.repeat(300)}]) { ${aliases(10, 'sum(of: $of)')} }`,
    variables: {},
  },
  {
    name: 'in defaults of what is left out',
    query: 'query($nests: [Nest!]) { sum(nests: $nests) }',
    variables: { nests: repeated(30, {}) },
  },
  {
    name: 'in defaults of what is left out in the text',
    query: `query($no: [In!]) { sum(nests: [${'{}'.repeat(15)}${'{ n0: $no }'.repeat(15)}]) }`,
    variables: {},
  },
  {
    name: 'in defaults of arguments',
    query: `{ ${aliases(5, 'next { ...F }')} } fragment F on Query { ${aliases(5, 'filled')} }`,
    variables: {},
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
    name: 'defaults of few objects, and of none that are given',
    query: `query($nests: [Nest!], $by: Nest) { sum(nests: $nests) ${aliases(18, 'filled(by: { n0: [] })')} one: filled(by: $by) }`,
    variables: {
      nests: [
        {},
        ...repeated(20, Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`n${at}`, []]))),
      ],
    },
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

  it('is counted in the text as well', async () => {
    const upstreams = { sums: played(sdl, { sum: () => 1 }) };
    const gateway = await testGateway({ upstreams, rules, limits: { inputs: 1_000 } });
    const ask = (count: number) =>
      gateway.query(`{ sum(deep: { rows: [${'{}'.repeat(count)}] }) }`);
    expect((await ask(19)).body).toEqual({ data: { sum: 1 } });
    expect((await ask(20)).body.errors?.[0]?.extensions.code).toBe('DOCUMENT_TOO_LARGE');
    // Five times what passes once.
    const often = `{ ${aliases(5, 'next { ...F }')} } fragment F on Query { sum(of: [${'{}'.repeat(5)}]) }`;
    expect((await gateway.query(often)).body.errors?.[0]?.extensions.code).toBe(
      'DOCUMENT_TOO_LARGE',
    );
  });

  it.each(usual)('passes where it is no flood: $name', async ({ query, variables }) => {
    const gateway = await open();
    const { body } = await gateway.query(query, { variables });
    expect(body).toMatchObject({ data: { sum: 1 } });
  });
});

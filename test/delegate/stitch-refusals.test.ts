import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import type { Joins, Links } from '../../gateway/delegate/stitch/stitch-config.ts';
import { answering } from '../support/delegation.ts';
import { hris, joins, payroll, toSubgraph } from '../support/staff.ts';

const silent = answering(() => ({ data: {} }));
const compose = (sdls: readonly string[], about: { joins?: Joins; links?: Links } = {}) =>
  composeSchema({
    subgraphs: sdls.map((sdl, index) => toSubgraph(`up${index + 1}`, buildSchema(sdl), silent)),
    ...about,
  });

const one =
  'type Query { a(id: ID!): Thing, as(ids: [ID!]!): [Thing] } type Thing { id: ID!, x: Int }';
const two =
  'type Query { b(id: ID!): Thing, bs(ids: [ID!]!): [Thing] } type Thing { id: ID!, y: Int }';
const target = (field: string, batch = false) =>
  batch ? { field, argument: 'ids', batch } : { field, argument: 'id' };
const thing = { key: 'id', up1: target('a'), up2: target('bs', true) };

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

describe('what composition refuses, and what it names', () => {
  /** `entry`: the key of the join at which it is reported. */
  const cases: { name: string; given: () => unknown; expect: RegExp; entry?: string }[] = [
    {
      name: 'a type of two upstreams without a join',
      given: () => compose([one, two]),
      expect: /Thing.*up1.*up2/,
    },
    {
      name: 'a root field of two upstreams, join or not',
      given: () => compose([one, one.replace('as(', 'cs(')], { joins: { Thing: thing } }),
      expect: /Query\.a.*up1.*up2/,
    },
    {
      name: 'an enum that differs',
      given: () =>
        compose(['type Query { a: E } enum E { A B }', 'type Query { b: E } enum E { A C }']),
      expect: /\bE\b.*up1.*up2/,
    },
    {
      name: 'a scalar by two specifications',
      given: () =>
        compose([
          'type Query { a: Day } scalar Day @specifiedBy(url: "https://example.com/day")',
          'type Query { b: Day } scalar Day @specifiedBy(url: "https://example.com/date")',
        ]),
      expect: /\bDay\b.*up1.*up2.*https:\/\/example\.com\/day .*https:\/\/example\.com\/date/,
    },
    {
      name: 'a scalar by two specifications, of which the first upstream has none',
      given: () =>
        compose([
          'type Query { a: Day } scalar Day',
          'type Query { b: Day } scalar Day @specifiedBy(url: "https://example.com/day")',
          'type Query { c: Day } scalar Day @specifiedBy(url: "https://example.com/date")',
        ]),
      expect: /\bDay\b.*up2.*up3/,
    },
    {
      name: 'a scalar that is an enum elsewhere',
      given: () => compose(['type Query { a: E } scalar E', 'type Query { b: E } enum E { A }']),
      expect: /\bE\b.*up1.*up2/,
    },
    {
      name: 'an input that differs',
      given: () =>
        compose([
          'type Query { a(i: I): Int } input I { a: Int }',
          'type Query { b(i: I): Int } input I { a: String }',
        ]),
      expect: /\bI\b.*up1.*up2/,
    },
    {
      name: 'an interface of two upstreams',
      given: () =>
        compose([
          'type Query { a: N } interface N { id: ID }',
          'type Query { b: N } interface N { id: ID }',
        ]),
      expect: /\bN\b.*up1.*up2/,
    },
    {
      name: 'a query root of two upstreams to which fields lead back, by a name of its own',
      given: () =>
        compose([
          'schema { query: query_root } type query_root { a: Int up: query_root }',
          'schema { query: query_root } type query_root { b: Int back: query_root }',
        ]),
      expect: /query_root.*up1.*up2/,
    },
    {
      name: 'a type that has the name of another upstream’s query root, to which fields lead back',
      given: () =>
        compose([
          'schema { query: Root } type Root { a: Int up: Root }',
          'type Query { b: Root } type Root { c: Int }',
        ]),
      expect: /Root.*up1.*up2/,
    },
    {
      name: 'a type by the name of the graph’s root',
      given: () =>
        compose(['schema { query: Root } type Root { me: Query } type Query { id: ID }']),
      expect: /\bQuery\b.*up1.*prefix/,
    },
    {
      name: 'a field besides the key that both have',
      given: () => compose([one, two.replace('y:', 'x:')], { joins: { Thing: thing } }),
      expect: /Thing\.x.*up1.*up2/,
    },
    {
      name: 'an upstream with the type that the join leaves out',
      given: () => compose([one, two], { joins: { Thing: { key: 'id', up1: target('a') } } }),
      expect: /joins\.Thing.*up2/,
    },
    {
      name: 'an unknown upstream in a join',
      given: () => compose([one, two], { joins: { Thing: { ...thing, up3: target('a') } } }),
      expect: /joins\.Thing.*up3/,
    },
    {
      name: 'an unknown field in a join',
      entry: 'up1',
      given: () => compose([one, two], { joins: { Thing: { ...thing, up1: target('zz') } } }),
      expect: /joins\.Thing.*Query\.zz/,
    },
    {
      name: 'an unknown argument in a join',
      entry: 'up1',
      given: () =>
        compose([one, two], {
          joins: { Thing: { ...thing, up1: { field: 'a', argument: 'no' } } },
        }),
      expect: /joins\.Thing.*Query\.a.*no/,
    },
    {
      name: 'a batch that takes one key',
      entry: 'up1',
      given: () =>
        compose([one, two], {
          joins: { Thing: { ...thing, up1: { ...target('a'), batch: true } } },
        }),
      expect: /joins\.Thing.*Query\.a/,
    },
    {
      name: 'a batch that gives lists of lists',
      entry: 'up1',
      given: () =>
        compose([one.replace(': [Thing]', ': [[Thing!]]!'), two], {
          joins: { Thing: { ...thing, up1: target('as', true) } },
        }),
      expect:
        /joins\.Thing: Query\.as of up1 .*one list.*\(batch: true\).* \[ID!\]! .* \[\[Thing!\]\]!/,
    },
    {
      name: 'a batch that takes lists of lists',
      entry: 'up1',
      given: () =>
        compose([one.replace('[ID!]!', '[[ID!]!]!'), two], {
          joins: { Thing: { ...thing, up1: target('as', true) } },
        }),
      expect: /joins\.Thing: Query\.as of up1 .* \[\[ID!\]!\]! .* \[Thing\]/,
    },
    {
      name: 'a link to lists of lists, which do not say that they are a batch',
      given: () =>
        compose([one.replace('[ID!]!', '[[ID!]]')], {
          links: { 'Thing.t': { upstream: 'up1', field: 'as', argument: 'ids', from: 'x' } },
        }),
      expect: /links\.Thing\.t: Query\.as of up1 .* \[\[ID!\]\] .* \[Thing\]/,
    },
    {
      name: 'a key that one upstream lacks',
      entry: 'key',
      given: () => compose([one, two], { joins: { Thing: { ...thing, key: 'x' } } }),
      expect: /Thing\.x.*up2/,
    },
    {
      name: 'a target that needs another argument',
      entry: 'up1',
      given: () =>
        compose([one.replace('a(id: ID!)', 'a(id: ID!, t: Int!)'), two], {
          joins: { Thing: thing },
        }),
      expect: /Query\.a.*\bt\b/,
    },
    {
      name: 'a target that gives another type',
      entry: 'up1',
      given: () =>
        compose([`${one} type Other { id: ID! } extend type Query { o(id: ID!): Other }`, two], {
          joins: { Thing: { ...thing, up1: target('o') } },
        }),
      expect: /joins\.Thing.*Query\.o.*Other/,
    },
    {
      name: 'a link on an unknown type',
      given: () =>
        compose([one], { links: { 'No.x': { upstream: 'up1', ...target('a'), from: 'id' } } }),
      expect: /links\.No\.x/,
    },
    {
      name: 'a link from an unknown field',
      given: () =>
        compose([one], { links: { 'Thing.t': { upstream: 'up1', ...target('a'), from: 'no' } } }),
      expect: /links\.Thing\.t.*Thing\.no/,
    },
    {
      name: 'a link to an unknown upstream',
      given: () =>
        compose([one], { links: { 'Thing.t': { upstream: 'no', ...target('a'), from: 'x' } } }),
      expect: /links\.Thing\.t.*\bno\b/,
    },
    {
      name: 'a batched link to rows without a key',
      given: () =>
        compose(['type Query { ts(ids: [ID!]!): [T] } type T { code: ID }'], {
          links: { 'T.t': { upstream: 'up1', field: 'ts', argument: 'ids', from: 'code' } },
        }),
      expect: /links\.T\.t/,
    },
    {
      name: 'a link that is no coordinate',
      given: () =>
        compose([one], { links: { Thing: { upstream: 'up1', ...target('a'), from: 'x' } } }),
      expect: /links\.Thing/,
    },
    {
      name: 'a field that has the name of the gateway’s key',
      given: () => compose(['type Query { a: T } type T { _fgKey: ID }']),
      expect: /T\._fgKey.*up1/,
    },
    {
      name: 'two upstreams with one name',
      given: () =>
        composeSchema({
          subgraphs: [toSubgraph('up', hris, silent), toSubgraph('up', payroll, silent)],
          joins,
        }),
      expect: /two upstreams/,
    },
  ];
  it.each(cases)('$name', ({ given, expect: names, entry }) => {
    expect(given).toThrow(names);
    const error = thrownBy(given);
    const [, part, key] = /^(joins|links)\.([^:]+): /.exec(error.message) ?? [];
    const path = entry === undefined ? [part, key] : [part, key, entry];
    if (part !== undefined) expect(error).toMatchObject({ name: 'MisfitError', path });
  });

  it('an entry is told by its place, whatever its message says', () => {
    const up2 = two.replace('y: Int', 'x: Int');
    expect(thrownBy(() => compose([one, up2], { joins: { Thing: thing } }))).toMatchObject({
      message: 'Thing.x comes from two upstreams, up1 and up2',
      path: ['joins', 'Thing'],
    });
  });
});

describe('what two upstreams may both bring', () => {
  it('a query root of one name, to which nothing leads back', () => {
    const { schema } = compose([
      'schema { query: query_root } type query_root { a: Int }',
      'schema { query: query_root } type query_root { b: Int }',
    ]);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['a', 'b']);
    expect(schema.getType('query_root')).toBeUndefined();
  });

  const cases = [
    { name: 'a custom scalar', given: 'scalar Date', uses: 'Date' },
    { name: 'an equal enum', given: 'enum Date { A B }', uses: 'Date' },
    {
      name: 'an enum in other words for people',
      given: 'enum Date { A B }',
      other: '"A day" enum Date { "the first" A B }',
      uses: 'Date',
    },
    {
      name: 'a scalar that one describes',
      given: 'scalar D',
      other: '"A day" scalar D',
      uses: 'D',
    },
  ];
  it.each(cases)('$name', ({ given, other = given, uses }) => {
    const { schema } = compose([
      `${other} type Query { a: ${uses} }`,
      `${given} type Query { b: ${uses} }`,
    ]);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['a', 'b']);
  });

  const day = 'scalar Day @specifiedBy(url: "https://example.com/day")';
  const both = [day, 'scalar Day', day];
  it.each([both.slice(0, 2), both.slice(1), [day, day]])(
    'a scalar that %s and %s specify, as it is specified',
    (one, other) => {
      const { schema } = compose([
        `type Query { a: Day } ${one}`,
        `type Query { b: Day } ${other}`,
      ]);
      expect(schema.getType('Day')).toMatchObject({ specifiedByURL: 'https://example.com/day' });
    },
  );
});

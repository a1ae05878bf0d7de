/**
 * Documents made to be expensive: cycles, doubling fragments, deep nesting, masses of aliases and
 * directives. Refused for the right reason, with bounded work, and never with a fault of ours.
 */
import { useDepthLimit } from '@envelop/depth-limit';
import { describe, expect, it, vi } from 'vitest';
import { defaultLimits, type Limits } from '../../gateway/limits/limits.ts';
import { testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = 'type Query { me: Employee } type Employee { id: ID! name: String boss: Employee }';
const me = { id: '1', name: 'Ada' };
const upstreams = { hr: played(sdl, { me: { ...me, boss: me } }) };
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me], Employee: ["*"] }, allow: everyone }
`;
const open = (limits: Partial<Limits> = {}) => testGateway({ upstreams, rules, limits });

/** As far as an operator can open the limits of size, with the others left alone. */
const wide = { bodyBytes: 10_485_760, tokens: 100_000 };

const doubling = (levels: number, spread: (name: string) => string, last = 'id'): string => {
  const fragments = Array.from({ length: levels }, (_, level) => {
    const body = level === levels - 1 ? last : spread(`F${level + 1}`);
    return `fragment F${level} on Employee { ${body} }`;
  });
  return `{ me { ...F0 } } ${fragments.join(' ')}`;
};
const nested = (levels: number) => `{ me ${'{ boss '.repeat(levels)}{ id }${'}'.repeat(levels)} }`;
const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const aliases = (count: number) => `{ ${many(count, (index) => `a${index}: me { id }`)} }`;
const list = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const cycle = '{ me { ...A } } fragment A on Employee { id ...B } fragment B on Employee { ...A }';
const cases: { name: string; given: string; limits?: Partial<Limits>; expect: string }[] = [
  { name: 'a fragment cycle', given: cycle, expect: 'limits/fragment-cycle' },
  {
    name: 'a fragment that spreads itself',
    given: '{ me { ...A } } fragment A on Employee { boss { ...A } }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'a cycle that no operation uses',
    given: '{ me { id } } fragment A on Employee { ...A }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'a cycle by inline fragments',
    given: '{ me { ...A } } fragment A on Employee { ... { ... on Employee { ...A } } }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'a cycle of 100 fragments',
    given: `{ me { ...F0 } } ${many(100, (i) => `fragment F${i} on Employee { ...F${(i + 1) % 100} }`)}`,
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'doubling 40 times',
    given: doubling(40, (next) => `...${next} ...${next}`),
    expect: 'limits/too-many-fields',
  },
  {
    name: 'doubling 40 times with nested fields',
    given: doubling(40, (next) => `a: boss { ...${next} } b: boss { ...${next} }`),
    expect: 'limits/too-deep',
  },
  {
    name: 'doubling 40 times with nested fields where depth is open',
    given: doubling(40, (next) => `a: boss { ...${next} } b: boss { ...${next} }`),
    limits: { depth: 100 },
    expect: 'limits/too-many-fields',
  },
  {
    name: 'doubling under one name',
    given: doubling(40, (next) => `boss { ...${next} } boss { ...${next} }`),
    limits: { depth: 100 },
    expect: 'limits/too-many-fields',
  },
  {
    name: 'doubling 90 times with nothing but type names',
    given: doubling(90, (next) => `...${next} ...${next}`, '__typename'),
    expect: 'limits/too-many-fields',
  },
  {
    name: 'an unknown fragment',
    given: '{ me { ...Nobody } }',
    expect: 'limits/invalid',
  },
  {
    name: 'an unknown fragment in a fragment',
    given: '{ me { ...A } } fragment A on Employee { boss { ...Nobody } }',
    expect: 'limits/invalid',
  },
  { name: '11 levels', given: nested(9), expect: 'limits/too-deep' },
  { name: '300 levels', given: nested(300), expect: 'limits/too-deep' },
  { name: '100,000 levels', given: nested(100_000), expect: 'admit/body-too-large' },
  {
    name: '100,000 levels where size is open',
    given: nested(100_000),
    limits: wide,
    expect: 'limits/too-many-tokens',
  },
  {
    name: '30,000 levels where tokens are just enough',
    given: nested(30_000),
    limits: { ...wide, depth: 100 },
    expect: 'limits/too-many-tokens',
  },
  {
    name: 'lists in lists',
    given: `{ me(id: ${list(900)}) { id } }`,
    expect: 'limits/invalid',
  },
  {
    name: 'lists in lists where tokens are open',
    given: `{ me(id: ${list(45_000)}) { id } }`,
    limits: wide,
    expect: 'limits/too-many-tokens',
  },
  { name: '3 MB of aliases', given: aliases(160_000), expect: 'admit/body-too-large' },
  {
    name: '3 MB of aliases where size is open',
    given: aliases(160_000),
    limits: wide,
    expect: 'limits/too-many-tokens',
  },
  {
    name: '570 fields',
    given: aliases(285),
    expect: 'limits/too-many-fields',
    limits: { fields: 500 },
  },
  {
    name: '100,000 directives',
    given: `{ me { id ${many(100_000, () => '@skip(if: false)')} } }`,
    limits: wide,
    expect: 'limits/too-many-tokens',
  },
  {
    name: '100,000 directives as sent by default',
    given: `{ me { id ${many(100_000, () => '@skip(if: false)')} } }`,
    expect: 'admit/body-too-large',
  },
  {
    name: '200 directives',
    given: `{ me { id ${many(200, () => '@skip(if: false)')} } }`,
    limits: { directives: 1_000 },
    expect: 'limits/invalid',
  },
  {
    name: '10,000 type names',
    given: `{ ${many(10_000, () => '__typename')} }`,
    limits: { bodyBytes: 1_000_000 },
    expect: 'limits/too-many-tokens',
  },
  {
    name: '10,000 type names where tokens are open',
    given: `{ ${many(10_000, () => '__typename')} }`,
    limits: wide,
    expect: 'limits/too-many-fields',
  },
  {
    name: 'introspection in introspection',
    given: `{ __schema { types ${'{ fields { type '.repeat(20)}{ name }${' } }'.repeat(20)} } }`,
    limits: { introspectionDepth: 100 },
    expect: 'limits/invalid',
  },
  {
    name: '10,000 introspections',
    given: `{ ${many(10_000, (index) => `a${index}: __schema { types { name } }`)} }`,
    limits: { bodyBytes: 1_000_000 },
    expect: 'limits/too-many-tokens',
  },
  {
    name: '900 fields of one name, each to be compared with each',
    given: `{ me { ${many(900, () => 'id')} } }`,
    expect: 'limits/invalid',
  },
  {
    name: '180 operations over one long chain of fragments',
    given: `${many(180, (i) => `query Q${i} { me { ...F0 } }`)} ${doubling(8, (n) => `...${n}`).replace(/^\{.*?\} \} /, '')}`,
    expect: 'limits/operation-name',
  },
  {
    name: 'a text of 90,000 characters',
    given: `{ me(id: "${'x'.repeat(90_000)}") { id } }`,
    expect: 'limits/invalid',
  },
  { name: 'no operation', given: 'fragment A on Employee { id }', expect: 'limits/invalid' },
  { name: 'a schema', given: 'type Query { me: ID }', expect: 'limits/invalid' },
  { name: 'nothing', given: '', expect: 'limits/syntax' },
  { name: 'a zero byte', given: '{ me { id \u0000 } }', expect: 'limits/syntax' },
  {
    name: 'half a surrogate pair',
    given: '{ me(id: "\ud800") { id } }',
    expect: 'admit/body-malformed',
  },
];

const boundMs = 2_000;

describe('in the obvious gateway', () => {
  it('a cycle is a fault where the depth limit was put in', async () => {
    // It prints what it could not deal with.
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const gateway = obvious({ upstreams, plugins: [useDepthLimit({ maxDepth: 10 })] });
    expect((await gateway.query(cycle)).status).toBe(500);
    printed.mockRestore();
  });

  it('10,000 aliases are answered', async () => {
    const { body } = await obvious({ upstreams }).query(aliases(10_000));
    expect(Object.keys(body.data ?? {})).toHaveLength(10_000);
  });
  // No control for doubling: what it takes there is time, and that proves nothing here.
});

describe('a hostile document', () => {
  it.each(cases)('is refused: $name', async ({ given, limits, expect: reason }) => {
    const gateway = await open(limits);
    const started = performance.now();
    const { status } = await gateway.query(given);
    const elapsedMs = performance.now() - started;
    expect([gateway.records[0]?.refusal?.reason, gateway.records[0]?.faults]).toEqual([reason, []]);
    expect(status).not.toBe(500);
    expect(gateway.requests).toEqual([]);
    expect(elapsedMs).toBeLessThan(boundMs);
  });

  it('the same again and again leaves nothing behind that is run', async () => {
    const gateway = await open();
    for (let round = 0; round < 20; round += 1) await gateway.query(cycle);
    expect(new Set(gateway.records.map((record) => record.refusal?.reason))).toEqual(
      new Set(['limits/fragment-cycle']),
    );
    expect((await gateway.query('{ me { id } }')).body).toEqual({ data: { me: { id: '1' } } });
  });
});

describe('a document at its limits', () => {
  const allowed = [
    { name: 'the deepest', given: nested(defaultLimits.depth - 2) },
    { name: '500 aliases', given: `{ me { ${many(500, (index) => `a${index}: id`)} } }` },
    { name: 'an operation named __proto__', given: 'query __proto__ { me { id } }' },
    {
      name: 'one fragment spread 300 times',
      given: `{ me { ${many(300, () => '...A')} } } fragment A on Employee { id }`,
    },
    { name: 'type names', given: `{ ${many(300, () => '__typename')} me { id } }` },
  ];
  it.each(allowed)('is answered in bounded time: $name', async ({ given }) => {
    const gateway = await open({ aliases: 500, height: 1_000 });
    const started = performance.now();
    const { status, body } = await gateway.query(given);
    const elapsedMs = performance.now() - started;
    expect([status, body.data?.me === undefined]).toEqual([200, false]);
    expect(gateway.records[0]?.refusal).toBeUndefined();
    expect(elapsedMs).toBeLessThan(boundMs);
  });
});

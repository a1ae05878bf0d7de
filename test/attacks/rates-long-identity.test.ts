/**
 * A name that takes longer to be told apart than a thousand sign-ins: normalising sorts marks that
 * follow one another, in time that grows with the square of their number. A hundred kilobytes of
 * them once held the process for three seconds, and once more for each alias.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

let ran = 0;
const sdl = /* GraphQL */ `
  type Query { me: ID }
  type Mutation { login(email: String, phones: [String]): Boolean }
`;
const login = () => {
  ran += 1;
  return true;
};
const rules = `
version: 1
rules: [{ name: open, fields: { Query: [me], Mutation: [login] }, allow: everyone }]
`;
const rates = `
version: 1
rates:
  - { name: email, fields: { Mutation: [login] }, per: args.email, limit: 5, window: 1m }
  - { name: phones, fields: { Mutation: [login] }, per: args.phones, limit: 50, window: 1m }
`;
const gateway = () =>
  testGateway({ upstreams: { accounts: played(sdl, { login }) }, rules, rates });

const aliases = Array.from({ length: 20 }, (_, at) => `a${at}: login(email: $e, phones: $p)`);
const query = `mutation ($e: String, $p: [String]) { ${aliases.join(' ')} }`;
const marks = `a${'\u0315'.repeat(20_000)}${'\u0300'.repeat(20_000)}`;

/** Signs of all texts that were normalised, and the longest row of marks among them. */
function spyOnWork() {
  const spy = vi.spyOn(String.prototype, 'normalize');
  return () => {
    const texts = spy.mock.contexts.map(String);
    const rows = texts.flatMap((text) => text.match(/[\p{M}\uff9e\uff9f]+/gu) ?? []);
    return {
      signs: texts.reduce((sum, { length }) => sum + length, 0),
      row: Math.max(0, ...rows.map(({ length }) => length)),
    };
  };
}

afterEach(() => {
  vi.restoreAllMocks();
  ran = 0;
});

describe('a body full of marks', () => {
  it.each([
    { name: 'in one text', variables: { e: marks } },
    { name: 'in a list of texts', variables: { p: marks.match(/.{1,1000}/gsu) } },
    {
      name: 'as letters that become marks',
      variables: { e: `\u30ab${'\u0315\uff9e'.repeat(400)}` },
    },
    {
      name: 'as letters that become many',
      variables: { p: Array(30).fill('\ufdfa'.repeat(1_000)) },
    },
  ])('$name is not normalised at length', async ({ variables }) => {
    const work = spyOnWork();
    const { status } = await (await gateway()).query(query, { variables });
    const { signs, row } = work();
    expect(status).toBe(429);
    expect(row).toBeLessThan(100);
    expect(signs).toBeLessThan(20 * 100_000);
    expect(ran).toBe(0);
  });
});

describe('a body full of what nobody sees', () => {
  it('is looked through once, and not again for each alias', async () => {
    const { query: ask } = await gateway();
    const spy = vi.spyOn(String.prototype, 'replace');
    const e = `a${'\u200b'.repeat(20_000)}`;
    const { status } = await ask(query, { variables: { e } });
    const looked = spy.mock.contexts.filter((text) => String(text) === e);
    expect(status).toBe(429);
    expect(looked).toHaveLength(1);
    expect(ran).toBe(0);
  });
});

it('a long list is put into one spelling once, and not again for each alias', async () => {
  const { query: ask } = await gateway();
  const many = Array.from({ length: 20 }, (_, at) => `a${at}: login(phones: $p)`);
  const p = Array.from({ length: 6_000 }, (_, at) => `p${at}`);
  const spy = vi.spyOn(JSON, 'stringify');
  const { status } = await ask(`mutation ($p: [String]) { ${many.join(' ')} }`, {
    variables: { p },
  });
  const written = spy.mock.calls.filter(([list]) => Array.isArray(list) && list.length === 6_000);
  expect(status).toBe(429);
  expect(written).toHaveLength(1);
  expect(ran).toBe(0);
});

describe('names that are too long', () => {
  it('share one bucket, whatever they say', async () => {
    const { query: ask } = await gateway();
    const one = 'mutation ($e: String) { login(email: $e) }';
    const statuses: number[] = [];
    for (let at = 0; at < 6; at += 1) {
      const e = String.fromCharCode(97 + at).repeat(2_000);
      statuses.push((await ask(one, { variables: { e } })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect(ran).toBe(5);
  });
});
